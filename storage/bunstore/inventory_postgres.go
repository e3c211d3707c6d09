package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/ref"
)

// reservePostgres locks the levels in order, and only if none is short moves
// them, inserts the reservations and enters them into the ledger: one
// statement. The uncorrelated NOT EXISTS is evaluated once, before the steps
// that it guards, and it sees the locked, newest rows. The update writes the
// numbers that were locked: PostgreSQL checks constraints on the row as the
// snapshot has it before it looks for a newer one, and would refuse pieces that
// came in meanwhile.
func (s stock) reservePostgres(ctx context.Context, rs []inventory.Reservation, now time.Time) ([]inventory.Shortage, error) {
	rows := make([]reservationRow, len(rs))
	for i, r := range rs {
		rows[i] = reservationRow{
			Owner: r.Owner, SKU: r.SKU, Location: r.Location, Quantity: r.Quantity, State: inventory.Held,
			ExpiresAt: at(r.ExpiresAt), CreatedAt: at(now), UpdatedAt: at(now),
		}
	}
	c := s.db.conn(ctx)
	arg, err := c.encode(ctx, rows)
	if err != nil {
		return nil, err
	}
	var short []struct {
		SKU        ref.SKUID
		Want, Have ref.Quantity
	}
	err = c.rows(ctx, s.db.text("reserve", func() string {
		return "WITH made AS MATERIALIZED (SELECT * FROM " + fewRecords(s.db.tableOf(rows), 1) + ` AS r), want AS (
  SELECT sku, location, sum(quantity)::bigint AS n FROM made GROUP BY sku, location
), locked AS (
  SELECT s.sku, s.location, s.on_hand, s.reserved, s.on_hand - s.reserved AS free, w.n AS wanted
  FROM stock AS s JOIN want AS w ON s.sku = w.sku AND s.location = w.location
  ORDER BY s.sku, s.location FOR UPDATE OF s
), short AS (
  SELECT w.sku, w.n AS want, coalesce(l.free, 0) AS have
  FROM want AS w LEFT JOIN locked AS l ON l.sku = w.sku AND l.location = w.location
  WHERE coalesce(l.free, 0) < w.n
), moved AS (
  UPDATE stock AS s SET on_hand = l.on_hand, reserved = l.reserved + l.wanted, updated_at = $2
  FROM locked AS l WHERE s.sku = l.sku AND s.location = l.location AND NOT EXISTS (SELECT FROM short)
), stored AS (
  INSERT INTO reservations (owner, sku, location, quantity, state, expires_at, created_at, updated_at)
  SELECT owner, sku, location, quantity, state, expires_at, created_at, updated_at FROM made
  WHERE NOT EXISTS (SELECT FROM short)
), entered AS (
  INSERT INTO stock_log (sku, location, kind, on_hand, reserved, ref, at)
  SELECT sku, location, 'reserve', 0, quantity, owner, $2 FROM made WHERE NOT EXISTS (SELECT FROM short)
)
SELECT sku, want, have FROM short ORDER BY sku`
	}), &short, arg, s.db.instant(now))
	if err != nil {
		return nil, err
	}
	out := make([]inventory.Shortage, len(short))
	for i, sh := range short {
		out[i] = inventory.Shortage{SKU: sh.SKU, Want: sh.Want, Have: sh.Have}
	}
	return out, nil
}

// settlePostgres locks the reservations, then the levels, each in order.
func (s stock) settlePostgres(
	ctx context.Context, owners []string, to inventory.State, kind inventory.Kind, sold int, now time.Time,
) ([]reservationRow, error) {
	var rows []reservationRow
	err := s.db.conn(ctx).rows(ctx, s.db.text("settle", func() string {
		return `WITH mine AS (
  SELECT owner, sku, location, quantity FROM reservations
  WHERE ` + s.db.among("owner", 1) + ` AND state = 'held' ORDER BY sku, location, owner FOR UPDATE
), sums AS (
  SELECT sku, location, sum(quantity)::bigint AS n FROM mine GROUP BY sku, location
), locked AS (
  SELECT s.sku, s.location, s.on_hand, s.reserved, m.n FROM stock AS s JOIN sums AS m ON s.sku = m.sku AND s.location = m.location
  ORDER BY s.sku, s.location FOR UPDATE OF s
), moved AS (
  UPDATE stock AS s SET reserved = l.reserved - l.n, on_hand = l.on_hand - l.n * $2::bigint, updated_at = $3
  FROM locked AS l WHERE s.sku = l.sku AND s.location = l.location
), entered AS (
  INSERT INTO stock_log (sku, location, kind, on_hand, reserved, ref, at)
  SELECT sku, location, $4, -quantity * $2::bigint, -quantity, owner, $3 FROM mine
)
UPDATE reservations AS r SET state = $5, updated_at = $3
FROM mine AS m WHERE r.owner = m.owner AND r.sku = m.sku AND r.location = m.location
RETURNING r.owner, r.sku, r.location, r.quantity, r.state, r.expires_at, r.created_at, r.updated_at`
	}), &rows, owners, sold, s.db.instant(now), string(kind), string(to))
	return rows, err
}

// deltas and wishes are VALUES lists, as subqueries of either dialect.
func (s stock) deltas(want []delta) bun.Safe {
	rows := make([][]any, len(want))
	for i, d := range want {
		rows[i] = []any{d.SKU, d.Location, int64(d.OnHand), int64(d.Reserved)}
	}
	return s.db.valuesList([]string{"sku", "location", "on_hand", "reserved"}, rows)
}

func (s stock) wishes(rs []inventory.Reservation) bun.Safe {
	rows := make([][]any, len(rs))
	for i, r := range rs {
		rows[i] = []any{r.Owner, r.SKU, r.Location, int64(r.Quantity)}
	}
	return s.db.valuesList([]string{"owner", "sku", "location", "quantity"}, rows)
}
