CREATE TABLE stock (
  sku        text COLLATE "C" NOT NULL,
  location   text COLLATE "C" NOT NULL,
  on_hand    bigint NOT NULL,
  reserved   bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (sku, location),
  CHECK (reserved >= 0 AND reserved <= on_hand)
);

CREATE TABLE reservations (
  owner      text COLLATE "C" NOT NULL,
  sku        text COLLATE "C" NOT NULL,
  location   text COLLATE "C" NOT NULL,
  quantity   bigint NOT NULL CHECK (quantity > 0),
  state      text NOT NULL CHECK (state IN ('held', 'committed', 'released')),
  expires_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (owner, sku, location)
);

CREATE INDEX reservations_held ON reservations (sku, location) WHERE state = 'held';
CREATE INDEX reservations_expiry ON reservations (expires_at, owner) WHERE state = 'held' AND expires_at IS NOT NULL;

CREATE TABLE stock_log (
  seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku      text COLLATE "C" NOT NULL,
  location text COLLATE "C" NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('receive', 'adjust', 'return', 'reserve', 'commit', 'release')),
  on_hand  bigint NOT NULL,
  reserved bigint NOT NULL,
  ref      text NOT NULL,
  at       timestamptz NOT NULL
);

CREATE INDEX stock_log_sku ON stock_log (sku, seq);
