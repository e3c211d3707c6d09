-- souk:requires 1
CREATE TABLE search_settings (
  channel    text COLLATE "C" PRIMARY KEY,
  synonyms   jsonb NOT NULL,
  defaults   boolean NOT NULL,
  rules      jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL CHECK (version > 0)
);

-- A text may be personal and a visitor is one: both tables are erased by
-- visitor, and by age.
CREATE TABLE search_log (
  id        text COLLATE "C" PRIMARY KEY,
  channel   text COLLATE "C" NOT NULL,
  visitor   text COLLATE "C" NOT NULL,
  text      text COLLATE "C" NOT NULL,
  asked_at  timestamptz NOT NULL,
  step      text NOT NULL,
  total     bigint NOT NULL CHECK (total >= 0),
  shown     bigint NOT NULL CHECK (shown >= 0),
  corrected boolean NOT NULL,
  filtered  boolean NOT NULL
);
CREATE INDEX search_log_by_time ON search_log (asked_at);
CREATE INDEX search_log_of_visitor ON search_log (visitor) WHERE visitor <> '';

CREATE TABLE search_clicks (
  search       text COLLATE "C" NOT NULL,
  product      text COLLATE "C" NOT NULL,
  visitor      text COLLATE "C" NOT NULL,
  place        bigint NOT NULL CHECK (place > 0),
  clicked_at   timestamptz NOT NULL,
  converted_at timestamptz,
  PRIMARY KEY (search, product)
);
CREATE INDEX search_clicks_by_time ON search_clicks (clicked_at);
CREATE INDEX search_clicks_of_visitor ON search_clicks (visitor, product, clicked_at) WHERE visitor <> '';
