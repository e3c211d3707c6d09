-- souk:requires 1
-- What was paid for of an impression, each once.
ALTER TABLE shelf_impressions ADD COLUMN sales TEXT NOT NULL DEFAULT '[]'
  CHECK (json_valid(sales) AND (ordered OR json_array_length(sales) = 0));
