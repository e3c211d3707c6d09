-- souk:requires 1
CREATE TABLE search_settings (
  channel    TEXT NOT NULL PRIMARY KEY,
  synonyms   TEXT NOT NULL CHECK (json_valid(synonyms)),
  defaults   INTEGER NOT NULL CHECK (defaults IN (0, 1)),
  rules      TEXT NOT NULL CHECK (json_valid(rules)),
  updated_at INTEGER NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- A text may be personal and a visitor is one: both tables are erased by
-- visitor, and by age.
CREATE TABLE search_log (
  id        TEXT NOT NULL PRIMARY KEY,
  channel   TEXT NOT NULL,
  visitor   TEXT NOT NULL,
  text      TEXT NOT NULL,
  asked_at  INTEGER NOT NULL,
  step      TEXT NOT NULL,
  total     INTEGER NOT NULL CHECK (total >= 0),
  shown     INTEGER NOT NULL CHECK (shown >= 0),
  corrected INTEGER NOT NULL CHECK (corrected IN (0, 1)),
  filtered  INTEGER NOT NULL CHECK (filtered IN (0, 1))
) STRICT;
CREATE INDEX search_log_by_time ON search_log (asked_at);
CREATE INDEX search_log_of_visitor ON search_log (visitor) WHERE visitor <> '';

CREATE TABLE search_clicks (
  search       TEXT NOT NULL,
  product      TEXT NOT NULL,
  visitor      TEXT NOT NULL,
  place        INTEGER NOT NULL CHECK (place > 0),
  clicked_at   INTEGER NOT NULL,
  converted_at INTEGER,
  PRIMARY KEY (search, product)
) STRICT;
CREATE INDEX search_clicks_by_time ON search_clicks (clicked_at);
CREATE INDEX search_clicks_of_visitor ON search_clicks (visitor, product, clicked_at) WHERE visitor <> '';
