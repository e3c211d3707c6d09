CREATE TABLE payment_intents (
  id             text COLLATE "C" PRIMARY KEY,
  number         text COLLATE "C" NOT NULL UNIQUE,
  group_id       text COLLATE "C" NOT NULL,
  member         text COLLATE "C" NOT NULL,
  guest          text COLLATE "C" NOT NULL,
  quote          text NOT NULL,
  state          text COLLATE "C" NOT NULL CHECK (state IN ('open', 'reserving', 'reserved', 'processing', 'authorized',
                   'captured', 'partially_refunded', 'refunded', 'canceling', 'canceled', 'failed')),
  currency       text NOT NULL,
  payable_minor  bigint NOT NULL CHECK (payable_minor >= 0),
  refunded_minor bigint NOT NULL CHECK (refunded_minor BETWEEN 0 AND payable_minor),
  tenders        jsonb NOT NULL,
  pay_by         timestamptz,
  reason         text NOT NULL,
  canceling_at   timestamptz,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  next_at        timestamptz,
  version        bigint NOT NULL CHECK (version > 0),
  CHECK (state <> 'refunded' OR refunded_minor = payable_minor),
  CHECK (state <> 'partially_refunded' OR refunded_minor BETWEEN 1 AND payable_minor - 1)
);
CREATE INDEX payment_intents_due      ON payment_intents (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX payment_intents_by_group ON payment_intents (group_id, created_at, id);
CREATE INDEX payment_intents_newest   ON payment_intents (created_at, id);
CREATE INDEX payment_intents_by_state ON payment_intents (state, created_at, id);

-- What refunds hold of a capture is written by refunds alone.
CREATE TABLE payment_attempts (
  id              text COLLATE "C" PRIMARY KEY,
  intent          text COLLATE "C" NOT NULL,
  number          text COLLATE "C" NOT NULL UNIQUE,
  seq             bigint NOT NULL CHECK (seq > 0),
  gateway         text COLLATE "C" NOT NULL,
  state           text NOT NULL CHECK (state IN ('new', 'sent', 'action_required', 'pending', 'authorized', 'unknown',
                    'captured', 'declined', 'closed')),
  currency        text NOT NULL,
  amount_minor    bigint NOT NULL CHECK (amount_minor > 0),
  instruction     jsonb NOT NULL,
  expires_at      timestamptz,
  provider_ref    text NOT NULL,
  action          jsonb NOT NULL,
  code            text NOT NULL,
  advice          text NOT NULL,
  counted         boolean NOT NULL CHECK (NOT counted OR state = 'captured'),
  late            boolean NOT NULL,
  conflict        text NOT NULL,
  alerted         boolean NOT NULL,
  evidence        text NOT NULL,
  refunding_minor bigint NOT NULL CHECK (refunding_minor >= 0),
  sends           bigint NOT NULL CHECK (sends >= 0),
  asks            bigint NOT NULL CHECK (asks >= 0),
  created_at      timestamptz NOT NULL,
  sent_at         timestamptz,
  call_by         timestamptz,
  captured_at     timestamptz,
  UNIQUE (intent, seq),
  CHECK (refunding_minor <= CASE WHEN state = 'captured' THEN amount_minor ELSE 0 END),
  CHECK ((state = 'captured') = (captured_at IS NOT NULL))
);
CREATE UNIQUE INDEX payment_attempts_counted ON payment_attempts (intent) WHERE counted;

CREATE TABLE payment_refunds (
  id           text COLLATE "C" PRIMARY KEY,
  number       text COLLATE "C" NOT NULL UNIQUE,
  intent       text COLLATE "C" NOT NULL,
  key          text COLLATE "C" NOT NULL,
  reason       text NOT NULL,
  state        text NOT NULL CHECK (state IN ('requested', 'sent', 'pending', 'unknown', 'succeeded', 'failed', 'reversed')),
  currency     text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  legs         jsonb NOT NULL,
  manual       boolean NOT NULL,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  next_at      timestamptz,
  version      bigint NOT NULL CHECK (version > 0),
  UNIQUE (intent, key)
);
CREATE INDEX payment_refunds_due ON payment_refunds (next_at, id) WHERE next_at IS NOT NULL;

CREATE TABLE payment_events (
  id           text COLLATE "C" PRIMARY KEY,
  intent       text COLLATE "C" NOT NULL,
  about        text NOT NULL CHECK (about IN ('intent', 'attempt', 'refund')),
  object       text COLLATE "C" NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  kind         text NOT NULL CHECK (kind IN ('moved', 'conflict', 'reduced')),
  was          text NOT NULL,
  becomes      text NOT NULL,
  source       text NOT NULL,
  evidence     text NOT NULL,
  provider_ref text NOT NULL,
  currency     text NOT NULL,
  amount_minor bigint NOT NULL,
  code         text NOT NULL,
  at           timestamptz NOT NULL
);
CREATE INDEX payment_events_by_intent ON payment_events (intent, at, id);

-- The raw body can hold personal data; it is erased by itself.
CREATE TABLE payment_notices (
  id           text COLLATE "C" PRIMARY KEY,
  gateway      text COLLATE "C" NOT NULL,
  key          text COLLATE "C" NOT NULL,
  kind         text NOT NULL,
  number       text COLLATE "C" NOT NULL,
  says         text NOT NULL,
  provider_ref text NOT NULL,
  currency     text NOT NULL,
  amount_minor bigint NOT NULL,
  code         text NOT NULL,
  advice       text NOT NULL,
  raw          bytea,
  state        text NOT NULL CHECK (state IN ('stored', 'applied', 'conflict', 'orphan')),
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  next_at      timestamptz,
  version      bigint NOT NULL CHECK (version > 0),
  CHECK ((state = 'stored') = (next_at IS NOT NULL))
);
CREATE INDEX payment_notices_due       ON payment_notices (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX payment_notices_newest    ON payment_notices (created_at, id);
CREATE INDEX payment_notices_by_number ON payment_notices (number, created_at, id);

CREATE TABLE payment_cases (
  id           text COLLATE "C" PRIMARY KEY,
  reason       text NOT NULL,
  intent       text COLLATE "C" NOT NULL,
  attempt      text COLLATE "C" NOT NULL,
  refund       text COLLATE "C" NOT NULL,
  notice       text COLLATE "C" NOT NULL,
  currency     text NOT NULL,
  amount_minor bigint NOT NULL,
  code         text NOT NULL,
  state        text COLLATE "C" NOT NULL CHECK (state IN ('open', 'assigned', 'closed')),
  assignee     text COLLATE "C" NOT NULL,
  resolution   text NOT NULL,
  opened_at    timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  closed_at    timestamptz,
  version      bigint NOT NULL CHECK (version > 0),
  CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX payment_cases_by_state  ON payment_cases (state, opened_at, id);
CREATE INDEX payment_cases_oldest    ON payment_cases (opened_at, id);
CREATE INDEX payment_cases_by_intent ON payment_cases (intent, opened_at, id);
