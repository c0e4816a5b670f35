-- Sites defined in the store, for edges that poll them. One count of versions over all sites; whoever changes one raises it first, so that
-- versions are seen in their order. A removed site keeps its row without json: an edge that was away must learn of it.
CREATE TABLE control_versions
(
    name  TEXT NOT NULL PRIMARY KEY,
    last  INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO control_versions (name, last) VALUES ('sites', 0);

CREATE TABLE site_definitions
(
    site        TEXT NOT NULL PRIMARY KEY REFERENCES sites (id),
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    json        TEXT,
    version     INTEGER NOT NULL,
    changed_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE UNIQUE INDEX site_definitions_by_version ON site_definitions (version);
CREATE INDEX site_definitions_by_tenant ON site_definitions (tenant, site);

-- A host belongs to one site, whoever writes at the same time.
CREATE TABLE site_hosts
(
    host  TEXT NOT NULL PRIMARY KEY,
    site  TEXT NOT NULL REFERENCES site_definitions (site)
) WITHOUT ROWID;

CREATE INDEX site_hosts_by_site ON site_hosts (site);

-- Who changed what; written with each change and never altered.
CREATE TABLE site_changes
(
    version     INTEGER NOT NULL PRIMARY KEY,
    site        TEXT NOT NULL,
    tenant      TEXT NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    json        TEXT,
    changed_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX site_changes_by_tenant ON site_changes (tenant, version);
CREATE INDEX site_changes_by_site ON site_changes (site, version);
