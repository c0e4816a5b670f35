-- Who uses this installation, which websites they have, and the keys that open the API. Times are milliseconds since 1970 UTC.
CREATE TABLE tenants
(
    id          TEXT NOT NULL PRIMARY KEY,
    created_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sites
(
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    name        TEXT NOT NULL,
    created_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX sites_by_tenant ON sites (tenant, id);

-- The key itself is never kept: only its SHA-256. A key holds 260 random bits, so a slow hash would protect nothing more.
CREATE TABLE api_keys
(
    id            TEXT NOT NULL PRIMARY KEY,
    hash          BLOB NOT NULL,
    tenant        TEXT NOT NULL REFERENCES tenants (id),
    name          TEXT NOT NULL,
    scopes        TEXT NOT NULL,
    sites         TEXT,
    created_ms    INTEGER NOT NULL,
    expires_ms    INTEGER,
    last_used_ms  INTEGER,
    revoked_ms    INTEGER
) WITHOUT ROWID;

CREATE INDEX api_keys_by_tenant ON api_keys (tenant, created_ms);
