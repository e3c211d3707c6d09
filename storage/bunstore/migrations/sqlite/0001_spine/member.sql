-- What is personal is NULL once the member is erased.
CREATE TABLE members (
  id            TEXT NOT NULL PRIMARY KEY,
  state         TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'erased')),
  email         TEXT,
  email_key     TEXT UNIQUE,
  name          TEXT,
  phone         TEXT,
  locale        TEXT,
  password_hash TEXT,
  credential_at INTEGER,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  version       INTEGER NOT NULL CHECK (version > 0),
  CHECK ((email IS NULL) = (email_key IS NULL)),
  CHECK (state <> 'erased' OR (email IS NULL AND name IS NULL AND phone IS NULL AND password_hash IS NULL))
) STRICT;

CREATE TABLE address_books (
  member          TEXT NOT NULL PRIMARY KEY,
  entries         TEXT NOT NULL CHECK (json_valid(entries)),
  default_address TEXT,
  erased          INTEGER NOT NULL CHECK (erased IN (0, 1)),
  updated_at      INTEGER NOT NULL,
  version         INTEGER NOT NULL CHECK (version > 0),
  CHECK (default_address IS NOT NULL OR json_array_length(entries) = 0),
  CHECK (erased = 0 OR json_array_length(entries) = 0)
) STRICT;

-- Keys are digests of accounts and origins.
CREATE TABLE sign_in_attempts (
  key   TEXT NOT NULL PRIMARY KEY,
  n     INTEGER NOT NULL CHECK (n > 0),
  since INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_attempts_since ON sign_in_attempts (since, key);
