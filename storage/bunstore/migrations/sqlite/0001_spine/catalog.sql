CREATE TABLE products (
  id           TEXT NOT NULL PRIMARY KEY,
  merchant     TEXT NOT NULL,
  slug         TEXT NOT NULL,
  title        TEXT NOT NULL CHECK (json_valid(title)),
  description  TEXT NOT NULL CHECK (json_valid(description)),
  brand        TEXT NOT NULL,
  category     TEXT NOT NULL,
  options      TEXT NOT NULL CHECK (json_valid(options)),
  attributes   TEXT NOT NULL CHECK (json_valid(attributes)),
  pictures     TEXT NOT NULL CHECK (json_valid(pictures)),
  tax_class    TEXT NOT NULL,
  weight_grams INTEGER NOT NULL CHECK (weight_grams >= 0),
  publications TEXT NOT NULL CHECK (json_valid(publications)),
  archived     INTEGER NOT NULL CHECK (archived IN (0, 1)),
  archived_at  INTEGER,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  version      INTEGER NOT NULL CHECK (version > 0),
  CHECK (archived = (archived_at IS NOT NULL))
) STRICT;
CREATE INDEX products_by_state    ON products (archived, id);
CREATE INDEX products_by_merchant ON products (merchant, archived, id);
CREATE INDEX products_by_category ON products (category, archived, id);
CREATE INDEX products_by_brand    ON products (brand, archived, id);

CREATE TABLE skus (
  id           TEXT NOT NULL PRIMARY KEY,
  product      TEXT NOT NULL,
  merchant     TEXT NOT NULL,
  code         TEXT NOT NULL,
  position     INTEGER NOT NULL CHECK (position >= 0),
  choices      TEXT NOT NULL CHECK (json_valid(choices)),
  picture      TEXT NOT NULL,
  weight_grams INTEGER NOT NULL CHECK (weight_grams >= 0),
  archived     INTEGER NOT NULL CHECK (archived IN (0, 1)),
  UNIQUE (merchant, code)
) STRICT;
CREATE INDEX skus_by_product ON skus (product, position);

-- A slug belongs to whoever had it first, for ever.
CREATE TABLE slugs (
  kind    TEXT NOT NULL CHECK (kind IN ('product', 'category', 'brand')),
  slug    TEXT NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (kind, slug)
) STRICT;

CREATE TABLE categories (
  id         TEXT NOT NULL PRIMARY KEY,
  parent     TEXT NOT NULL,
  path       TEXT NOT NULL UNIQUE,
  depth      INTEGER NOT NULL CHECK (depth BETWEEN 1 AND 8),
  slug       TEXT NOT NULL,
  name       TEXT NOT NULL CHECK (json_valid(name)),
  sort       INTEGER NOT NULL,
  hidden     INTEGER NOT NULL CHECK (hidden IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0),
  CHECK (substr(path, -(length(id) + 2)) = '/' || id || '/'),
  CHECK ((parent = '') = (depth = 1))
) STRICT;

-- The lock of the tree's shape: one row, updated by whoever changes it.
CREATE TABLE category_tree (
  id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  changes INTEGER NOT NULL
) STRICT;
INSERT INTO category_tree (id, changes) VALUES (1, 0);

CREATE TABLE brands (
  id         TEXT NOT NULL PRIMARY KEY,
  slug       TEXT NOT NULL,
  name       TEXT NOT NULL CHECK (json_valid(name)),
  picture    TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0)
) STRICT;
CREATE INDEX brands_by_slug ON brands (slug, id);
