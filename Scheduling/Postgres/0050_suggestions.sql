-- Links that were suggested by the words of pages, and suggestions that were refused. Cost on a big table: the added column is a constant, the index of queries
-- is made once, by which they are gone through brand by brand.
ALTER TABLE target_pages ADD COLUMN source text COLLATE "C" NOT NULL DEFAULT 'written';

CREATE TABLE rejected_pages
(
    query_id     bigint NOT NULL REFERENCES brand_queries (id) ON DELETE CASCADE,
    site         text COLLATE "C" NOT NULL,
    path         text COLLATE "C" NOT NULL,
    rejected_ms  bigint NOT NULL,
    PRIMARY KEY (query_id, site, path)
);

CREATE INDEX brand_queries_by_brand ON brand_queries (brand_id, id);
