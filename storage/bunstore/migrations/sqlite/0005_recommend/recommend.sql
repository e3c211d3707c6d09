-- souk:requires 1
-- What visitors do beside the event log. Positions follow the order of commits:
-- whoever appends holds the row with the last one.
CREATE TABLE recommend_signals (
  position INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
  id       TEXT NOT NULL UNIQUE,
  kind     TEXT NOT NULL CHECK (kind IN ('view', 'cart_add', 'purchase', 'refund', 'hide')),
  product  TEXT NOT NULL,
  member   TEXT NOT NULL,
  session  TEXT NOT NULL,
  segments TEXT NOT NULL CHECK (json_valid(segments)),
  basket   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  CHECK (member <> '' OR session <> '')
) STRICT;
CREATE INDEX recommend_signals_of_member ON recommend_signals (member) WHERE member <> '';
CREATE INDEX recommend_signals_of_session ON recommend_signals (session) WHERE member = '';
CREATE INDEX recommend_signals_by_time ON recommend_signals (at, position);

CREATE TABLE recommend_signal_last (
  id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL CHECK (position >= 0)
) STRICT;
INSERT INTO recommend_signal_last VALUES (1, 0);

CREATE TABLE shelf_policies (
  slot       TEXT NOT NULL PRIMARY KEY,
  mode       TEXT NOT NULL CHECK (mode IN ('fixed', 'split', 'interleave', 'bandit')),
  arms       TEXT NOT NULL CHECK (json_valid(arms)),
  updated_at INTEGER NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- What came of an impression is counted in shelf_stats once, when it is marked
-- here.
CREATE TABLE shelf_impressions (
  request    TEXT NOT NULL,
  strategy   TEXT NOT NULL,
  slot       TEXT NOT NULL,
  member     TEXT NOT NULL,
  session    TEXT NOT NULL,
  segment    TEXT NOT NULL,
  model      INTEGER NOT NULL,
  propensity REAL NOT NULL CHECK (propensity >= 0 AND propensity <= 1),
  products   TEXT NOT NULL CHECK (json_valid(products)),
  places     TEXT NOT NULL CHECK (json_valid(places)),
  at         INTEGER NOT NULL,
  seen       INTEGER NOT NULL CHECK (seen IN (0, 1)),
  clicked    INTEGER NOT NULL CHECK (clicked IN (0, 1)),
  carted     INTEGER NOT NULL CHECK (carted IN (0, 1)),
  ordered    INTEGER NOT NULL CHECK (ordered IN (0, 1)),
  PRIMARY KEY (request, strategy),
  CHECK (json_array_length(products) = json_array_length(places)),
  CHECK (seen OR NOT (clicked OR carted OR ordered))
) STRICT;
CREATE INDEX shelf_impressions_of_member ON shelf_impressions (member, at) WHERE member <> '';
CREATE INDEX shelf_impressions_of_session ON shelf_impressions (session, at) WHERE session <> '';
CREATE INDEX shelf_impressions_by_time ON shelf_impressions (at, request, strategy);

-- Counts stand in the row without a currency, revenue in one of its currency.
CREATE TABLE shelf_stats (
  day      TEXT NOT NULL,
  slot     TEXT NOT NULL,
  strategy TEXT NOT NULL,
  segment  TEXT NOT NULL,
  currency TEXT NOT NULL,
  requests INTEGER NOT NULL CHECK (requests >= 0),
  hits     INTEGER NOT NULL CHECK (hits >= 0),
  clicks   INTEGER NOT NULL CHECK (clicks >= 0),
  carts    INTEGER NOT NULL CHECK (carts >= 0),
  orders   INTEGER NOT NULL CHECK (orders >= 0),
  revenue  INTEGER NOT NULL CHECK (revenue >= 0),
  PRIMARY KEY (day, slot, strategy, segment, currency),
  CHECK (revenue = 0 OR currency <> '')
) STRICT;

CREATE TABLE shelf_exposures (
  day      TEXT NOT NULL,
  slot     TEXT NOT NULL,
  strategy TEXT NOT NULL,
  product  TEXT NOT NULL,
  shown    INTEGER NOT NULL CHECK (shown > 0),
  PRIMARY KEY (day, slot, strategy, product)
) STRICT;
