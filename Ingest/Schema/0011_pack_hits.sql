-- Columns packed as measured (bench/reports/store.md): dictionaries for texts that repeat, and ZSTD where the default LZ4 was. Nothing is
-- copied and nothing waits: hits are written and read while ClickHouse rewrites path, user_agent and referrer of older parts in the
-- background (some minutes for 100 million hits; a kill lets it go on at the next start). Other columns of older parts change with their next merge.
ALTER TABLE {db}.hits
    MODIFY COLUMN time            DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN path            LowCardinality(String) CODEC(ZSTD(3)),
    MODIFY COLUMN user_agent      LowCardinality(String) CODEC(ZSTD(1)),
    MODIFY COLUMN referrer        LowCardinality(String) CODEC(ZSTD(1)),
    MODIFY COLUMN site            CODEC(ZSTD(1)),
    MODIFY COLUMN source          CODEC(ZSTD(1)),
    MODIFY COLUMN method          CODEC(ZSTD(1)),
    MODIFY COLUMN host            CODEC(ZSTD(1)),
    MODIFY COLUMN http_version    CODEC(ZSTD(1)),
    MODIFY COLUMN status          CODEC(ZSTD(1)),
    MODIFY COLUMN error           CODEC(ZSTD(1)),
    MODIFY COLUMN kind            CODEC(ZSTD(1)),
    MODIFY COLUMN crawler         CODEC(ZSTD(1)),
    MODIFY COLUMN operator        CODEC(ZSTD(1)),
    MODIFY COLUMN purpose         CODEC(ZSTD(1)),
    MODIFY COLUMN identity        CODEC(ZSTD(1)),
    MODIFY COLUMN identity_method CODEC(ZSTD(1)),
    MODIFY COLUMN range_list      CODEC(ZSTD(1)),
    MODIFY COLUMN score           CODEC(ZSTD(1)),
    MODIFY COLUMN confidence      CODEC(ZSTD(1)),
    MODIFY COLUMN reasons         CODEC(ZSTD(1)),
    MODIFY COLUMN referral_class  CODEC(ZSTD(1)),
    MODIFY COLUMN referral_source CODEC(ZSTD(1)),
    MODIFY COLUMN policy_rule     CODEC(ZSTD(1)),
    MODIFY COLUMN policy_action   CODEC(ZSTD(1)),
    MODIFY COLUMN dry_run_rule    CODEC(ZSTD(1)),
    MODIFY COLUMN dry_run_action  CODEC(ZSTD(1)),
    MODIFY COLUMN country         CODEC(ZSTD(1)),
    MODIFY COLUMN asn             CODEC(ZSTD(1)),
    MODIFY COLUMN cache           CODEC(ZSTD(1))
SETTINGS alter_sync = 0;

ALTER TABLE {db}.hits_hourly
    MODIFY COLUMN site            CODEC(ZSTD(1)),
    MODIFY COLUMN hour            CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN kind            CODEC(ZSTD(1)),
    MODIFY COLUMN crawler         CODEC(ZSTD(1)),
    MODIFY COLUMN operator        CODEC(ZSTD(1)),
    MODIFY COLUMN purpose         CODEC(ZSTD(1)),
    MODIFY COLUMN identity        CODEC(ZSTD(1)),
    MODIFY COLUMN status          CODEC(ZSTD(1)),
    MODIFY COLUMN referral_class  CODEC(ZSTD(1)),
    MODIFY COLUMN referral_source CODEC(ZSTD(1)),
    MODIFY COLUMN hits            CODEC(ZSTD(1)),
    MODIFY COLUMN bytes_sent      CODEC(ZSTD(1)),
    MODIFY COLUMN first_seen      CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN last_seen       CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN clients         CODEC(ZSTD(1)),
    MODIFY COLUMN ids_sum         CODEC(ZSTD(1))
SETTINGS alter_sync = 0;
