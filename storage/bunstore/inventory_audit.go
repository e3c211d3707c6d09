package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/ref"
)

func (s stock) Audit(ctx context.Context, limit int) ([]inventory.Mismatch, error) {
	return s.audit(ctx, s.db.readConn(ctx), bun.Safe("TRUE"), limit)
}

// audit compares the levels that a condition selects with what they count.
func (s stock) audit(ctx context.Context, c conn, which any, limit int) ([]inventory.Mismatch, error) {
	var rows []struct {
		levelRow
		HeldSum        ref.Quantity
		LedgerOnHand   ref.Quantity
		LedgerReserved ref.Quantity
	}
	_, err := c.scan(ctx, c.raw(`
WITH keys AS (
  SELECT sku, location FROM stock WHERE ?0 UNION SELECT sku, location FROM stock_log WHERE ?0
  UNION SELECT sku, location FROM reservations WHERE state = 'held' AND ?0
), held AS (
  SELECT sku, location, sum(quantity) AS n FROM reservations WHERE state = 'held' AND ?0 GROUP BY sku, location
), log AS (
  SELECT sku, location, sum(on_hand) AS on_hand, sum(reserved) AS reserved FROM stock_log WHERE ?0 GROUP BY sku, location
), sums AS (
  SELECT k.sku, k.location, coalesce(s.on_hand, 0) AS on_hand, coalesce(s.reserved, 0) AS reserved,
         cast(coalesce(h.n, 0) AS bigint) AS held_sum,
         cast(coalesce(l.on_hand, 0) AS bigint) AS ledger_on_hand,
         cast(coalesce(l.reserved, 0) AS bigint) AS ledger_reserved
  FROM keys AS k
  LEFT JOIN stock AS s ON s.sku = k.sku AND s.location = k.location
  LEFT JOIN held AS h ON h.sku = k.sku AND h.location = k.location
  LEFT JOIN log AS l ON l.sku = k.sku AND l.location = k.location
)
SELECT * FROM sums
WHERE reserved < 0 OR reserved > on_hand OR reserved <> held_sum OR on_hand <> ledger_on_hand OR reserved <> ledger_reserved
ORDER BY sku, location LIMIT ?1`, which, limit), &rows)
	if err != nil {
		return nil, err
	}
	out := make([]inventory.Mismatch, len(rows))
	for i, r := range rows {
		out[i] = inventory.Mismatch{
			Level: r.value(), HeldSum: r.HeldSum, LedgerOnHand: r.LedgerOnHand, LedgerReserved: r.LedgerReserved,
		}
	}
	return out, nil
}

func (s stock) AuditReservations(ctx context.Context, limit int) ([]inventory.Unfounded, error) {
	var out []inventory.Unfounded
	c := s.db.readConn(ctx)
	// A full join would say it more plainly; SQLite has no index for its sides.
	_, err := c.scan(ctx, c.raw(`
WITH facts AS (
  SELECT owner, sku, location, quantity, state, 0 AS reserved, 0 AS sold, 0 AS freed, 0 AS returned, 0 AS entries FROM reservations
  UNION ALL
  SELECT ref, sku, location, 0, '', CASE WHEN kind = 'reserve' THEN reserved ELSE 0 END, CASE WHEN kind = 'commit' THEN -on_hand ELSE 0 END,
         CASE WHEN kind = 'release' THEN -reserved ELSE 0 END, CASE WHEN kind = 'return' THEN on_hand ELSE 0 END,
         CASE WHEN kind = 'return' THEN 0 ELSE 1 END
  FROM stock_log WHERE kind IN ('reserve', 'commit', 'release', 'return')
), sums AS (
  SELECT owner, sku, location, max(state) AS state,
         cast(sum(quantity) AS bigint) AS quantity, cast(sum(reserved) AS bigint) AS reserved,
         cast(sum(sold) AS bigint) AS sold, cast(sum(freed) AS bigint) AS freed,
         cast(sum(entries) AS bigint) AS entries, cast(sum(returned) AS bigint) AS returned
  FROM facts GROUP BY owner, sku, location
)
SELECT owner, sku, location, quantity, state, reserved, sold, freed, entries, returned FROM sums
WHERE state = '' OR reserved <> quantity OR returned < 0 OR returned > sold
   OR sold <> CASE state WHEN 'committed' THEN quantity ELSE 0 END
   OR freed <> CASE state WHEN 'released' THEN quantity ELSE 0 END
   OR entries <> CASE state WHEN 'held' THEN 1 ELSE 2 END
ORDER BY owner, sku, location LIMIT ?`, limit), &out)
	return out, err
}

func (s stock) Returned(ctx context.Context, owners []string) ([]inventory.Returned, error) {
	if len(owners) == 0 {
		return nil, nil
	}
	var out []inventory.Returned
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.raw(`
SELECT ref AS owner, sku, location, cast(sum(on_hand) AS bigint) AS quantity
FROM stock_log WHERE kind = 'return' AND ref IN (?) GROUP BY ref, sku, location ORDER BY ref, sku, location`,
		bun.List(owners)), &out)
	return out, err
}

func (s stock) Repair(ctx context.Context, skus []ref.SKUID, now time.Time) ([]inventory.Mismatch, error) {
	if _, err := s.db.inside(ctx, "inventory.repair"); err != nil || len(skus) == 0 {
		return nil, err
	}
	c := s.db.conn(ctx)
	which := bun.SafeQuery("sku IN (?)", bun.List(skus))
	if _, err := c.exec(ctx, c.raw(`
INSERT INTO stock (sku, location, on_hand, reserved, updated_at)
SELECT sku, location, 0, 0, ?1 FROM (
  SELECT sku, location FROM stock_log WHERE ?0 UNION SELECT sku, location FROM reservations WHERE state = 'held' AND ?0
) AS k WHERE TRUE ORDER BY sku, location ON CONFLICT DO NOTHING`, which, at(now))); err != nil {
		return nil, err
	}
	// A statement of its own: the next one sees what they who held the locks
	// have committed.
	if s.db.postgres {
		if _, err := c.exec(ctx, c.raw(`SELECT 1 FROM stock WHERE ? ORDER BY sku, location FOR UPDATE`, which)); err != nil {
			return nil, err
		}
	}
	broken, err := s.audit(ctx, c, which, int(^uint32(0)>>1))
	if err != nil || len(broken) == 0 {
		return nil, err
	}
	moves, err := inventory.Corrections(broken)
	if err != nil {
		return nil, err
	}
	right := make([]delta, len(broken))
	for i, m := range broken {
		right[i] = delta{SKU: m.SKU, Location: m.Location, OnHand: m.LedgerOnHand, Reserved: m.HeldSum}
	}
	if _, err := c.exec(ctx, c.raw(`UPDATE stock SET on_hand = w.on_hand, reserved = w.reserved, updated_at = ?
FROM (?) AS w WHERE stock.sku = w.sku AND stock.location = w.location`, at(now), s.deltas(right))); err != nil {
		return nil, err
	}
	if len(moves) == 0 {
		return broken, nil
	}
	log := make([]movementRow, len(moves))
	for i, m := range moves {
		log[i] = movementRow{SKU: m.SKU, Location: m.Location, Kind: m.Kind, Reserved: m.Reserved, Ref: m.Ref, At: at(now)}
	}
	_, err = c.exec(ctx, c.insert(&log).ExcludeColumn("seq"))
	return broken, err
}
