-- In how many products a word is the whole of a code. What was written before
-- has none until the index is rebuilt.
ALTER TABLE {schema}.words ADD COLUMN code bigint NOT NULL DEFAULT 0 CHECK (code >= 0);
