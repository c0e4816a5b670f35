-- Whom a tenant wants told of what. Where a webhook's messages go is a destination of its owner 'webhook/<id>'.
CREATE TABLE webhooks
(
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    name        TEXT NOT NULL,
    is_enabled  INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    changed_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX webhooks_by_tenant ON webhooks (tenant, id);

CREATE TABLE webhook_events
(
    tenant      TEXT NOT NULL,
    type        TEXT NOT NULL,
    webhook     TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    is_enabled  INTEGER NOT NULL,
    PRIMARY KEY (tenant, type, webhook)
) WITHOUT ROWID;

CREATE INDEX webhook_events_by_webhook ON webhook_events (webhook);

-- What happened and is not told yet. The tables fill it themselves, in the transaction that changes them: whoever records a trigger or a result
-- cannot forget to tell, and neither a kill nor another program comes between. Nothing is written where nobody wants it.
CREATE TABLE outbox
(
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant   TEXT NOT NULL,
    type     TEXT NOT NULL,
    subject  INTEGER NOT NULL
);

CREATE TRIGGER tell_triggers AFTER INSERT ON triggers
WHEN EXISTS (SELECT 1 FROM webhook_events w WHERE w.tenant = NEW.tenant AND w.type = 'trigger.created' AND w.is_enabled = 1)
BEGIN
    INSERT INTO outbox (tenant, type, subject) VALUES (NEW.tenant, 'trigger.created', NEW.id);
END;

CREATE TRIGGER tell_results AFTER INSERT ON results
WHEN EXISTS (SELECT 1 FROM webhook_events w WHERE w.tenant = NEW.tenant AND w.type = 'scan.completed' AND w.is_enabled = 1)
BEGIN
    INSERT INTO outbox (tenant, type, subject) VALUES (NEW.tenant, 'scan.completed', NEW.id);
END;

CREATE TRIGGER tell_changes AFTER INSERT ON results
WHEN NEW.changed = 1 AND EXISTS (SELECT 1 FROM webhook_events w WHERE w.tenant = NEW.tenant AND w.type = 'target.changed' AND w.is_enabled = 1)
BEGIN
    INSERT INTO outbox (tenant, type, subject) VALUES (NEW.tenant, 'target.changed', NEW.id);
END;

CREATE TRIGGER tell_dead AFTER UPDATE OF state ON scans
WHEN NEW.state = 'dead' AND OLD.state <> 'dead'
    AND EXISTS (SELECT 1 FROM webhook_events w WHERE w.tenant = NEW.tenant AND w.type = 'scan.dead' AND w.is_enabled = 1)
BEGIN
    INSERT INTO outbox (tenant, type, subject) VALUES (NEW.tenant, 'scan.dead', NEW.id);
END;
