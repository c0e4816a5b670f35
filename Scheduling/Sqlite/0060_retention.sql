-- Up to which number each tenant's rows were deleted by age, so that a reader that was away for longer is told. Cost on a big table: one index over the scans that a trigger
-- leads, by which a trigger's deletion finds out that no scan names it.
CREATE TABLE retention
(
    name        TEXT NOT NULL,
    tenant      TEXT NOT NULL,
    deleted_id  INTEGER NOT NULL,
    PRIMARY KEY (name, tenant)
) WITHOUT ROWID;

CREATE INDEX scans_by_lead ON scans (lead_trigger_id) WHERE lead_trigger_id IS NOT NULL;
