-- What pages say, so that queries can be linked to them by their words: the newest title and main text of each page, a row a page after a merge
-- and in every query with FINAL. At most some 8 KB of text a row, a third of that on disk. time is that of the fetch, by which retention deletes; inserted_at
-- is what readers follow. Cost on a big table: none, it is a new one.
CREATE TABLE IF NOT EXISTS {db}.page_texts
(
    time        DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    site        LowCardinality(String),
    host        LowCardinality(String),
    path        String CODEC(ZSTD(1)),
    title       String CODEC(ZSTD(3)),
    text        String CODEC(ZSTD(3)),
    hash        UInt64 CODEC(ZSTD(1)),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    INDEX by_arrival inserted_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(time)
ORDER BY (site, host, path)
SETTINGS non_replicated_deduplication_window = 1000;
