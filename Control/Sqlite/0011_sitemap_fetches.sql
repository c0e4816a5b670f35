-- Where a site's sitemap is fetched from, whether daily, and what came of it the last time. Its site may be one that only the store of hits knows.
-- Costs nothing: an empty table.
CREATE TABLE sitemap_fetches
(
    site        TEXT NOT NULL PRIMARY KEY,
    url         TEXT NOT NULL,
    is_daily    INTEGER NOT NULL,
    due_ms      INTEGER NOT NULL,
    asked_ms    INTEGER NOT NULL,
    fetched_ms  INTEGER NOT NULL,
    files       INTEGER NOT NULL,
    pages       INTEGER NOT NULL,
    error       TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX sitemap_fetches_due ON sitemap_fetches (due_ms) WHERE is_daily = 1;
