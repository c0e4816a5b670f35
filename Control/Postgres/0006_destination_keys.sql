-- What a webhook is signed with beside its secret: the secret before it while a change is under way, and a key of its own for signatures that
-- receivers check with a public key.
ALTER TABLE destinations ADD COLUMN old_secret text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE destinations ADD COLUMN old_until_ms bigint NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN signing_key text COLLATE "C" NOT NULL DEFAULT '';
