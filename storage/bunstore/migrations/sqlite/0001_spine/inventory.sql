CREATE TABLE stock (
  sku        TEXT NOT NULL,
  location   TEXT NOT NULL,
  on_hand    INTEGER NOT NULL,
  reserved   INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (sku, location),
  CHECK (reserved >= 0 AND reserved <= on_hand)
) STRICT;

CREATE TABLE reservations (
  owner      TEXT NOT NULL,
  sku        TEXT NOT NULL,
  location   TEXT NOT NULL,
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  state      TEXT NOT NULL CHECK (state IN ('held', 'committed', 'released')),
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (owner, sku, location)
) STRICT;

CREATE INDEX reservations_held ON reservations (sku, location) WHERE state = 'held';
CREATE INDEX reservations_expiry ON reservations (expires_at, owner) WHERE state = 'held' AND expires_at IS NOT NULL;

CREATE TABLE stock_log (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  sku      TEXT NOT NULL,
  location TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('receive', 'adjust', 'return', 'reserve', 'commit', 'release')),
  on_hand  INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  ref      TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;

CREATE INDEX stock_log_sku ON stock_log (sku, seq);
