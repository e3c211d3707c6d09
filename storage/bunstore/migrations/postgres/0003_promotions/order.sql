-- souk:requires 1
-- What promotions gave on a group has to be given back when it ends.
ALTER TABLE order_groups ADD COLUMN promoted boolean NOT NULL DEFAULT false;
-- The promotion that gave a line; none for what the buyer chose.
ALTER TABLE order_lines ADD COLUMN gift text COLLATE "C" NOT NULL DEFAULT '';
