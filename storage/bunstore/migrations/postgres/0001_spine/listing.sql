-- What is known of a product beside its rows. Whoever holds the highest stamp
-- writes.
CREATE TABLE listing_products (
  product text COLLATE "C" PRIMARY KEY,
  stamp   bigint NOT NULL CHECK (stamp > 0),
  written bigint NOT NULL CHECK (written BETWEEN 0 AND stamp),
  sold    bigint NOT NULL,
  due_at  timestamptz
);
CREATE INDEX listing_products_due ON listing_products (due_at, product) WHERE due_at IS NOT NULL;

CREATE TABLE listing_rows (
  channel     text COLLATE "C" NOT NULL,
  currency    text COLLATE "C" NOT NULL,
  product     text COLLATE "C" NOT NULL,
  merchant    text COLLATE "C" NOT NULL,
  sku         text COLLATE "C" NOT NULL,
  slug        text NOT NULL,
  title       text NOT NULL,
  brand       text COLLATE "C" NOT NULL,
  brand_name  text NOT NULL,
  categories  jsonb NOT NULL,
  picture     text NOT NULL,
  lowest      bigint NOT NULL CHECK (lowest >= 0),
  highest     bigint NOT NULL CHECK (highest >= lowest),
  compare     bigint CHECK (compare > lowest),
  in_stock    boolean NOT NULL,
  sold        bigint NOT NULL,
  rating      bigint NOT NULL,
  ratings     bigint NOT NULL CHECK (ratings >= 0),
  shown_from  timestamptz,
  shown_until timestamptz,
  newest      timestamptz NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  PRIMARY KEY (channel, currency, product),
  CHECK (shown_from < shown_until)
);
CREATE INDEX listing_rows_by_product ON listing_rows (product);

-- A row on each shelf where it stands, with what lists are sorted and
-- filtered by: every list is one walk along one of these indexes.
CREATE TABLE listing_shelves (
  channel     text COLLATE "C" NOT NULL,
  currency    text COLLATE "C" NOT NULL,
  shelf       text COLLATE "C" NOT NULL,
  product     text COLLATE "C" NOT NULL,
  newest      timestamptz NOT NULL,
  lowest      bigint NOT NULL,
  sold        bigint NOT NULL,
  title_key   text COLLATE "C" NOT NULL,
  in_stock    boolean NOT NULL,
  shown_from  timestamptz,
  shown_until timestamptz,
  PRIMARY KEY (product, channel, currency, shelf)
);
CREATE INDEX listing_shelves_newest ON listing_shelves (channel, currency, shelf, newest, product);
CREATE INDEX listing_shelves_lowest ON listing_shelves (channel, currency, shelf, lowest, product);
CREATE INDEX listing_shelves_sold   ON listing_shelves (channel, currency, shelf, sold, product);
CREATE INDEX listing_shelves_title  ON listing_shelves (channel, currency, shelf, title_key, product);
