-- What is watched, what says that it may have changed, and the work that follows. Times are milliseconds since 1970 UTC.
CREATE TABLE brands
(
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant  text COLLATE "C" NOT NULL REFERENCES tenants (id),
    name    text COLLATE "C" NOT NULL,
    UNIQUE (tenant, name)
);

CREATE TABLE brand_queries
(
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id  bigint NOT NULL REFERENCES brands (id) ON DELETE CASCADE,
    text      text COLLATE "C" NOT NULL,
    UNIQUE (brand_id, text)
);

CREATE TABLE targets
(
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant        text COLLATE "C" NOT NULL REFERENCES tenants (id),
    query_id      bigint NOT NULL REFERENCES brand_queries (id) ON DELETE CASCADE,
    engine        text COLLATE "C" NOT NULL,
    created_ms    bigint NOT NULL,
    last_scan_ms  bigint,
    last_result   text COLLATE "C",
    UNIQUE (query_id, engine)
);

CREATE INDEX targets_by_tenant ON targets (tenant, id);

CREATE TABLE target_pages
(
    target_id  bigint NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    site       text COLLATE "C" NOT NULL,
    pattern    text COLLATE "C" NOT NULL,
    weight     double precision NOT NULL,
    PRIMARY KEY (target_id, site, pattern)
);

-- One row a kind of thing that readers keep in memory; it rises with every change, so that they know when to read again.
CREATE TABLE versions
(
    name     text COLLATE "C" NOT NULL PRIMARY KEY,
    version  bigint NOT NULL
);

INSERT INTO versions (name, version) VALUES ('targets', 0);

-- How far each reader of another store has come.
CREATE TABLE reader_positions
(
    name         text COLLATE "C" NOT NULL PRIMARY KEY,
    position_ms  bigint NOT NULL
);

-- A hit that feeds two engines is two triggers. The unique key is what makes reading a hit twice harmless.
CREATE TABLE triggers
(
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant       text COLLATE "C" NOT NULL REFERENCES tenants (id),
    kind         text COLLATE "C" NOT NULL,
    site         text COLLATE "C" NOT NULL,
    at_ms        bigint NOT NULL,
    hit_id       bigint NOT NULL,
    path         text COLLATE "C" NOT NULL,
    crawler      text COLLATE "C" NOT NULL,
    identity     text COLLATE "C" NOT NULL,
    engine       text COLLATE "C" NOT NULL,
    weight       double precision NOT NULL,
    delay_ms     bigint NOT NULL,
    recorded_ms  bigint NOT NULL,
    UNIQUE (site, at_ms, hit_id, engine)
);

CREATE INDEX triggers_by_tenant ON triggers (tenant, id);

CREATE TABLE scans
(
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant           text COLLATE "C" NOT NULL,
    target_id        bigint NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    engine           text COLLATE "C" NOT NULL,
    -- waiting: not due yet. ready: due. Kept apart so that a lease reads the best ready scan from an index, however many wait.
    state            text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'ready', 'leased', 'done', 'dead')),
    priority         double precision NOT NULL,
    due_ms           bigint NOT NULL,
    attempts         bigint NOT NULL DEFAULT 0,
    fencing_token    bigint NOT NULL DEFAULT 0,
    lease_until_ms   bigint,
    leased_ms        bigint,
    worker           text COLLATE "C",
    trigger_count    bigint NOT NULL DEFAULT 0,
    lead_trigger_id  bigint REFERENCES triggers (id),
    lead_weight      double precision NOT NULL DEFAULT 0,
    reason           text COLLATE "C",
    created_ms       bigint NOT NULL,
    finished_ms      bigint
);

CREATE UNIQUE INDEX scans_open ON scans (target_id) WHERE state IN ('waiting', 'ready', 'leased');
CREATE INDEX scans_waiting ON scans (due_ms) WHERE state = 'waiting';
CREATE INDEX scans_ready ON scans (tenant, priority DESC, due_ms, id) WHERE state = 'ready';
CREATE INDEX scans_ready_by_engine ON scans (tenant, engine, priority DESC, due_ms, id) WHERE state = 'ready';
CREATE INDEX scans_leased ON scans (lease_until_ms) WHERE state = 'leased';
CREATE INDEX scans_by_state ON scans (tenant, state, id);
CREATE INDEX scans_by_target ON scans (target_id, id);

-- Which targets a trigger speaks of, and the scan that it is listed on; none yet while it waits for the next one.
CREATE TABLE trigger_targets
(
    target_id   bigint NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    trigger_id  bigint NOT NULL REFERENCES triggers (id) ON DELETE CASCADE,
    weight      double precision NOT NULL,
    scan_id     bigint REFERENCES scans (id) ON DELETE SET NULL,
    PRIMARY KEY (target_id, trigger_id)
);

CREATE INDEX trigger_targets_unplanned ON trigger_targets (target_id, trigger_id) WHERE scan_id IS NULL;
CREATE INDEX trigger_targets_by_scan ON trigger_targets (scan_id, trigger_id);
CREATE INDEX trigger_targets_by_trigger ON trigger_targets (trigger_id);

CREATE TABLE results
(
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text COLLATE "C" NOT NULL,
    target_id  bigint NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    scan_id    bigint NOT NULL UNIQUE,
    at_ms      bigint NOT NULL,
    result     text COLLATE "C" NOT NULL CHECK (result IN ('cited', 'gap', 'lost_citation')),
    changed    bigint,
    evidence   text COLLATE "C",
    worker     text COLLATE "C" NOT NULL
);

CREATE INDEX results_by_target ON results (target_id, id);
