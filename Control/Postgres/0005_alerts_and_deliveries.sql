-- Messages that leave the program, and the alerts that make them. A destination is where an owner's messages go: a webhook with its secret,
-- mail addresses, or a chat's URL. It is named by its owner's kind and id, so that others than alerts may have some.
CREATE TABLE destinations
(
    id        text COLLATE "C" NOT NULL PRIMARY KEY,
    owner     text COLLATE "C" NOT NULL,
    place     bigint NOT NULL,
    kind      text COLLATE "C" NOT NULL CHECK (kind IN ('webhook', 'email', 'slack')),
    address   text COLLATE "C" NOT NULL,
    secret    text COLLATE "C" NOT NULL,
    is_gone   bigint NOT NULL DEFAULT 0
);

CREATE INDEX destinations_by_owner ON destinations (owner, place);

-- A message to one destination, until it is delivered or given up. Its id is what receivers know it by: the same at every attempt.
CREATE TABLE deliveries
(
    id           text COLLATE "C" NOT NULL PRIMARY KEY,
    destination  text COLLATE "C" NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
    owner        text COLLATE "C" NOT NULL,
    type         text COLLATE "C" NOT NULL,
    title        text COLLATE "C" NOT NULL,
    body         text COLLATE "C" NOT NULL,
    json         text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts     bigint NOT NULL DEFAULT 0,
    due_ms       bigint NOT NULL,
    lease_ms     bigint NOT NULL DEFAULT 0,
    created_ms   bigint NOT NULL,
    finished_ms  bigint
);

CREATE INDEX deliveries_waiting ON deliveries (due_ms) WHERE state = 'waiting';
CREATE INDEX deliveries_by_owner ON deliveries (owner, created_ms, id);
CREATE INDEX deliveries_by_destination ON deliveries (destination);
CREATE INDEX deliveries_finished ON deliveries (finished_ms) WHERE state <> 'waiting';

CREATE TABLE delivery_attempts
(
    delivery     text COLLATE "C" NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number       bigint NOT NULL,
    at_ms        bigint NOT NULL,
    status       bigint NOT NULL,
    duration_ms  bigint NOT NULL,
    error        text COLLATE "C" NOT NULL,
    PRIMARY KEY (delivery, number)
);

-- A rule of a site. Its site may be one that only the store of hits knows.
CREATE TABLE alerts
(
    id           text COLLATE "C" NOT NULL PRIMARY KEY,
    site         text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    rule         text COLLATE "C" NOT NULL,
    manner       text COLLATE "C" NOT NULL,
    is_enabled   bigint NOT NULL,
    created_ms   bigint NOT NULL,
    changed_ms   bigint NOT NULL
);

CREATE INDEX alerts_by_site ON alerts (site, id);

-- What an alert found of one subject (a crawler, or nothing where the site is the subject), so that a restart neither repeats nor forgets.
CREATE TABLE alert_states
(
    alert      text COLLATE "C" NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    subject    text COLLATE "C" NOT NULL,
    is_firing  bigint NOT NULL,
    since_ms   bigint NOT NULL,
    sent_ms    bigint NOT NULL,
    is_sent    bigint NOT NULL,
    summary    text COLLATE "C" NOT NULL,
    PRIMARY KEY (alert, subject)
);
