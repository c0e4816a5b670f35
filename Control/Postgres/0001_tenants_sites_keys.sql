-- Who uses this installation, which websites they have, and the keys that open the API. Times are milliseconds since 1970 UTC. Texts are compared by their bytes, as SQLite compares them.
CREATE TABLE tenants
(
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    created_ms  bigint NOT NULL
);

CREATE TABLE sites
(
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant      text COLLATE "C" NOT NULL REFERENCES tenants (id),
    name        text COLLATE "C" NOT NULL,
    created_ms  bigint NOT NULL
);

CREATE INDEX sites_by_tenant ON sites (tenant, id);

-- The key itself is never kept: only its SHA-256. A key holds 260 random bits, so a slow hash would protect nothing more.
CREATE TABLE api_keys
(
    id            text COLLATE "C" NOT NULL PRIMARY KEY,
    hash          bytea NOT NULL,
    tenant        text COLLATE "C" NOT NULL REFERENCES tenants (id),
    name          text COLLATE "C" NOT NULL,
    scopes        text COLLATE "C" NOT NULL,
    sites         text COLLATE "C",
    created_ms    bigint NOT NULL,
    expires_ms    bigint,
    last_used_ms  bigint,
    revoked_ms    bigint
);

CREATE INDEX api_keys_by_tenant ON api_keys (tenant, created_ms);
