-- What is personal is NULL once the member is erased.
CREATE TABLE members (
  id            text COLLATE "C" PRIMARY KEY,
  state         text NOT NULL CHECK (state IN ('active', 'blocked', 'erased')),
  email         text,
  email_key     text COLLATE "C" UNIQUE,
  name          text,
  phone         text,
  locale        text,
  password_hash text,
  credential_at timestamptz,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  version       bigint NOT NULL CHECK (version > 0),
  CHECK ((email IS NULL) = (email_key IS NULL)),
  CHECK (state <> 'erased' OR (email IS NULL AND name IS NULL AND phone IS NULL AND password_hash IS NULL))
);

CREATE TABLE address_books (
  member          text COLLATE "C" PRIMARY KEY,
  entries         jsonb NOT NULL,
  default_address text,
  erased          boolean NOT NULL,
  updated_at      timestamptz NOT NULL,
  version         bigint NOT NULL CHECK (version > 0),
  CHECK (default_address IS NOT NULL OR jsonb_array_length(entries) = 0),
  CHECK (NOT erased OR jsonb_array_length(entries) = 0)
);

-- Keys are digests of accounts and origins.
CREATE TABLE sign_in_attempts (
  key   text COLLATE "C" PRIMARY KEY,
  n     bigint NOT NULL CHECK (n > 0),
  since timestamptz NOT NULL
);
CREATE INDEX sign_in_attempts_since ON sign_in_attempts (since, key);
