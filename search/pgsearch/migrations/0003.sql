-- Which version of the analysis has made the terms of a shard, 0 where it was
-- not noted yet.
ALTER TABLE {schema}.shards ADD COLUMN analysis int NOT NULL DEFAULT 0 CHECK (analysis >= 0);
