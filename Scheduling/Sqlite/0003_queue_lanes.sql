-- Scans of one tenant on one engine are a lane: it says how many may be under way, once overload has lowered that. Costs on a large table: each index is made once.
CREATE TABLE scan_lanes
(
    tenant      TEXT NOT NULL,
    engine      TEXT NOT NULL,
    -- How many may be leased at a time; null while the number of due scans decides.
    ceiling     INTEGER,
    -- Scans completed since the ceiling was changed.
    passed      INTEGER NOT NULL DEFAULT 0,
    changed_ms  INTEGER NOT NULL,
    reason      TEXT,
    PRIMARY KEY (tenant, engine)
) WITHOUT ROWID;

-- Leases are counted by lane, and every lease asks lane by lane: no index over all engines is needed.
DROP INDEX scans_ready;
CREATE INDEX scans_held ON scans (tenant, engine) WHERE state = 'leased';

-- In place of one index of all states, which each step of a scan would have to be taken out of and put into again.
DROP INDEX scans_by_state;
CREATE INDEX scans_by_tenant ON scans (tenant, id);
CREATE INDEX scans_open_by_tenant ON scans (tenant, id) WHERE state IN ('waiting', 'ready', 'leased');
CREATE INDEX scans_dead_by_tenant ON scans (tenant, id) WHERE state = 'dead';
