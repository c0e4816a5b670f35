-- What the rules of a site's policy did with a request, and what a rule in dry run would have done. Older rows read as 'none'.
ALTER TABLE {db}.hits
    ADD COLUMN IF NOT EXISTS policy_rule LowCardinality(String) AFTER referral_source,
    ADD COLUMN IF NOT EXISTS policy_action Enum8('none' = 0, 'observe' = 1, 'allow' = 2, 'tag' = 3, 'limit' = 4, 'block' = 5, 'price' = 6,
                                                 'within-limit' = 7) AFTER policy_rule,
    ADD COLUMN IF NOT EXISTS dry_run_rule LowCardinality(String) AFTER policy_action,
    ADD COLUMN IF NOT EXISTS dry_run_action Enum8('none' = 0, 'observe' = 1, 'allow' = 2, 'tag' = 3, 'limit' = 4, 'block' = 5, 'price' = 6,
                                                  'within-limit' = 7) AFTER dry_run_rule;

ALTER TABLE {db}.hits_to_hourly
    ADD COLUMN IF NOT EXISTS policy_rule LowCardinality(String) AFTER referral_source,
    ADD COLUMN IF NOT EXISTS policy_action Enum8('none' = 0, 'observe' = 1, 'allow' = 2, 'tag' = 3, 'limit' = 4, 'block' = 5, 'price' = 6,
                                                 'within-limit' = 7) AFTER policy_rule,
    ADD COLUMN IF NOT EXISTS dry_run_rule LowCardinality(String) AFTER policy_action,
    ADD COLUMN IF NOT EXISTS dry_run_action Enum8('none' = 0, 'observe' = 1, 'allow' = 2, 'tag' = 3, 'limit' = 4, 'block' = 5, 'price' = 6,
                                                  'within-limit' = 7) AFTER dry_run_rule;

ALTER TABLE {db}.hits_to_crawler_fetches
    ADD COLUMN IF NOT EXISTS policy_rule LowCardinality(String) AFTER referral_source,
    ADD COLUMN IF NOT EXISTS policy_action Enum8('none' = 0, 'observe' = 1, 'allow' = 2, 'tag' = 3, 'limit' = 4, 'block' = 5, 'price' = 6,
                                                 'within-limit' = 7) AFTER policy_rule,
    ADD COLUMN IF NOT EXISTS dry_run_rule LowCardinality(String) AFTER policy_action,
    ADD COLUMN IF NOT EXISTS dry_run_action Enum8('none' = 0, 'observe' = 1, 'allow' = 2, 'tag' = 3, 'limit' = 4, 'block' = 5, 'price' = 6,
                                                  'within-limit' = 7) AFTER dry_run_rule;
