-- The log. n is the order of insertion, seq the position in the shard, given
-- to committed rows by the owner of the shard.
CREATE TABLE events (
  n         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic     text COLLATE "C" NOT NULL CHECK (topic <> ''),
  id        text COLLATE "C" NOT NULL CHECK (id <> ''),
  shard     smallint NOT NULL CHECK (shard BETWEEN 0 AND 15),
  seq       bigint CHECK (seq > 0),
  aggregate text COLLATE "C" NOT NULL CHECK (aggregate <> ''),
  name      text NOT NULL,
  payload   bytea NOT NULL CHECK (length(payload) <= 1048576),
  headers   text NOT NULL,
  at        timestamptz NOT NULL,
  UNIQUE (topic, id)
);
CREATE INDEX events_pending ON events (topic, shard, n) WHERE seq IS NULL;
CREATE UNIQUE INDEX events_seq ON events (topic, shard, seq) WHERE seq IS NOT NULL;

CREATE TABLE event_heads (
  topic text COLLATE "C" NOT NULL,
  shard smallint NOT NULL CHECK (shard BETWEEN 0 AND 15),
  seq   bigint NOT NULL CHECK (seq >= 0),
  fence bigint NOT NULL,
  PRIMARY KEY (topic, shard)
);

CREATE TABLE event_cursors (
  consumer text COLLATE "C" NOT NULL CHECK (consumer <> ''),
  topic    text COLLATE "C" NOT NULL,
  shard    smallint NOT NULL CHECK (shard BETWEEN 0 AND 15),
  position bigint NOT NULL CHECK (position >= 0),
  fence    bigint NOT NULL,
  PRIMARY KEY (consumer, topic, shard)
);

CREATE TABLE event_letters (
  consumer    text COLLATE "C" NOT NULL CHECK (consumer <> ''),
  topic       text COLLATE "C" NOT NULL,
  id          text COLLATE "C" NOT NULL,
  shard       smallint NOT NULL CHECK (shard BETWEEN 0 AND 15),
  seq         bigint NOT NULL CHECK (seq > 0),
  aggregate   text COLLATE "C" NOT NULL,
  name        text NOT NULL,
  payload     bytea NOT NULL,
  headers     text NOT NULL,
  happened_at timestamptz NOT NULL,
  tries       integer NOT NULL CHECK (tries >= 0),
  reason      text NOT NULL,
  next_at     timestamptz,
  dead        boolean NOT NULL,
  blocks      boolean NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (consumer, topic, id)
);
CREATE UNIQUE INDEX event_letters_order ON event_letters (consumer, topic, shard, seq);
CREATE INDEX event_letters_blocks ON event_letters (consumer, topic, shard, aggregate, seq) WHERE blocks;
