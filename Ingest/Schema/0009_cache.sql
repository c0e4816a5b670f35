-- What the edge's response cache did with a request. Older rows read as 'none'. Cost on a big table: none, no part is rewritten.
ALTER TABLE {db}.hits
    ADD COLUMN IF NOT EXISTS cache Enum8('none' = 0, 'hit' = 1, 'miss' = 2, 'revalidated' = 3, 'stale' = 4, 'bypass' = 5) AFTER edge_us;

ALTER TABLE {db}.hits_to_hourly
    ADD COLUMN IF NOT EXISTS cache Enum8('none' = 0, 'hit' = 1, 'miss' = 2, 'revalidated' = 3, 'stale' = 4, 'bypass' = 5) AFTER edge_us;

ALTER TABLE {db}.hits_to_crawler_fetches
    ADD COLUMN IF NOT EXISTS cache Enum8('none' = 0, 'hit' = 1, 'miss' = 2, 'revalidated' = 3, 'stale' = 4, 'bypass' = 5) AFTER edge_us;

ALTER TABLE {db}.hits_from_hourly
    ADD COLUMN IF NOT EXISTS cache Enum8('none' = 0, 'hit' = 1, 'miss' = 2, 'revalidated' = 3, 'stale' = 4, 'bypass' = 5) AFTER edge_us;
