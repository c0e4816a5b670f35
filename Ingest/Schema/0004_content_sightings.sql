-- What crawlers saw of pages: one row a fetch whose HTML the edge read. Whether a text is new for a crawler follows from hash and simhash of
-- its last sighting; the two columns of change say what the edge knew at once. Cost on a big table: none, it is a new one.
CREATE TABLE IF NOT EXISTS {db}.content_sightings
(
    time               DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    site               LowCardinality(String),
    hit_id             UInt64 CODEC(ZSTD(1)),
    host               LowCardinality(String),
    path               String CODEC(ZSTD(1)),
    query              String CODEC(ZSTD(1)),
    crawler            LowCardinality(String),
    identity           Enum8('not-claimed' = 0, 'verified' = 1, 'spoofed' = 2, 'unverifiable' = 3, 'pending' = 4),
    hash               UInt64 CODEC(ZSTD(1)),
    simhash            UInt64 CODEC(ZSTD(1)),
    words              UInt32 CODEC(T64, ZSTD(1)),
    change_for_crawler Enum8('first-seen' = 0, 'same' = 1, 'boilerplate' = 2, 'text' = 3),
    change_for_anyone  Enum8('first-seen' = 0, 'same' = 1, 'boilerplate' = 2, 'text' = 3),
    indicators         UInt8,
    inserted_at        DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, host, path, time, hit_id)
SETTINGS non_replicated_deduplication_window = 10000;
