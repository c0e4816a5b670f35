-- Certificates for edges that poll them. One count of versions over all; who changes one raises it first. A removed one is gone: pollers
-- list all names. Private keys are sealed (AES-256-GCM) with a key that is never in here.
INSERT INTO control_versions (name, last) VALUES ('certificates', 0);

CREATE TABLE certificates
(
    name        TEXT NOT NULL PRIMARY KEY,
    chain       TEXT NOT NULL,
    sealed_key  BLOB NOT NULL,
    version     INTEGER NOT NULL,
    changed_ms  INTEGER NOT NULL
) WITHOUT ROWID;
