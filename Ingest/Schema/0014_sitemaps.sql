-- Which pages a site says that it has, so that those which no crawler fetched can be named. A sitemap is its row here and the pages that were
-- loaded then or later: the row is written last, so that a sitemap is seen whole or as the one before. Cost on a big table: none, they are new.
CREATE TABLE IF NOT EXISTS {db}.sitemaps
(
    site      LowCardinality(String),
    loaded_at DateTime64(3, 'UTC'),
    pages     UInt64,
    is_added  Bool
)
ENGINE = MergeTree
ORDER BY (site, loaded_at);

-- A page that comes again replaces its row, after a merge and in every query.
CREATE TABLE IF NOT EXISTS {db}.sitemap_pages
(
    site          LowCardinality(String),
    host          LowCardinality(String),
    path          String CODEC(ZSTD(3)),
    query         String CODEC(ZSTD(1)),
    last_modified DateTime('UTC'),
    loaded_at     DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(loaded_at)
ORDER BY (site, path, query, host);
