-- Imports too large to be answered at once: how far each has come, and what was wrong with its rows. Cost on a big table: none, they are new.
CREATE TABLE target_imports
(
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT NOT NULL REFERENCES tenants (id),
    -- The only sites that its sender may link, as a JSON list; null for all.
    sites          TEXT,
    default_site   TEXT,
    -- The upload waits in a file of the machine that took it, and that machine reads it.
    machine        TEXT NOT NULL,
    spool          TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    last_line      INTEGER NOT NULL DEFAULT 0,
    rows_read      INTEGER NOT NULL DEFAULT 0,
    created_count  INTEGER NOT NULL DEFAULT 0,
    linked         INTEGER NOT NULL DEFAULT 0,
    unchanged      INTEGER NOT NULL DEFAULT 0,
    rejected       INTEGER NOT NULL DEFAULT 0,
    why            TEXT,
    created_ms     INTEGER NOT NULL,
    started_ms     INTEGER,
    finished_ms    INTEGER
);

CREATE INDEX target_imports_by_tenant ON target_imports (tenant, id);
CREATE INDEX target_imports_open ON target_imports (id) WHERE state IN ('waiting', 'running');

CREATE TABLE target_import_errors
(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    import_id  INTEGER NOT NULL REFERENCES target_imports (id) ON DELETE CASCADE,
    line       INTEGER NOT NULL,
    field      TEXT NOT NULL,
    error      TEXT NOT NULL
);

CREATE INDEX target_import_errors_by_import ON target_import_errors (import_id, id);
