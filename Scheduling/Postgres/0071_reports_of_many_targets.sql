-- Reports of many targets: brands of a tenant in pages, and the few results that found a change or a lost citation. Costs on a large table: each index is made once; those of results
-- hold a small part of them.
CREATE INDEX brands_by_tenant ON brands (tenant, id);
CREATE INDEX results_changed ON results (tenant, id) WHERE changed = 1;
CREATE INDEX results_lost ON results (tenant, id) WHERE result = 'lost_citation';
