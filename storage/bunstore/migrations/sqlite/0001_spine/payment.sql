CREATE TABLE payment_intents (
  id             TEXT NOT NULL PRIMARY KEY,
  number         TEXT NOT NULL UNIQUE,
  group_id       TEXT NOT NULL,
  member         TEXT NOT NULL,
  guest          TEXT NOT NULL,
  quote          TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('open', 'reserving', 'reserved', 'processing', 'authorized',
                   'captured', 'partially_refunded', 'refunded', 'canceling', 'canceled', 'failed')),
  currency       TEXT NOT NULL,
  payable_minor  INTEGER NOT NULL CHECK (payable_minor >= 0),
  refunded_minor INTEGER NOT NULL CHECK (refunded_minor BETWEEN 0 AND payable_minor),
  tenders        TEXT NOT NULL CHECK (json_valid(tenders)),
  pay_by         INTEGER,
  reason         TEXT NOT NULL,
  canceling_at   INTEGER,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  next_at        INTEGER,
  version        INTEGER NOT NULL CHECK (version > 0),
  CHECK (state <> 'refunded' OR refunded_minor = payable_minor),
  CHECK (state <> 'partially_refunded' OR refunded_minor BETWEEN 1 AND payable_minor - 1)
) STRICT;
CREATE INDEX payment_intents_due      ON payment_intents (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX payment_intents_by_group ON payment_intents (group_id, created_at, id);
CREATE INDEX payment_intents_newest   ON payment_intents (created_at, id);
CREATE INDEX payment_intents_by_state ON payment_intents (state, created_at, id);

-- What refunds hold of a capture is written by refunds alone.
CREATE TABLE payment_attempts (
  id              TEXT NOT NULL PRIMARY KEY,
  intent          TEXT NOT NULL,
  number          TEXT NOT NULL UNIQUE,
  seq             INTEGER NOT NULL CHECK (seq > 0),
  gateway         TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('new', 'sent', 'action_required', 'pending', 'authorized', 'unknown',
                    'captured', 'declined', 'closed')),
  currency        TEXT NOT NULL,
  amount_minor    INTEGER NOT NULL CHECK (amount_minor > 0),
  instruction     TEXT NOT NULL CHECK (json_valid(instruction)),
  expires_at      INTEGER,
  provider_ref    TEXT NOT NULL,
  action          TEXT NOT NULL CHECK (json_valid(action)),
  code            TEXT NOT NULL,
  advice          TEXT NOT NULL,
  counted         INTEGER NOT NULL CHECK (counted IN (0, 1) AND (NOT counted OR state = 'captured')),
  late            INTEGER NOT NULL CHECK (late IN (0, 1)),
  conflict        TEXT NOT NULL,
  alerted         INTEGER NOT NULL CHECK (alerted IN (0, 1)),
  evidence        TEXT NOT NULL,
  refunding_minor INTEGER NOT NULL CHECK (refunding_minor >= 0),
  sends           INTEGER NOT NULL CHECK (sends >= 0),
  asks            INTEGER NOT NULL CHECK (asks >= 0),
  created_at      INTEGER NOT NULL,
  sent_at         INTEGER,
  call_by         INTEGER,
  captured_at     INTEGER,
  UNIQUE (intent, seq),
  CHECK (refunding_minor <= CASE WHEN state = 'captured' THEN amount_minor ELSE 0 END),
  CHECK ((state = 'captured') = (captured_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX payment_attempts_counted ON payment_attempts (intent) WHERE counted;

CREATE TABLE payment_refunds (
  id           TEXT NOT NULL PRIMARY KEY,
  number       TEXT NOT NULL UNIQUE,
  intent       TEXT NOT NULL,
  key          TEXT NOT NULL,
  reason       TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('requested', 'sent', 'pending', 'unknown', 'succeeded', 'failed', 'reversed')),
  currency     TEXT NOT NULL,
  amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
  legs         TEXT NOT NULL CHECK (json_valid(legs)),
  manual       INTEGER NOT NULL CHECK (manual IN (0, 1)),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  next_at      INTEGER,
  version      INTEGER NOT NULL CHECK (version > 0),
  UNIQUE (intent, key)
) STRICT;
CREATE INDEX payment_refunds_due ON payment_refunds (next_at, id) WHERE next_at IS NOT NULL;

CREATE TABLE payment_events (
  id           TEXT NOT NULL PRIMARY KEY,
  intent       TEXT NOT NULL,
  about        TEXT NOT NULL CHECK (about IN ('intent', 'attempt', 'refund')),
  object       TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version > 0),
  kind         TEXT NOT NULL CHECK (kind IN ('moved', 'conflict', 'reduced')),
  was          TEXT NOT NULL,
  becomes      TEXT NOT NULL,
  source       TEXT NOT NULL,
  evidence     TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  currency     TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  code         TEXT NOT NULL,
  at           INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_events_by_intent ON payment_events (intent, at, id);

-- The raw body can hold personal data; it is erased by itself.
CREATE TABLE payment_notices (
  id           TEXT NOT NULL PRIMARY KEY,
  gateway      TEXT NOT NULL,
  key          TEXT NOT NULL,
  kind         TEXT NOT NULL,
  number       TEXT NOT NULL,
  says         TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  currency     TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  code         TEXT NOT NULL,
  advice       TEXT NOT NULL,
  raw          BLOB,
  state        TEXT NOT NULL CHECK (state IN ('stored', 'applied', 'conflict', 'orphan')),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  next_at      INTEGER,
  version      INTEGER NOT NULL CHECK (version > 0),
  CHECK ((state = 'stored') = (next_at IS NOT NULL))
) STRICT;
CREATE INDEX payment_notices_due       ON payment_notices (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX payment_notices_newest    ON payment_notices (created_at, id);
CREATE INDEX payment_notices_by_number ON payment_notices (number, created_at, id);

CREATE TABLE payment_cases (
  id           TEXT NOT NULL PRIMARY KEY,
  reason       TEXT NOT NULL,
  intent       TEXT NOT NULL,
  attempt      TEXT NOT NULL,
  refund       TEXT NOT NULL,
  notice       TEXT NOT NULL,
  currency     TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  code         TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'assigned', 'closed')),
  assignee     TEXT NOT NULL,
  resolution   TEXT NOT NULL,
  opened_at    INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  closed_at    INTEGER,
  version      INTEGER NOT NULL CHECK (version > 0),
  CHECK ((state = 'closed') = (closed_at IS NOT NULL))
) STRICT;
CREATE INDEX payment_cases_by_state  ON payment_cases (state, opened_at, id);
CREATE INDEX payment_cases_oldest    ON payment_cases (opened_at, id);
CREATE INDEX payment_cases_by_intent ON payment_cases (intent, opened_at, id);
