CREATE TABLE staff (
  id            text COLLATE "C" PRIMARY KEY,
  login         text COLLATE "C" NOT NULL UNIQUE,
  name          text NOT NULL,
  roles         jsonb NOT NULL,
  state         text NOT NULL CHECK (state IN ('active', 'disabled')),
  password_hash text NOT NULL CHECK (password_hash <> ''),
  credential_at timestamptz NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  version       bigint NOT NULL CHECK (version > 0)
);
