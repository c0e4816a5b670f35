-- What of the client's address a hit's site lets be stored; client_address then holds the address, its network, a hash below 100::/64 or
-- nothing. Older rows read as 'full', which they are. Cost on a big table: none, no part is rewritten.
ALTER TABLE {db}.hits
    ADD COLUMN IF NOT EXISTS address_form Enum8('full' = 0, 'truncated' = 1, 'hashed' = 2, 'none' = 3) AFTER cache;

ALTER TABLE {db}.hits_to_hourly
    ADD COLUMN IF NOT EXISTS address_form Enum8('full' = 0, 'truncated' = 1, 'hashed' = 2, 'none' = 3) AFTER cache;

ALTER TABLE {db}.hits_to_crawler_fetches
    ADD COLUMN IF NOT EXISTS address_form Enum8('full' = 0, 'truncated' = 1, 'hashed' = 2, 'none' = 3) AFTER cache;

ALTER TABLE {db}.hits_from_hourly
    ADD COLUMN IF NOT EXISTS address_form Enum8('full' = 0, 'truncated' = 1, 'hashed' = 2, 'none' = 3) AFTER cache;
