-- What is known of a hit later than it was judged. Two tables beside the hits; the hits themselves are never rewritten.

-- Hits whose identity was open when they were judged: DNS or a key was under way, not asked or silent. Few of all hits, kept apart so that
-- a report need not look through the others for them; verifications say what they turned out to be. A hit that comes in twice is one row,
-- after a merge and in every query, so this table remembers no deduplication tokens: a repeated batch always mends it.
CREATE TABLE IF NOT EXISTS {db}.open_identities
(
    time            DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    site            LowCardinality(String),
    hit_id          UInt64 CODEC(ZSTD(1)),
    client_address  IPv6 CODEC(ZSTD(1)),
    kind            Enum8('unknown' = 0, 'crawler' = 1, 'automation' = 2, 'likely-human' = 3),
    crawler         LowCardinality(String),
    operator        LowCardinality(String),
    purpose         Enum8('none' = 0, 'ai-training' = 1, 'ai-search' = 2, 'ai-user' = 3, 'ai-agent' = 4, 'search' = 5, 'seo' = 6,
                          'monitoring' = 7, 'social-preview' = 8, 'feed' = 9, 'archive' = 10, 'security' = 11,
                          'scraper-library' = 12, 'advertising' = 13, 'other' = 14),
    identity        Enum8('not-claimed' = 0, 'verified' = 1, 'spoofed' = 2, 'unverifiable' = 3, 'pending' = 4),
    identity_method Enum8('none' = 0, 'range' = 1, 'reverse-dns' = 2, 'signature' = 3)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, hit_id);

-- Bits 33 and 39 of the reasons: reverse DNS was not asked, or gave no answer.
CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.open_identities_view TO {db}.open_identities AS
SELECT time, site, hit_id, client_address, kind, crawler, operator, purpose, identity, identity_method
FROM {db}.hits
WHERE crawler != '' AND (identity = 'pending' OR (identity = 'unverifiable' AND bitAnd(reasons, 558345748480) != 0));

-- Those that are stored already; again after a crash they are the same rows. Cost on a big table: one scan of three small columns, some
-- seconds for a hundred million hits.
INSERT INTO {db}.open_identities
SELECT time, site, hit_id, client_address, kind, crawler, operator, purpose, identity, identity_method
FROM {db}.hits
WHERE crawler != '' AND (identity = 'pending' OR (identity = 'unverifiable' AND bitAnd(reasons, 558345748480) != 0));

-- Runs of weir reclassify: what they cover, how far they are, and whether queries see them. The newest row of a run counts.
CREATE TABLE IF NOT EXISTS {db}.reclassify_runs
(
    run         UInt32,
    state       Enum8('begun' = 1, 'applied' = 2, 'dropped' = 3),
    sites       String,
    from_time   DateTime64(3, 'UTC'),
    to_time     DateTime64(3, 'UTC'),
    catalog     String,
    knowledge   String,
    hits        UInt64,
    changed     UInt64,
    done_site   String,
    done_time   DateTime64(3, 'UTC'),
    done_id     UInt64,
    begun_at    DateTime64(3, 'UTC'),
    updated_at  DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY run;

-- Hits that a run judges otherwise than they were, with both verdicts. A partition a run, so that one is dropped whole.
CREATE TABLE IF NOT EXISTS {db}.reclassified
(
    run                 UInt32,
    site                LowCardinality(String),
    time                DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    hit_id              UInt64 CODEC(ZSTD(1)),
    was_kind            Enum8('unknown' = 0, 'crawler' = 1, 'automation' = 2, 'likely-human' = 3),
    was_crawler         LowCardinality(String),
    was_operator        LowCardinality(String),
    was_purpose         Enum8('none' = 0, 'ai-training' = 1, 'ai-search' = 2, 'ai-user' = 3, 'ai-agent' = 4, 'search' = 5, 'seo' = 6,
                              'monitoring' = 7, 'social-preview' = 8, 'feed' = 9, 'archive' = 10, 'security' = 11,
                              'scraper-library' = 12, 'advertising' = 13, 'other' = 14),
    was_identity        Enum8('not-claimed' = 0, 'verified' = 1, 'spoofed' = 2, 'unverifiable' = 3, 'pending' = 4),
    was_referral_class  Enum8('none' = 0, 'ai' = 1, 'search' = 2, 'social' = 3, 'other' = 4),
    was_referral_source LowCardinality(String),
    kind                Enum8('unknown' = 0, 'crawler' = 1, 'automation' = 2, 'likely-human' = 3),
    crawler             LowCardinality(String),
    operator            LowCardinality(String),
    purpose             Enum8('none' = 0, 'ai-training' = 1, 'ai-search' = 2, 'ai-user' = 3, 'ai-agent' = 4, 'search' = 5, 'seo' = 6,
                              'monitoring' = 7, 'social-preview' = 8, 'feed' = 9, 'archive' = 10, 'security' = 11,
                              'scraper-library' = 12, 'advertising' = 13, 'other' = 14),
    identity            Enum8('not-claimed' = 0, 'verified' = 1, 'spoofed' = 2, 'unverifiable' = 3, 'pending' = 4),
    identity_method     Enum8('none' = 0, 'range' = 1, 'reverse-dns' = 2, 'signature' = 3),
    range_list          LowCardinality(String),
    score               UInt8,
    confidence          Float32,
    reasons             UInt64,
    referral_class      Enum8('none' = 0, 'ai' = 1, 'search' = 2, 'social' = 3, 'other' = 4),
    referral_source     LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY run
ORDER BY (site, time, hit_id);
