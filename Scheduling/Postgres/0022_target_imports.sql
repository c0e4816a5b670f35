-- Imports too large to be answered at once: how far each has come, and what was wrong with its rows. Cost on a big table: none, they are new.
CREATE TABLE target_imports
(
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant         text COLLATE "C" NOT NULL REFERENCES tenants (id),
    -- The only sites that its sender may link, as a JSON list; null for all.
    sites          text COLLATE "C",
    default_site   text COLLATE "C",
    -- The upload waits in a file of the machine that took it, and that machine reads it.
    machine        text COLLATE "C" NOT NULL,
    spool          text COLLATE "C" NOT NULL,
    bytes          bigint NOT NULL,
    state          text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    last_line      bigint NOT NULL DEFAULT 0,
    rows_read      bigint NOT NULL DEFAULT 0,
    created_count  bigint NOT NULL DEFAULT 0,
    linked         bigint NOT NULL DEFAULT 0,
    unchanged      bigint NOT NULL DEFAULT 0,
    rejected       bigint NOT NULL DEFAULT 0,
    why            text COLLATE "C",
    created_ms     bigint NOT NULL,
    started_ms     bigint,
    finished_ms    bigint
);

CREATE INDEX target_imports_by_tenant ON target_imports (tenant, id);
CREATE INDEX target_imports_open ON target_imports (id) WHERE state IN ('waiting', 'running');

CREATE TABLE target_import_errors
(
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id  bigint NOT NULL REFERENCES target_imports (id) ON DELETE CASCADE,
    line       bigint NOT NULL,
    field      text COLLATE "C" NOT NULL,
    error      text COLLATE "C" NOT NULL
);

CREATE INDEX target_import_errors_by_import ON target_import_errors (import_id, id);
