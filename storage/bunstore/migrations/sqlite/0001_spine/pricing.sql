CREATE TABLE prices (
  channel    TEXT NOT NULL,
  sku        TEXT NOT NULL,
  currency   TEXT NOT NULL CHECK (length(currency) = 3),
  starts_at  INTEGER NOT NULL, -- 1970 is the base price
  ends_at    INTEGER,
  unit       INTEGER NOT NULL CHECK (unit >= 0),
  was        INTEGER CHECK (was > unit),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (channel, sku, currency, starts_at),
  CHECK (ends_at > starts_at),
  CHECK (starts_at > 0 OR ends_at IS NULL)
) STRICT;
CREATE INDEX prices_by_end ON prices (ends_at) WHERE ends_at IS NOT NULL;
