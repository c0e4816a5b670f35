-- Up to which number each tenant's rows were deleted by age, so that a reader that was away for longer is told. Cost on a big table: one index over the scans that a trigger
-- leads, by which a trigger's deletion finds out that no scan names it.
CREATE TABLE retention
(
    name        text COLLATE "C" NOT NULL,
    tenant      text COLLATE "C" NOT NULL,
    deleted_id  bigint NOT NULL,
    PRIMARY KEY (name, tenant)
);

CREATE INDEX scans_by_lead ON scans (lead_trigger_id) WHERE lead_trigger_id IS NOT NULL;
