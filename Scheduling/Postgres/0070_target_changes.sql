-- What happened to targets, for programs that keep them in memory: who reads on behind its last number need not read all of them again. New targets are not in it: their numbers
-- rise. Cost on a big table: none, it is new. Its oldest rows are forgotten; versions says up to which.
CREATE TABLE target_changes
(
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant   text COLLATE "C" NOT NULL,
    -- removed: the target is gone. linked: other pages bear on it. topic: the topic has other pages. unlinked: some topic is gone, and nobody can say whose.
    kind     text COLLATE "C" NOT NULL,
    subject  bigint NOT NULL
);

INSERT INTO versions (name, version) VALUES ('target_changes', 0);

-- Targets also go with their query or brand.
CREATE FUNCTION note_removed_targets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO target_changes (tenant, kind, subject) SELECT r.tenant, 'removed', r.id FROM removed r ORDER BY r.id;
    RETURN NULL;
END $$;

CREATE TRIGGER note_removed_targets AFTER DELETE ON targets REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION note_removed_targets();
