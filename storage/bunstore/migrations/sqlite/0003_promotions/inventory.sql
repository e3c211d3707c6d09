-- souk:requires 1
-- What came back of an order is compared with what became of it.
CREATE INDEX stock_log_returns ON stock_log (ref) WHERE kind = 'return';
