-- Whom a tenant wants told of what. Where a webhook's messages go is a destination of its owner 'webhook/<id>'.
CREATE TABLE webhooks
(
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant      text COLLATE "C" NOT NULL REFERENCES tenants (id),
    name        text COLLATE "C" NOT NULL,
    is_enabled  bigint NOT NULL,
    created_ms  bigint NOT NULL,
    changed_ms  bigint NOT NULL
);

CREATE INDEX webhooks_by_tenant ON webhooks (tenant, id);

CREATE TABLE webhook_events
(
    tenant      text COLLATE "C" NOT NULL,
    type        text COLLATE "C" NOT NULL,
    webhook     text COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    is_enabled  bigint NOT NULL,
    PRIMARY KEY (tenant, type, webhook)
);

CREATE INDEX webhook_events_by_webhook ON webhook_events (webhook);

-- What happened and is not told yet. The tables fill it themselves, in the transaction that changes them: whoever records a trigger or a result
-- cannot forget to tell, and neither a kill nor another program comes between. Nothing is written where nobody wants it.
CREATE TABLE outbox
(
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant   text COLLATE "C" NOT NULL,
    type     text COLLATE "C" NOT NULL,
    subject  bigint NOT NULL
);

-- One statement, however many rows: results and triggers come in batches.
CREATE FUNCTION tell_triggers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (tenant, type, subject)
    SELECT a.tenant, 'trigger.created', a.id FROM added a
    WHERE EXISTS (SELECT 1 FROM webhook_events w WHERE w.tenant = a.tenant AND w.type = 'trigger.created' AND w.is_enabled = 1)
    ORDER BY a.id;
    RETURN NULL;
END $$;

CREATE TRIGGER tell_triggers AFTER INSERT ON triggers REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_triggers();

CREATE FUNCTION tell_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (tenant, type, subject)
    SELECT a.tenant, e.type, a.id FROM added a JOIN (VALUES ('scan.completed'), ('target.changed')) AS e (type) ON e.type = 'scan.completed' OR a.changed = 1
    WHERE EXISTS (SELECT 1 FROM webhook_events w WHERE w.tenant = a.tenant AND w.type = e.type AND w.is_enabled = 1)
    ORDER BY a.id;
    RETURN NULL;
END $$;

CREATE TRIGGER tell_results AFTER INSERT ON results REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_results();

CREATE FUNCTION tell_dead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (tenant, type, subject)
    SELECT NEW.tenant, 'scan.dead', NEW.id
    WHERE EXISTS (SELECT 1 FROM webhook_events w WHERE w.tenant = NEW.tenant AND w.type = 'scan.dead' AND w.is_enabled = 1);
    RETURN NULL;
END $$;

-- For each row, since scans change all the time and hardly ever die: the condition is asked before any function is called.
CREATE TRIGGER tell_dead AFTER UPDATE OF state ON scans FOR EACH ROW WHEN (NEW.state = 'dead' AND OLD.state <> 'dead') EXECUTE FUNCTION tell_dead();
