-- Certificates for edges that poll them. One count of versions over all; who changes one raises it first. A removed one is gone: pollers
-- list all names. Private keys are sealed (AES-256-GCM) with a key that is never in here.
INSERT INTO control_versions (name, last) VALUES ('certificates', 0);

CREATE TABLE certificates
(
    name        text COLLATE "C" NOT NULL PRIMARY KEY,
    chain       text COLLATE "C" NOT NULL,
    sealed_key  bytea NOT NULL,
    version     bigint NOT NULL,
    changed_ms  bigint NOT NULL
);
