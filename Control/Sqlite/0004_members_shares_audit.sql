-- Who signs in to an organisation (a tenant), the links that show one of its sites to strangers, and who changed what. Costs nothing on a big
-- store: one column with a constant default, and empty tables.
ALTER TABLE tenants ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- Invited by e-mail; issuer and subject are what the OpenID Connect provider calls the person who signed in with it.
CREATE TABLE members
(
    id            TEXT NOT NULL PRIMARY KEY,
    tenant        TEXT NOT NULL REFERENCES tenants (id),
    email         TEXT NOT NULL,
    role          TEXT NOT NULL,
    issuer        TEXT,
    subject       TEXT,
    created_ms    INTEGER NOT NULL,
    signed_in_ms  INTEGER,
    UNIQUE (tenant, email),
    UNIQUE (issuer, subject, tenant)
) WITHOUT ROWID;

CREATE INDEX members_by_email ON members (email);

-- A link's token is never kept: only its SHA-256. It holds 260 random bits, so a slow hash would protect nothing more.
CREATE TABLE shares
(
    id          TEXT NOT NULL PRIMARY KEY,
    hash        BLOB NOT NULL UNIQUE,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    site        TEXT NOT NULL,
    name        TEXT NOT NULL,
    created_ms  INTEGER NOT NULL,
    expires_ms  INTEGER,
    revoked_ms  INTEGER
) WITHOUT ROWID;

CREATE INDEX shares_by_site ON shares (tenant, site, id);

-- Never altered; deleted by age alone. AUTOINCREMENT: an id is a place in the list, and none is given twice.
CREATE TABLE audit
(
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    time_ms     INTEGER NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    address     TEXT,
    action      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    detail      TEXT NOT NULL
);

CREATE INDEX audit_by_tenant ON audit (tenant, id);
CREATE INDEX audit_by_time ON audit (time_ms);
