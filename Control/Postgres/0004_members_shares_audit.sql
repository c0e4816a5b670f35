-- Who signs in to an organisation (a tenant), the links that show one of its sites to strangers, and who changed what. Costs nothing on a big
-- store: one column with a constant default, and empty tables.
ALTER TABLE tenants ADD COLUMN name text COLLATE "C" NOT NULL DEFAULT '';

-- Invited by e-mail; issuer and subject are what the OpenID Connect provider calls the person who signed in with it.
CREATE TABLE members
(
    id            text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant        text COLLATE "C" NOT NULL REFERENCES tenants (id),
    email         text COLLATE "C" NOT NULL,
    role          text COLLATE "C" NOT NULL,
    issuer        text COLLATE "C",
    subject       text COLLATE "C",
    created_ms    bigint NOT NULL,
    signed_in_ms  bigint,
    UNIQUE (tenant, email),
    UNIQUE (issuer, subject, tenant)
);

CREATE INDEX members_by_email ON members (email);

-- A link's token is never kept: only its SHA-256. It holds 260 random bits, so a slow hash would protect nothing more.
CREATE TABLE shares
(
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    hash        bytea NOT NULL UNIQUE,
    tenant      text COLLATE "C" NOT NULL REFERENCES tenants (id),
    site        text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    created_ms  bigint NOT NULL,
    expires_ms  bigint,
    revoked_ms  bigint
);

CREATE INDEX shares_by_site ON shares (tenant, site, id);

-- Never altered; deleted by age alone. An id is a place in the list, and none is given twice.
CREATE TABLE audit
(
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text COLLATE "C" NOT NULL,
    time_ms     bigint NOT NULL,
    actor_kind  text COLLATE "C" NOT NULL,
    actor_id    text COLLATE "C" NOT NULL,
    actor_name  text COLLATE "C" NOT NULL,
    address     text COLLATE "C",
    action      text COLLATE "C" NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    detail      text COLLATE "C" NOT NULL
);

CREATE INDEX audit_by_tenant ON audit (tenant, id);
CREATE INDEX audit_by_time ON audit (time_ms);
