-- Sites defined in the store, for edges that poll them. One count of versions over all sites; whoever changes one raises it first, so that
-- versions are seen in their order. A removed site keeps its row without json: an edge that was away must learn of it.
CREATE TABLE control_versions
(
    name  text COLLATE "C" NOT NULL PRIMARY KEY,
    last  bigint NOT NULL
);

INSERT INTO control_versions (name, last) VALUES ('sites', 0);

CREATE TABLE site_definitions
(
    site        text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES sites (id),
    tenant      text COLLATE "C" NOT NULL REFERENCES tenants (id),
    json        text COLLATE "C",
    version     bigint NOT NULL,
    changed_ms  bigint NOT NULL
);

CREATE UNIQUE INDEX site_definitions_by_version ON site_definitions (version);
CREATE INDEX site_definitions_by_tenant ON site_definitions (tenant, site);

-- A host belongs to one site, whoever writes at the same time.
CREATE TABLE site_hosts
(
    host  text COLLATE "C" NOT NULL PRIMARY KEY,
    site  text COLLATE "C" NOT NULL REFERENCES site_definitions (site)
);

CREATE INDEX site_hosts_by_site ON site_hosts (site);

-- Who changed what; written with each change and never altered.
CREATE TABLE site_changes
(
    version     bigint NOT NULL PRIMARY KEY,
    site        text COLLATE "C" NOT NULL,
    tenant      text COLLATE "C" NOT NULL,
    actor       text COLLATE "C" NOT NULL,
    action      text COLLATE "C" NOT NULL,
    json        text COLLATE "C",
    changed_ms  bigint NOT NULL
);

CREATE INDEX site_changes_by_tenant ON site_changes (tenant, version);
CREATE INDEX site_changes_by_site ON site_changes (site, version);
