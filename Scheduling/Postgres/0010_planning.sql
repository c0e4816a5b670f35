-- Budgets, and what the planner knows. Cost on a big table: the added columns are constants, the indexes are small but results_by_time, which is built over all results.
CREATE TABLE scan_plans
(
    tenant         text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id),
    policy         text COLLATE "C" NOT NULL,
    scans_per_day  double precision,
    share          double precision,
    costs          text COLLATE "C" NOT NULL,
    changed_ms     bigint NOT NULL
);

INSERT INTO versions (name, version) VALUES ('plans', 0);

-- One row: who plans, until when, and how far planning has come. The token makes a late planner harmless.
CREATE TABLE planner
(
    id          bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    holder      text COLLATE "C" NOT NULL,
    token       bigint NOT NULL,
    until_ms    bigint NOT NULL,
    trigger_id  bigint NOT NULL,
    results_ms  bigint NOT NULL,
    learned     text COLLATE "C"
);

INSERT INTO planner (id, holder, token, until_ms, trigger_id, results_ms) VALUES (1, '', 0, 0, 0, 0);

CREATE TABLE planner_tenants
(
    tenant           text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    tokens           double precision NOT NULL,
    price            double precision NOT NULL,
    as_of_ms         bigint NOT NULL,
    targets          bigint NOT NULL,
    never_scanned    bigint NOT NULL,
    unknown_beliefs  bigint NOT NULL,
    late_ticks       bigint NOT NULL
);

-- belief: some 100 bytes in base64, so that one statement writes a thousand. Score and time stand beside it for whoever reads targets.
CREATE TABLE target_beliefs
(
    target_id   bigint NOT NULL PRIMARY KEY REFERENCES targets (id) ON DELETE CASCADE,
    belief      text COLLATE "C" NOT NULL,
    volatility  double precision NOT NULL,
    due_ms      bigint,
    changed_ms  bigint NOT NULL
);

ALTER TABLE scans ADD COLUMN decision text COLLATE "C";

-- 0: planned. 1: somebody asked for it, and the budget has not paid yet. 2: it has.
ALTER TABLE scans ADD COLUMN is_requested bigint NOT NULL DEFAULT 0;

CREATE INDEX scans_requested ON scans (id) WHERE is_requested = 1;
CREATE INDEX scans_dead ON scans (finished_ms) WHERE state = 'dead';
CREATE INDEX results_by_time ON results (at_ms, id);
