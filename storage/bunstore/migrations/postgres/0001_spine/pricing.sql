CREATE TABLE prices (
  channel    text COLLATE "C" NOT NULL,
  sku        text COLLATE "C" NOT NULL,
  currency   text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
  starts_at  timestamptz NOT NULL, -- 1970 is the base price
  ends_at    timestamptz,
  unit       bigint NOT NULL CHECK (unit >= 0),
  was        bigint CHECK (was > unit),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL CHECK (version > 0),
  PRIMARY KEY (channel, sku, currency, starts_at),
  CHECK (ends_at > starts_at),
  CHECK (starts_at > '1970-01-01 00:00:00+00' OR ends_at IS NULL)
);
CREATE INDEX prices_by_end ON prices (ends_at) WHERE ends_at IS NOT NULL;
