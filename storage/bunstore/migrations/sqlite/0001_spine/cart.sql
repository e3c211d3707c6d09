CREATE TABLE carts (
  id          TEXT NOT NULL PRIMARY KEY,
  member      TEXT NOT NULL,
  guest       TEXT NOT NULL,
  channel     TEXT NOT NULL,
  currency    TEXT NOT NULL CHECK (length(currency) = 3),
  state       TEXT NOT NULL CHECK (state IN ('open', 'converted', 'merged')),
  group_id    TEXT NOT NULL,
  merged_into TEXT NOT NULL,
  lines       TEXT NOT NULL CHECK (json_valid(lines)),
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  version     INTEGER NOT NULL CHECK (version > 0),
  CHECK ((member = '') <> (guest = '')),
  CHECK ((state = 'converted') = (group_id <> '')),
  CHECK ((state = 'merged') = (merged_into <> ''))
) STRICT;
CREATE UNIQUE INDEX carts_open      ON carts (member, guest, channel) WHERE state = 'open';
CREATE INDEX carts_by_member        ON carts (member, id) WHERE member <> '';
CREATE INDEX carts_by_guest         ON carts (guest, id) WHERE guest <> '';
CREATE INDEX carts_expiry           ON carts (expires_at, id);
