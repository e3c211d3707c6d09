-- What is known of a product beside its rows. Whoever holds the highest stamp
-- writes.
CREATE TABLE listing_products (
  product TEXT NOT NULL PRIMARY KEY,
  stamp   INTEGER NOT NULL CHECK (stamp > 0),
  written INTEGER NOT NULL CHECK (written BETWEEN 0 AND stamp),
  sold    INTEGER NOT NULL,
  due_at  INTEGER
) STRICT;
CREATE INDEX listing_products_due ON listing_products (due_at, product) WHERE due_at IS NOT NULL;

CREATE TABLE listing_rows (
  channel     TEXT NOT NULL,
  currency    TEXT NOT NULL,
  product     TEXT NOT NULL,
  merchant    TEXT NOT NULL,
  sku         TEXT NOT NULL,
  slug        TEXT NOT NULL,
  title       TEXT NOT NULL,
  brand       TEXT NOT NULL,
  brand_name  TEXT NOT NULL,
  categories  TEXT NOT NULL CHECK (json_valid(categories)),
  picture     TEXT NOT NULL,
  lowest      INTEGER NOT NULL CHECK (lowest >= 0),
  highest     INTEGER NOT NULL CHECK (highest >= lowest),
  compare     INTEGER CHECK (compare > lowest),
  in_stock    INTEGER NOT NULL CHECK (in_stock IN (0, 1)),
  sold        INTEGER NOT NULL,
  rating      INTEGER NOT NULL,
  ratings     INTEGER NOT NULL CHECK (ratings >= 0),
  shown_from  INTEGER,
  shown_until INTEGER,
  newest      INTEGER NOT NULL,
  version     INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (channel, currency, product),
  CHECK (shown_from < shown_until)
) STRICT;
CREATE INDEX listing_rows_by_product ON listing_rows (product);

-- A row on each shelf where it stands, with what lists are sorted and
-- filtered by: every list is one walk along one of these indexes.
CREATE TABLE listing_shelves (
  channel     TEXT NOT NULL,
  currency    TEXT NOT NULL,
  shelf       TEXT NOT NULL,
  product     TEXT NOT NULL,
  newest      INTEGER NOT NULL,
  lowest      INTEGER NOT NULL,
  sold        INTEGER NOT NULL,
  title_key   TEXT NOT NULL,
  in_stock    INTEGER NOT NULL CHECK (in_stock IN (0, 1)),
  shown_from  INTEGER,
  shown_until INTEGER,
  PRIMARY KEY (product, channel, currency, shelf)
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_shelves_newest ON listing_shelves (channel, currency, shelf, newest, product);
CREATE INDEX listing_shelves_lowest ON listing_shelves (channel, currency, shelf, lowest, product);
CREATE INDEX listing_shelves_sold   ON listing_shelves (channel, currency, shelf, sold, product);
CREATE INDEX listing_shelves_title  ON listing_shelves (channel, currency, shelf, title_key, product);
