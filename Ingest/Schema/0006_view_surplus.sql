-- A server that is killed between keeping a view's block and noting its token takes the batch a second time into that view, when it is sent
-- again. What is inserted here is taken from the hourly counts, which wrap as unsigned numbers do; first and last times and clients hold
-- the batch as before. Cost on a big table: none.
CREATE TABLE IF NOT EXISTS {db}.hits_from_hourly AS {db}.hits ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.hits_from_hourly_view TO {db}.hits_hourly AS
SELECT site, toStartOfHour(time) AS hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source,
       toUInt64(0 - count()) AS hits, toUInt64(0 - sum(bytes_sent)) AS bytes_sent, min(time) AS first_seen, max(time) AS last_seen,
       uniqState(client_address) AS clients, toUInt64(0 - sum(hit_id)) AS ids_sum
FROM {db}.hits_from_hourly
GROUP BY site, hour, kind, crawler, operator, purpose, identity, status, referral_class, referral_source;
