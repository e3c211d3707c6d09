CREATE TABLE claims (
  kind    TEXT NOT NULL,
  key     TEXT NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  scope      TEXT NOT NULL,
  key        TEXT NOT NULL CHECK (length(CAST(key AS BLOB)) BETWEEN 1 AND 255),
  hash       TEXT NOT NULL,
  done       INTEGER NOT NULL CHECK (done IN (0, 1)),
  resource   TEXT NOT NULL,
  body       BLOB,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- A lease that was given back has no owner and keeps its fence.
CREATE TABLE leases (
  name       TEXT NOT NULL PRIMARY KEY,
  owner      TEXT NOT NULL,
  fence      INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  consumer TEXT NOT NULL,
  message  TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (consumer, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_at ON inbox (at);
