CREATE TABLE carts (
  id          text COLLATE "C" PRIMARY KEY,
  member      text COLLATE "C" NOT NULL,
  guest       text COLLATE "C" NOT NULL,
  channel     text COLLATE "C" NOT NULL,
  currency    text NOT NULL CHECK (length(currency) = 3),
  state       text NOT NULL CHECK (state IN ('open', 'converted', 'merged')),
  group_id    text COLLATE "C" NOT NULL,
  merged_into text COLLATE "C" NOT NULL,
  lines       jsonb NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  CHECK ((member = '') <> (guest = '')),
  CHECK ((state = 'converted') = (group_id <> '')),
  CHECK ((state = 'merged') = (merged_into <> ''))
);
CREATE UNIQUE INDEX carts_open      ON carts (member, guest, channel) WHERE state = 'open';
CREATE INDEX carts_by_member        ON carts (member, id) WHERE member <> '';
CREATE INDEX carts_by_guest         ON carts (guest, id) WHERE guest <> '';
CREATE INDEX carts_expiry           ON carts (expires_at, id);
