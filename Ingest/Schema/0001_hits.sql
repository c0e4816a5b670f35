-- The table of hits and what is derived from it while rows arrive. {db} is the database of the settings.
CREATE TABLE IF NOT EXISTS {db}.hits
(
    time            DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    site            LowCardinality(String),
    hit_id          UInt64 CODEC(Delta, ZSTD(1)),
    source          Enum8('edge' = 1, 'import' = 2),
    client_address  IPv6 CODEC(ZSTD(1)),
    method          LowCardinality(String),
    host            LowCardinality(String),
    path            String CODEC(ZSTD(1)),
    query           String CODEC(ZSTD(1)),
    http_version    UInt8,
    status          UInt16,
    bytes_sent      UInt64 CODEC(T64, ZSTD(1)),
    duration_us     UInt32 CODEC(T64, ZSTD(1)),
    user_agent      String CODEC(ZSTD(1)),
    referrer        String CODEC(ZSTD(1)),
    error           LowCardinality(String),
    kind            Enum8('unknown' = 0, 'crawler' = 1, 'automation' = 2, 'likely-human' = 3),
    crawler         LowCardinality(String),
    operator        LowCardinality(String),
    purpose         Enum8('none' = 0, 'ai-training' = 1, 'ai-search' = 2, 'ai-user' = 3, 'ai-agent' = 4, 'search' = 5, 'seo' = 6,
                          'monitoring' = 7, 'social-preview' = 8, 'feed' = 9, 'archive' = 10, 'security' = 11,
                          'scraper-library' = 12, 'advertising' = 13, 'other' = 14),
    identity        Enum8('not-claimed' = 0, 'verified' = 1, 'spoofed' = 2, 'unverifiable' = 3, 'pending' = 4),
    identity_method Enum8('none' = 0, 'range' = 1, 'reverse-dns' = 2, 'signature' = 3),
    range_list      LowCardinality(String),
    score           UInt8,
    confidence      Float32,
    reasons         UInt64,
    referral_class  Enum8('none' = 0, 'ai' = 1, 'search' = 2, 'social' = 3, 'other' = 4),
    referral_source LowCardinality(String),
    inserted_at     DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, hit_id)
SETTINGS non_replicated_deduplication_window = 10000;

-- Counts by hour; every chart over days reads this.
CREATE TABLE IF NOT EXISTS {db}.hits_hourly
(
    site            LowCardinality(String),
    hour            DateTime('UTC'),
    kind            Enum8('unknown' = 0, 'crawler' = 1, 'automation' = 2, 'likely-human' = 3),
    crawler         LowCardinality(String),
    operator        LowCardinality(String),
    purpose         Enum8('none' = 0, 'ai-training' = 1, 'ai-search' = 2, 'ai-user' = 3, 'ai-agent' = 4, 'search' = 5, 'seo' = 6,
                          'monitoring' = 7, 'social-preview' = 8, 'feed' = 9, 'archive' = 10, 'security' = 11,
                          'scraper-library' = 12, 'advertising' = 13, 'other' = 14),
    identity        Enum8('not-claimed' = 0, 'verified' = 1, 'spoofed' = 2, 'unverifiable' = 3, 'pending' = 4),
    status          UInt16,
    referral_class  Enum8('none' = 0, 'ai' = 1, 'search' = 2, 'social' = 3, 'other' = 4),
    referral_source LowCardinality(String),
    hits            SimpleAggregateFunction(sum, UInt64),
    bytes_sent      SimpleAggregateFunction(sum, UInt64),
    first_seen      SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_seen       SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    clients         AggregateFunction(uniq, IPv6)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (site, hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.hits_hourly_view TO {db}.hits_hourly AS
SELECT site, toStartOfHour(time) AS hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source,
       count() AS hits, sum(bytes_sent) AS bytes_sent, min(time) AS first_seen, max(time) AS last_seen,
       uniqState(client_address) AS clients
FROM {db}.hits
GROUP BY site, hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source;

-- Crawler fetches at the edge in the order of their arrival in the store, so that the trigger reader can follow a watermark.
CREATE TABLE IF NOT EXISTS {db}.crawler_fetches
(
    inserted_at     DateTime64(3, 'UTC'),
    time            DateTime64(3, 'UTC'),
    site            LowCardinality(String),
    hit_id          UInt64,
    method          LowCardinality(String),
    host            LowCardinality(String),
    path            String,
    status          UInt16,
    crawler         LowCardinality(String),
    operator        LowCardinality(String),
    purpose         LowCardinality(String),
    identity        LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (inserted_at, site, hit_id)
TTL toDateTime(inserted_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.crawler_fetches_view TO {db}.crawler_fetches AS
SELECT inserted_at, time, site, hit_id, method, host, path, status, crawler, operator, toString(purpose) AS purpose,
       toString(identity) AS identity
FROM {db}.hits
WHERE kind = 'crawler' AND source = 'edge';

-- Hits that will never be stored, by reason; site is empty when it is not known.
CREATE TABLE IF NOT EXISTS {db}.losses
(
    time            DateTime64(3, 'UTC'),
    edge            LowCardinality(String),
    site            LowCardinality(String),
    reason          LowCardinality(String),
    count           UInt64
)
ENGINE = MergeTree
ORDER BY (site, time)
SETTINGS non_replicated_deduplication_window = 1000;

-- What each writer says of itself: every hit before complete_until is stored or counted as lost.
CREATE TABLE IF NOT EXISTS {db}.writers
(
    edge            String,
    reported_at     DateTime64(3, 'UTC'),
    complete_until  DateTime64(3, 'UTC'),
    is_stopped      Bool,
    hits_waiting    UInt64,
    lost            UInt64
)
ENGINE = ReplacingMergeTree(reported_at)
ORDER BY edge;
