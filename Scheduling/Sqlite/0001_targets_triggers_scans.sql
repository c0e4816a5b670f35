-- What is watched, what says that it may have changed, and the work that follows. Times are milliseconds since 1970 UTC.
CREATE TABLE brands
(
    id      INTEGER PRIMARY KEY,
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    name    TEXT NOT NULL,
    UNIQUE (tenant, name)
);

CREATE TABLE brand_queries
(
    id        INTEGER PRIMARY KEY,
    brand_id  INTEGER NOT NULL REFERENCES brands (id) ON DELETE CASCADE,
    text      TEXT NOT NULL,
    UNIQUE (brand_id, text)
);

CREATE TABLE targets
(
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant        TEXT NOT NULL REFERENCES tenants (id),
    query_id      INTEGER NOT NULL REFERENCES brand_queries (id) ON DELETE CASCADE,
    engine        TEXT NOT NULL,
    created_ms    INTEGER NOT NULL,
    last_scan_ms  INTEGER,
    last_result   TEXT,
    UNIQUE (query_id, engine)
);

CREATE INDEX targets_by_tenant ON targets (tenant, id);

CREATE TABLE target_pages
(
    target_id  INTEGER NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    site       TEXT NOT NULL,
    pattern    TEXT NOT NULL,
    weight     REAL NOT NULL,
    PRIMARY KEY (target_id, site, pattern)
) WITHOUT ROWID;

-- One row a kind of thing that readers keep in memory; it rises with every change, so that they know when to read again.
CREATE TABLE versions
(
    name     TEXT NOT NULL PRIMARY KEY,
    version  INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO versions (name, version) VALUES ('targets', 0);

-- How far each reader of another store has come.
CREATE TABLE reader_positions
(
    name         TEXT NOT NULL PRIMARY KEY,
    position_ms  INTEGER NOT NULL
) WITHOUT ROWID;

-- A hit that feeds two engines is two triggers. The unique key is what makes reading a hit twice harmless.
CREATE TABLE triggers
(
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL REFERENCES tenants (id),
    kind         TEXT NOT NULL,
    site         TEXT NOT NULL,
    at_ms        INTEGER NOT NULL,
    hit_id       INTEGER NOT NULL,
    path         TEXT NOT NULL,
    crawler      TEXT NOT NULL,
    identity     TEXT NOT NULL,
    engine       TEXT NOT NULL,
    weight       REAL NOT NULL,
    delay_ms     INTEGER NOT NULL,
    recorded_ms  INTEGER NOT NULL,
    UNIQUE (site, at_ms, hit_id, engine)
);

CREATE INDEX triggers_by_tenant ON triggers (tenant, id);

CREATE TABLE scans
(
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant           TEXT NOT NULL,
    target_id        INTEGER NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    engine           TEXT NOT NULL,
    -- waiting: not due yet. ready: due. Kept apart so that a lease reads the best ready scan from an index, however many wait.
    state            TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'leased', 'done', 'dead')),
    priority         REAL NOT NULL,
    due_ms           INTEGER NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    fencing_token    INTEGER NOT NULL DEFAULT 0,
    lease_until_ms   INTEGER,
    leased_ms        INTEGER,
    worker           TEXT,
    trigger_count    INTEGER NOT NULL DEFAULT 0,
    lead_trigger_id  INTEGER REFERENCES triggers (id),
    lead_weight      REAL NOT NULL DEFAULT 0,
    reason           TEXT,
    created_ms       INTEGER NOT NULL,
    finished_ms      INTEGER
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
    target_id   INTEGER NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    trigger_id  INTEGER NOT NULL REFERENCES triggers (id) ON DELETE CASCADE,
    weight      REAL NOT NULL,
    scan_id     INTEGER REFERENCES scans (id) ON DELETE SET NULL,
    PRIMARY KEY (target_id, trigger_id)
) WITHOUT ROWID;

CREATE INDEX trigger_targets_unplanned ON trigger_targets (target_id, trigger_id) WHERE scan_id IS NULL;
CREATE INDEX trigger_targets_by_scan ON trigger_targets (scan_id, trigger_id);
CREATE INDEX trigger_targets_by_trigger ON trigger_targets (trigger_id);

CREATE TABLE results
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant     TEXT NOT NULL,
    target_id  INTEGER NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    scan_id    INTEGER NOT NULL UNIQUE,
    at_ms      INTEGER NOT NULL,
    result     TEXT NOT NULL CHECK (result IN ('cited', 'gap', 'lost_citation')),
    changed    INTEGER,
    evidence   TEXT,
    worker     TEXT NOT NULL
);

CREATE INDEX results_by_target ON results (target_id, id);
