-- souk:requires 1
-- The windows in which promotions lower a row's prices, and what it cost when it was written, where one did.
ALTER TABLE listing_rows ADD COLUMN strikes TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(strikes));
ALTER TABLE listing_rows ADD COLUMN struck INTEGER CHECK (struck >= 0);
