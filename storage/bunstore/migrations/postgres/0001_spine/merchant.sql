CREATE TABLE merchants (
  id         text COLLATE "C" PRIMARY KEY,
  name       text NOT NULL,
  state      text NOT NULL CHECK (state IN ('active', 'suspended', 'closed')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL CHECK (version > 0)
);
