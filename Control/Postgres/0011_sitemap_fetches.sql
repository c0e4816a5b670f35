-- Where a site's sitemap is fetched from, whether daily, and what came of it the last time. Its site may be one that only the store of hits knows.
-- Costs nothing: an empty table.
CREATE TABLE sitemap_fetches
(
    site        text COLLATE "C" NOT NULL PRIMARY KEY,
    url         text COLLATE "C" NOT NULL,
    is_daily    bigint NOT NULL,
    due_ms      bigint NOT NULL,
    asked_ms    bigint NOT NULL,
    fetched_ms  bigint NOT NULL,
    files       bigint NOT NULL,
    pages       bigint NOT NULL,
    error       text COLLATE "C" NOT NULL
);

CREATE INDEX sitemap_fetches_due ON sitemap_fetches (due_ms) WHERE is_daily = 1;
