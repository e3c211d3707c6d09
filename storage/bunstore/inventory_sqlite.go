package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog/inventory"
)

// reserveSQLite reads and then writes: the immediate transaction keeps every
// other writer out.
func (s stock) reserveSQLite(ctx context.Context, rs []inventory.Reservation, want []delta, now time.Time) ([]inventory.Shortage, error) {
	c := s.db.conn(ctx)
	var short []inventory.Shortage
	if _, err := c.scan(ctx, c.raw(`
SELECT w.sku, w.reserved AS want, coalesce(s.on_hand - s.reserved, 0) AS have
FROM (?) AS w LEFT JOIN stock AS s ON s.sku = w.sku AND s.location = w.location
WHERE coalesce(s.on_hand - s.reserved, 0) < w.reserved ORDER BY w.sku`, s.deltas(want)), &short); err != nil || len(short) > 0 {
		return short, err
	}
	if _, err := c.exec(ctx, c.raw(`
UPDATE stock SET reserved = stock.reserved + w.reserved, updated_at = ?
FROM (?) AS w WHERE stock.sku = w.sku AND stock.location = w.location`, at(now), s.deltas(want))); err != nil {
		return nil, err
	}
	if _, err := c.exec(ctx, c.raw(`
INSERT INTO reservations (owner, sku, location, quantity, state, expires_at, created_at, updated_at)
SELECT owner, sku, location, quantity, 'held', ?0, ?1, ?1 FROM (?2)`, at(rs[0].ExpiresAt), at(now), s.wishes(rs))); err != nil {
		return nil, err
	}
	_, err := c.exec(ctx, c.raw(`
INSERT INTO stock_log (sku, location, kind, on_hand, reserved, ref, at)
SELECT sku, location, 'reserve', 0, quantity, owner, ? FROM (?)`, at(now), s.wishes(rs)))
	return nil, err
}

func (s stock) settleSQLite(
	ctx context.Context, owners []string, to inventory.State, kind inventory.Kind, sold int, now time.Time,
) ([]reservationRow, error) {
	c := s.db.conn(ctx)
	if _, err := c.exec(ctx, c.raw(`
UPDATE stock SET reserved = stock.reserved - m.n, on_hand = stock.on_hand - m.n * ?1, updated_at = ?2
FROM (SELECT sku, location, sum(quantity) AS n FROM reservations
      WHERE owner IN (?0) AND state = 'held' GROUP BY sku, location) AS m
WHERE stock.sku = m.sku AND stock.location = m.location`, bun.List(owners), sold, at(now))); err != nil {
		return nil, err
	}
	if _, err := c.exec(ctx, c.raw(`
INSERT INTO stock_log (sku, location, kind, on_hand, reserved, ref, at)
SELECT sku, location, ?1, -quantity * ?2, -quantity, owner, ?3 FROM reservations
WHERE owner IN (?0) AND state = 'held' ORDER BY sku, location, owner`, bun.List(owners), kind, sold, at(now))); err != nil {
		return nil, err
	}
	var rows []reservationRow
	_, err := c.scan(ctx, c.raw(`
UPDATE reservations SET state = ?1, updated_at = ?2 WHERE owner IN (?0) AND state = 'held' RETURNING *`,
		bun.List(owners), to, at(now)), &rows)
	return rows, err
}
