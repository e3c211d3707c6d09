-- souk:requires 1
-- The windows in which promotions lower a row's prices, and what it cost when it was written, where one did.
ALTER TABLE listing_rows ADD COLUMN strikes jsonb NOT NULL DEFAULT 'null';
ALTER TABLE listing_rows ADD COLUMN struck bigint CHECK (struck >= 0);
