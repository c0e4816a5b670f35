-- Where programs that sign send a tenant's events. What they send is known again by its webhook-id, which is the event's key.
CREATE TABLE inbound_endpoints
(
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    name        TEXT NOT NULL,
    secret      TEXT NOT NULL,
    created_ms  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX inbound_endpoints_by_tenant ON inbound_endpoints (tenant, id);
