-- What was deleted, when, by whom and how much of it: a row for each table of a deletion. It never says whose address it was.
CREATE TABLE IF NOT EXISTS {db}.deletions
(
    deletion      String,
    at            DateTime64(3, 'UTC'),
    made_by       String,
    subject       Enum8('site' = 1, 'address' = 2, 'address-of-site' = 3, 'retention' = 4),
    site          LowCardinality(String),
    stored_in     LowCardinality(String),
    rows_before   UInt64,
    rows_deleted  UInt64,
    rows_after    UInt64,
    is_complete   Bool
)
ENGINE = MergeTree
ORDER BY (at, deletion, stored_in);

-- The rows that a deletion under way is about, so that no statement that ClickHouse keeps names an address; a partition each, dropped at
-- its end. What is left here is a deletion that was killed: the next one finishes it.
CREATE TABLE IF NOT EXISTS {db}.deletion_keys
(
    deletion        String,
    site            LowCardinality(String),
    time            DateTime64(3, 'UTC'),
    hit_id          UInt64,
    client_address  IPv6
)
ENGINE = MergeTree
PARTITION BY deletion
ORDER BY (site, time, hit_id);
