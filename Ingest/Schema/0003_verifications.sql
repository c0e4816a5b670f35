-- What was found out about an address after its hits were stored: reverse DNS answers, keys of signatures come. A report joins it by
-- (address, crawler) to the newest row at or before the hit's time plus an hour, which an ASOF join finds in this order. Cost on a big
-- table: none, it begins empty; one row an address and crawler each time it is asked, not one a hit.
CREATE TABLE IF NOT EXISTS {db}.verifications
(
    as_of           DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    client_address  IPv6 CODEC(ZSTD(1)),
    crawler         LowCardinality(String),
    identity        Enum8('not-claimed' = 0, 'verified' = 1, 'spoofed' = 2, 'unverifiable' = 3, 'pending' = 4),
    identity_method Enum8('none' = 0, 'range' = 1, 'reverse-dns' = 2, 'signature' = 3),
    evidence        String CODEC(ZSTD(1)),
    edge            LowCardinality(String),
    inserted_at     DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(as_of)
ORDER BY (crawler, client_address, as_of)
TTL toDateTime(as_of) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;
