-- souk:requires 1
-- What promotions gave on a group has to be given back when it ends.
ALTER TABLE order_groups ADD COLUMN promoted boolean NOT NULL DEFAULT false;
-- The promotion that gave a line; none for what the buyer chose.
ALTER TABLE order_lines ADD COLUMN gift text COLLATE "C" NOT NULL DEFAULT '';
-- How many pieces of its lines were refunded, by line, and whether the delivery was.
ALTER TABLE orders ADD COLUMN returned_units jsonb NOT NULL DEFAULT '{}';
-- Which pieces an entry refunds, and what they were sold for.
ALTER TABLE order_history ADD COLUMN units jsonb;
