-- Where programs that sign send a tenant's events. What they send is known again by its webhook-id, which is the event's key.
CREATE TABLE inbound_endpoints
(
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant      text COLLATE "C" NOT NULL REFERENCES tenants (id),
    name        text COLLATE "C" NOT NULL,
    secret      text COLLATE "C" NOT NULL,
    created_ms  bigint NOT NULL
);

CREATE INDEX inbound_endpoints_by_tenant ON inbound_endpoints (tenant, id);
