CREATE TABLE products (
  id           text COLLATE "C" PRIMARY KEY,
  merchant     text COLLATE "C" NOT NULL,
  slug         text COLLATE "C" NOT NULL,
  title        jsonb NOT NULL,
  description  jsonb NOT NULL,
  brand        text COLLATE "C" NOT NULL,
  category     text COLLATE "C" NOT NULL,
  options      jsonb NOT NULL,
  attributes   jsonb NOT NULL,
  pictures     jsonb NOT NULL,
  tax_class    text NOT NULL,
  weight_grams bigint NOT NULL CHECK (weight_grams >= 0),
  publications jsonb NOT NULL,
  archived     boolean NOT NULL,
  archived_at  timestamptz,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  version      bigint NOT NULL CHECK (version > 0),
  CHECK (archived = (archived_at IS NOT NULL))
);
CREATE INDEX products_by_state    ON products (archived, id);
CREATE INDEX products_by_merchant ON products (merchant, archived, id);
CREATE INDEX products_by_category ON products (category, archived, id);
CREATE INDEX products_by_brand    ON products (brand, archived, id);

CREATE TABLE skus (
  id           text COLLATE "C" PRIMARY KEY,
  product      text COLLATE "C" NOT NULL,
  merchant     text COLLATE "C" NOT NULL,
  code         text COLLATE "C" NOT NULL,
  position     bigint NOT NULL CHECK (position >= 0),
  choices      jsonb NOT NULL,
  picture      text NOT NULL,
  weight_grams bigint NOT NULL CHECK (weight_grams >= 0),
  archived     boolean NOT NULL,
  UNIQUE (merchant, code)
);
CREATE INDEX skus_by_product ON skus (product, position);

-- A slug belongs to whoever had it first, for ever.
CREATE TABLE slugs (
  kind    text COLLATE "C" NOT NULL CHECK (kind IN ('product', 'category', 'brand')),
  slug    text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  PRIMARY KEY (kind, slug)
);

CREATE TABLE categories (
  id         text COLLATE "C" PRIMARY KEY,
  parent     text COLLATE "C" NOT NULL,
  path       text COLLATE "C" NOT NULL UNIQUE,
  depth      bigint NOT NULL CHECK (depth BETWEEN 1 AND 8),
  slug       text COLLATE "C" NOT NULL,
  name       jsonb NOT NULL,
  sort       bigint NOT NULL,
  hidden     boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL CHECK (version > 0),
  CHECK (right(path, length(id) + 2) = '/' || id || '/'),
  CHECK ((parent = '') = (depth = 1))
);

-- The lock of the tree's shape: one row, updated by whoever changes it.
CREATE TABLE category_tree (
  id      bigint PRIMARY KEY CHECK (id = 1),
  changes bigint NOT NULL
);
INSERT INTO category_tree (id, changes) VALUES (1, 0);

CREATE TABLE brands (
  id         text COLLATE "C" PRIMARY KEY,
  slug       text COLLATE "C" NOT NULL,
  name       jsonb NOT NULL,
  picture    text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL CHECK (version > 0)
);
CREATE INDEX brands_by_slug ON brands (slug, id);
