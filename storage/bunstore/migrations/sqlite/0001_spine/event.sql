-- The log. n is the order of insertion, seq the position in the shard, given
-- to committed rows by the owner of the shard.
CREATE TABLE events (
  n         INTEGER PRIMARY KEY AUTOINCREMENT,
  topic     TEXT NOT NULL CHECK (topic <> ''),
  id        TEXT NOT NULL CHECK (id <> ''),
  shard     INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 15),
  seq       INTEGER CHECK (seq > 0),
  aggregate TEXT NOT NULL CHECK (aggregate <> ''),
  name      TEXT NOT NULL,
  payload   BLOB NOT NULL CHECK (length(payload) <= 1048576),
  headers   TEXT NOT NULL,
  at        INTEGER NOT NULL,
  UNIQUE (topic, id)
) STRICT;
CREATE INDEX events_pending ON events (topic, shard, n) WHERE seq IS NULL;
CREATE UNIQUE INDEX events_seq ON events (topic, shard, seq) WHERE seq IS NOT NULL;

CREATE TABLE event_heads (
  topic TEXT NOT NULL,
  shard INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 15),
  seq   INTEGER NOT NULL CHECK (seq >= 0),
  fence INTEGER NOT NULL,
  PRIMARY KEY (topic, shard)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_cursors (
  consumer TEXT NOT NULL CHECK (consumer <> ''),
  topic    TEXT NOT NULL,
  shard    INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 15),
  position INTEGER NOT NULL CHECK (position >= 0),
  fence    INTEGER NOT NULL,
  PRIMARY KEY (consumer, topic, shard)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_letters (
  consumer    TEXT NOT NULL CHECK (consumer <> ''),
  topic       TEXT NOT NULL,
  id          TEXT NOT NULL,
  shard       INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 15),
  seq         INTEGER NOT NULL CHECK (seq > 0),
  aggregate   TEXT NOT NULL,
  name        TEXT NOT NULL,
  payload     BLOB NOT NULL,
  headers     TEXT NOT NULL,
  happened_at INTEGER NOT NULL,
  tries       INTEGER NOT NULL CHECK (tries >= 0),
  reason      TEXT NOT NULL,
  next_at     INTEGER,
  dead        INTEGER NOT NULL CHECK (dead IN (0, 1)),
  blocks      INTEGER NOT NULL CHECK (blocks IN (0, 1)),
  at          INTEGER NOT NULL,
  PRIMARY KEY (consumer, topic, id)
) STRICT;
CREATE UNIQUE INDEX event_letters_order ON event_letters (consumer, topic, shard, seq);
CREATE INDEX event_letters_blocks ON event_letters (consumer, topic, shard, aggregate, seq) WHERE blocks;
