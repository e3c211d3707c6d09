-- souk:requires 1
-- What was paid for of an impression, each once.
ALTER TABLE shelf_impressions ADD COLUMN sales jsonb NOT NULL DEFAULT '[]'
  CHECK (ordered OR jsonb_array_length(sales) = 0);
