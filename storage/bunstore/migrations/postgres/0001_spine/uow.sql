CREATE TABLE claims (
  kind    text COLLATE "C" NOT NULL,
  key     text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  PRIMARY KEY (kind, key)
);

CREATE TABLE idempotency (
  scope      text COLLATE "C" NOT NULL,
  key        text COLLATE "C" NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
  hash       text NOT NULL,
  done       boolean NOT NULL,
  resource   text NOT NULL,
  body       bytea,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- A lease that was given back has no owner and keeps its fence.
CREATE TABLE leases (
  name       text COLLATE "C" PRIMARY KEY,
  owner      text COLLATE "C" NOT NULL,
  fence      bigint NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE inbox (
  consumer text COLLATE "C" NOT NULL,
  message  text COLLATE "C" NOT NULL,
  at       timestamptz NOT NULL,
  PRIMARY KEY (consumer, message)
);
CREATE INDEX inbox_at ON inbox (at);
