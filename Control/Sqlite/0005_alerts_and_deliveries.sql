-- Messages that leave the program, and the alerts that make them. A destination is where an owner's messages go: a webhook with its secret,
-- mail addresses, or a chat's URL. It is named by its owner's kind and id, so that others than alerts may have some.
CREATE TABLE destinations
(
    id        TEXT NOT NULL PRIMARY KEY,
    owner     TEXT NOT NULL,
    place     INTEGER NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('webhook', 'email', 'slack')),
    address   TEXT NOT NULL,
    secret    TEXT NOT NULL,
    is_gone   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX destinations_by_owner ON destinations (owner, place);

-- A message to one destination, until it is delivered or given up. Its id is what receivers know it by: the same at every attempt.
CREATE TABLE deliveries
(
    id           TEXT NOT NULL PRIMARY KEY,
    destination  TEXT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    owner        TEXT NOT NULL,
    type         TEXT NOT NULL,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    json         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    due_ms       INTEGER NOT NULL,
    lease_ms     INTEGER NOT NULL DEFAULT 0,
    created_ms   INTEGER NOT NULL,
    finished_ms  INTEGER
) WITHOUT ROWID;

CREATE INDEX deliveries_waiting ON deliveries (due_ms) WHERE state = 'waiting';
CREATE INDEX deliveries_by_owner ON deliveries (owner, created_ms, id);
CREATE INDEX deliveries_by_destination ON deliveries (destination);
CREATE INDEX deliveries_finished ON deliveries (finished_ms) WHERE state <> 'waiting';

CREATE TABLE delivery_attempts
(
    delivery     TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    status       INTEGER NOT NULL,
    duration_ms  INTEGER NOT NULL,
    error        TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

-- A rule of a site. Its site may be one that only the store of hits knows.
CREATE TABLE alerts
(
    id           TEXT NOT NULL PRIMARY KEY,
    site         TEXT NOT NULL,
    name         TEXT NOT NULL,
    rule         TEXT NOT NULL,
    manner       TEXT NOT NULL,
    is_enabled   INTEGER NOT NULL,
    created_ms   INTEGER NOT NULL,
    changed_ms   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX alerts_by_site ON alerts (site, id);

-- What an alert found of one subject (a crawler, or nothing where the site is the subject), so that a restart neither repeats nor forgets.
CREATE TABLE alert_states
(
    alert      TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    subject    TEXT NOT NULL,
    is_firing  INTEGER NOT NULL,
    since_ms   INTEGER NOT NULL,
    sent_ms    INTEGER NOT NULL,
    is_sent    INTEGER NOT NULL,
    summary    TEXT NOT NULL,
    PRIMARY KEY (alert, subject)
) WITHOUT ROWID;
