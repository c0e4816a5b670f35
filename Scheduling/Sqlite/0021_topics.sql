-- What queries are about, and which pages are about it: a link of many targets to many pages, kept once. Cost on a big table: none, they are new.
CREATE TABLE topics
(
    id      INTEGER PRIMARY KEY,
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    name    TEXT NOT NULL,
    UNIQUE (tenant, name)
);

CREATE TABLE topic_pages
(
    topic_id  INTEGER NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    site      TEXT NOT NULL,
    pattern   TEXT NOT NULL,
    weight    REAL NOT NULL,
    PRIMARY KEY (topic_id, site, pattern)
) WITHOUT ROWID;

CREATE TABLE query_topics
(
    query_id  INTEGER NOT NULL REFERENCES brand_queries (id) ON DELETE CASCADE,
    topic_id  INTEGER NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    PRIMARY KEY (query_id, topic_id)
) WITHOUT ROWID;

CREATE INDEX query_topics_by_topic ON query_topics (topic_id, query_id);

-- Every page that a target is linked to, by itself or by a topic of its query.
CREATE VIEW target_links AS
SELECT target_id, site, pattern, weight FROM target_pages
UNION ALL
SELECT t.id, p.site, p.pattern, p.weight
FROM targets t JOIN query_topics q ON q.query_id = t.query_id JOIN topic_pages p ON p.topic_id = q.topic_id;
