-- souk:requires 1
-- What visitors do beside the event log. Positions follow the order of commits:
-- whoever appends holds the row with the last one.
CREATE TABLE recommend_signals (
  position bigint PRIMARY KEY CHECK (position > 0),
  id       text COLLATE "C" NOT NULL UNIQUE,
  kind     text NOT NULL CHECK (kind IN ('view', 'cart_add', 'purchase', 'refund', 'hide')),
  product  text COLLATE "C" NOT NULL,
  member   text COLLATE "C" NOT NULL,
  session  text COLLATE "C" NOT NULL,
  segments jsonb NOT NULL,
  basket   text COLLATE "C" NOT NULL,
  at       timestamptz NOT NULL,
  CHECK (member <> '' OR session <> '')
);
CREATE INDEX recommend_signals_of_member ON recommend_signals (member) WHERE member <> '';
CREATE INDEX recommend_signals_of_session ON recommend_signals (session) WHERE member = '';
CREATE INDEX recommend_signals_by_time ON recommend_signals (at, position);

CREATE TABLE recommend_signal_last (
  id       bigint PRIMARY KEY CHECK (id = 1),
  position bigint NOT NULL CHECK (position >= 0)
);
INSERT INTO recommend_signal_last VALUES (1, 0);

CREATE TABLE shelf_policies (
  slot       text COLLATE "C" PRIMARY KEY,
  mode       text NOT NULL CHECK (mode IN ('fixed', 'split', 'interleave', 'bandit')),
  arms       jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL CHECK (version > 0)
);

-- What came of an impression is counted in shelf_stats once, when it is marked
-- here.
CREATE TABLE shelf_impressions (
  request    text COLLATE "C" NOT NULL,
  strategy   text COLLATE "C" NOT NULL,
  slot       text COLLATE "C" NOT NULL,
  member     text COLLATE "C" NOT NULL,
  session    text COLLATE "C" NOT NULL,
  segment    text COLLATE "C" NOT NULL,
  model      bigint NOT NULL,
  propensity double precision NOT NULL CHECK (propensity >= 0 AND propensity <= 1),
  products   jsonb NOT NULL,
  places     jsonb NOT NULL,
  at         timestamptz NOT NULL,
  seen       boolean NOT NULL,
  clicked    boolean NOT NULL,
  carted     boolean NOT NULL,
  ordered    boolean NOT NULL,
  PRIMARY KEY (request, strategy),
  CHECK (jsonb_array_length(products) = jsonb_array_length(places)),
  CHECK (seen OR NOT (clicked OR carted OR ordered))
);
CREATE INDEX shelf_impressions_of_member ON shelf_impressions (member, at) WHERE member <> '';
CREATE INDEX shelf_impressions_of_session ON shelf_impressions (session, at) WHERE session <> '';
CREATE INDEX shelf_impressions_by_time ON shelf_impressions (at, request, strategy);

-- Counts stand in the row without a currency, revenue in one of its currency.
CREATE TABLE shelf_stats (
  day      text COLLATE "C" NOT NULL,
  slot     text COLLATE "C" NOT NULL,
  strategy text COLLATE "C" NOT NULL,
  segment  text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  requests bigint NOT NULL CHECK (requests >= 0),
  hits     bigint NOT NULL CHECK (hits >= 0),
  clicks   bigint NOT NULL CHECK (clicks >= 0),
  carts    bigint NOT NULL CHECK (carts >= 0),
  orders   bigint NOT NULL CHECK (orders >= 0),
  revenue  bigint NOT NULL CHECK (revenue >= 0),
  PRIMARY KEY (day, slot, strategy, segment, currency),
  CHECK (revenue = 0 OR currency <> '')
);

CREATE TABLE shelf_exposures (
  day      text COLLATE "C" NOT NULL,
  slot     text COLLATE "C" NOT NULL,
  strategy text COLLATE "C" NOT NULL,
  product  text COLLATE "C" NOT NULL,
  shown    bigint NOT NULL CHECK (shown > 0),
  PRIMARY KEY (day, slot, strategy, product)
);
