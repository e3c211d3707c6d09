CREATE TABLE staff (
  id            TEXT NOT NULL PRIMARY KEY,
  login         TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  roles         TEXT NOT NULL CHECK (json_valid(roles)),
  state         TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  password_hash TEXT NOT NULL CHECK (password_hash <> ''),
  credential_at INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  version       INTEGER NOT NULL CHECK (version > 0)
) STRICT;
