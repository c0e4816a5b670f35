-- Reports read a tenant's results by time, and list them newest first. Costs on a large table: each index is made once.
CREATE INDEX results_by_tenant ON results (tenant, id);
CREATE INDEX results_by_tenant_time ON results (tenant, at_ms);
