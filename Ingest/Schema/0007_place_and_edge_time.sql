-- Where the client is (two letters of ISO 3166, empty when unknown), its network's number, and how long the edge took for itself. Cost on a
-- big table: none, older rows read as unknown.
ALTER TABLE {db}.hits
    ADD COLUMN IF NOT EXISTS country LowCardinality(String) AFTER dry_run_action,
    ADD COLUMN IF NOT EXISTS asn UInt32 CODEC(T64, ZSTD(1)) AFTER country,
    ADD COLUMN IF NOT EXISTS edge_us UInt32 CODEC(T64, ZSTD(1)) AFTER asn;

ALTER TABLE {db}.hits_to_hourly
    ADD COLUMN IF NOT EXISTS country LowCardinality(String) AFTER dry_run_action,
    ADD COLUMN IF NOT EXISTS asn UInt32 CODEC(T64, ZSTD(1)) AFTER country,
    ADD COLUMN IF NOT EXISTS edge_us UInt32 CODEC(T64, ZSTD(1)) AFTER asn;

ALTER TABLE {db}.hits_to_crawler_fetches
    ADD COLUMN IF NOT EXISTS country LowCardinality(String) AFTER dry_run_action,
    ADD COLUMN IF NOT EXISTS asn UInt32 CODEC(T64, ZSTD(1)) AFTER country,
    ADD COLUMN IF NOT EXISTS edge_us UInt32 CODEC(T64, ZSTD(1)) AFTER asn;

ALTER TABLE {db}.hits_from_hourly
    ADD COLUMN IF NOT EXISTS country LowCardinality(String) AFTER dry_run_action,
    ADD COLUMN IF NOT EXISTS asn UInt32 CODEC(T64, ZSTD(1)) AFTER country,
    ADD COLUMN IF NOT EXISTS edge_us UInt32 CODEC(T64, ZSTD(1)) AFTER asn;
