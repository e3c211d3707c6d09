-- souk:requires 1
-- What promotions gave on a group has to be given back when it ends.
ALTER TABLE order_groups ADD COLUMN promoted INTEGER NOT NULL DEFAULT 0 CHECK (promoted IN (0, 1));
-- The promotion that gave a line; none for what the buyer chose.
ALTER TABLE order_lines ADD COLUMN gift TEXT NOT NULL DEFAULT '';
-- How many pieces of its lines were refunded, by line, and whether the delivery was.
ALTER TABLE orders ADD COLUMN returned_units TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(returned_units));
-- Which pieces an entry refunds, and what they were sold for.
ALTER TABLE order_history ADD COLUMN units TEXT CHECK (json_valid(units));
