-- Scans of one tenant on one engine are a lane: it says how many may be under way, once overload has lowered that. Costs on a large table: each index is made once.
CREATE TABLE scan_lanes
(
    tenant      text COLLATE "C" NOT NULL,
    engine      text COLLATE "C" NOT NULL,
    -- How many may be leased at a time; null while the number of due scans decides.
    ceiling     bigint,
    -- Scans completed since the ceiling was changed.
    passed      bigint NOT NULL DEFAULT 0,
    changed_ms  bigint NOT NULL,
    reason      text COLLATE "C",
    PRIMARY KEY (tenant, engine)
);

-- Leases are counted by lane, and every lease asks lane by lane: no index over all engines is needed.
DROP INDEX scans_ready;
CREATE INDEX scans_held ON scans (tenant, engine) WHERE state = 'leased';

-- In place of one index of all states, which each step of a scan would have to be taken out of and put into again.
DROP INDEX scans_by_state;
CREATE INDEX scans_by_tenant ON scans (tenant, id);
CREATE INDEX scans_open_by_tenant ON scans (tenant, id) WHERE state IN ('waiting', 'ready', 'leased');
CREATE INDEX scans_dead_by_tenant ON scans (tenant, id) WHERE state = 'dead';

-- Every scan is written four times. With the usual share of a fifth, the place of its dead rows would come back too late, and the head of the queue's index be full of them.
ALTER TABLE scans SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE targets SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
