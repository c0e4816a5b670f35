-- Sign-ins of the dashboard, so that a restart signs nobody out and programs behind a balancer know each other's. A cookie is never kept: only
-- its SHA-256. Whose a session is, is looked up at each request, so a session outlives neither its key nor its member. Costs nothing: an empty table.
CREATE TABLE sessions
(
    hash        bytea NOT NULL PRIMARY KEY,
    owner_kind  text COLLATE "C" NOT NULL CHECK (owner_kind IN ('key', 'member')),
    owner_id    text COLLATE "C" NOT NULL,
    began_ms    bigint NOT NULL,
    until_ms    bigint NOT NULL
);

CREATE INDEX sessions_by_owner ON sessions (owner_kind, owner_id, until_ms);
CREATE INDEX sessions_by_end ON sessions (until_ms);
