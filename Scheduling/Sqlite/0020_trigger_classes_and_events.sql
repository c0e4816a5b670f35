-- What kind of fact each trigger is, and facts that come from outside the hits. Cost on a big table: the added columns are constants, the index is built anew.
CREATE TABLE events
(
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL REFERENCES tenants (id),
    -- The sender's own, so that an event sent twice is one.
    event_key    TEXT NOT NULL,
    kind         TEXT NOT NULL,
    strength     TEXT NOT NULL,
    at_ms        INTEGER NOT NULL,
    aim          TEXT NOT NULL,
    note         TEXT,
    recorded_ms  INTEGER NOT NULL,
    UNIQUE (tenant, event_key)
);

ALTER TABLE triggers ADD COLUMN class TEXT NOT NULL DEFAULT 'crawl-changed';
ALTER TABLE triggers ADD COLUMN content TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE triggers ADD COLUMN event_id INTEGER REFERENCES events (id);

CREATE INDEX triggers_by_event ON triggers (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX triggers_by_age ON triggers (recorded_ms);

-- 1: it makes no scan due by itself. Kept beside the link, so that the planner looks at none of them.
ALTER TABLE trigger_targets ADD COLUMN is_weak INTEGER NOT NULL DEFAULT 0;

DROP INDEX trigger_targets_unplanned;
CREATE INDEX trigger_targets_unplanned ON trigger_targets (target_id, trigger_id) WHERE scan_id IS NULL AND is_weak = 0;
