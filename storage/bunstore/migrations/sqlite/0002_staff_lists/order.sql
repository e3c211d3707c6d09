-- souk:requires 1
-- Staff look orders up by channel and by what was paid, among millions.
CREATE INDEX orders_by_channel ON orders (channel, placed_at, group_id, id);
CREATE INDEX orders_by_payment ON orders (payment, placed_at, group_id, id);
