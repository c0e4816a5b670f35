-- Budgets, and what the planner knows. Cost on a big table: the added columns are constants, the indexes are small but results_by_time, which is built over all results.
CREATE TABLE scan_plans
(
    tenant         TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    policy         TEXT NOT NULL,
    scans_per_day  REAL,
    share          REAL,
    costs          TEXT NOT NULL,
    changed_ms     INTEGER NOT NULL
);

INSERT INTO versions (name, version) VALUES ('plans', 0);

-- One row: who plans, until when, and how far planning has come. The token makes a late planner harmless.
CREATE TABLE planner
(
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    holder      TEXT NOT NULL,
    token       INTEGER NOT NULL,
    until_ms    INTEGER NOT NULL,
    trigger_id  INTEGER NOT NULL,
    results_ms  INTEGER NOT NULL,
    learned     TEXT
);

INSERT INTO planner (id, holder, token, until_ms, trigger_id, results_ms) VALUES (1, '', 0, 0, 0, 0);

CREATE TABLE planner_tenants
(
    tenant           TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    tokens           REAL NOT NULL,
    price            REAL NOT NULL,
    as_of_ms         INTEGER NOT NULL,
    targets          INTEGER NOT NULL,
    never_scanned    INTEGER NOT NULL,
    unknown_beliefs  INTEGER NOT NULL,
    late_ticks       INTEGER NOT NULL
);

-- belief: some 100 bytes in base64, so that one statement writes a thousand. Score and time stand beside it for whoever reads targets.
CREATE TABLE target_beliefs
(
    target_id   INTEGER NOT NULL PRIMARY KEY REFERENCES targets (id) ON DELETE CASCADE,
    belief      TEXT NOT NULL,
    volatility  REAL NOT NULL,
    due_ms      INTEGER,
    changed_ms  INTEGER NOT NULL
);

ALTER TABLE scans ADD COLUMN decision TEXT;

-- 0: planned. 1: somebody asked for it, and the budget has not paid yet. 2: it has.
ALTER TABLE scans ADD COLUMN is_requested INTEGER NOT NULL DEFAULT 0;

CREATE INDEX scans_requested ON scans (id) WHERE is_requested = 1;
CREATE INDEX scans_dead ON scans (finished_ms) WHERE state = 'dead';
CREATE INDEX results_by_time ON results (at_ms, id);
