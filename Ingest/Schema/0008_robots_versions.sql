-- What sites served as robots.txt: a row each time a host's file differs from the one before, so that a fetch is judged by the file of its
-- day. hash is SHA-256 in hex, empty for no file (404, 410). Without a TTL: hits outlive edits. Cost on a big table: none, it is a new one;
-- a row an edit, not one a fetch.
CREATE TABLE IF NOT EXISTS {db}.robots_versions
(
    time        DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    site        LowCardinality(String),
    host        LowCardinality(String),
    status      UInt16,
    mode        Enum8('pass' = 0, 'managed' = 1, 'merged' = 2),
    hash        String CODEC(ZSTD(1)),
    text        String CODEC(ZSTD(3)),
    edge        LowCardinality(String),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (site, host, time)
SETTINGS non_replicated_deduplication_window = 1000;
