package bunstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

type shelfStatRow struct {
	bun.BaseModel `bun:"table:shelf_stats,alias:st"`

	Day      string            `bun:"day,pk"`
	Slot     string            `bun:"slot,pk"`
	Strategy string            `bun:"strategy,pk"`
	Segment  recommend.Segment `bun:"segment,pk"`
	Currency money.Currency    `bun:"currency,pk"`
	Requests int64             `bun:"requests"`
	Hits     int64             `bun:"hits"`
	Clicks   int64             `bun:"clicks"`
	Carts    int64             `bun:"carts"`
	Orders   int64             `bun:"orders"`
	Revenue  int64             `bun:"revenue"`
}

func (r shelfStatRow) value() shelf.Stat {
	return shelf.Stat{
		Day: r.Day, Slot: r.Slot, Strategy: r.Strategy, Segment: r.Segment, Currency: r.Currency,
		Requests: r.Requests, Hits: r.Hits, Clicks: r.Clicks, Carts: r.Carts, Orders: r.Orders, Revenue: r.Revenue,
	}
}

type exposureRow struct {
	bun.BaseModel `bun:"table:shelf_exposures,alias:se"`

	Day      string        `bun:"day,pk"`
	Slot     string        `bun:"slot,pk"`
	Strategy string        `bun:"strategy,pk"`
	Product  ref.ProductID `bun:"product,pk"`
	Shown    int64         `bun:"shown"`
}

type shelfStats struct{ db *DB }

var _ shelf.StatStore = shelfStats{}

func (s shelfStats) Add(ctx context.Context, stats []shelf.Stat, exposures []shelf.Exposure) error {
	return s.db.write(ctx, func(ctx context.Context, c conn) error {
		if len(stats) > 0 {
			rows := make([]shelfStatRow, len(stats))
			for i, x := range slices.SortedFunc(slices.Values(stats), shelf.Stat.Compare) {
				rows[i] = shelfStatRow{
					Day: x.Day, Slot: x.Slot, Strategy: x.Strategy, Segment: x.Segment, Currency: x.Currency,
					Requests: x.Requests, Hits: x.Hits, Clicks: x.Clicks, Carts: x.Carts, Orders: x.Orders, Revenue: x.Revenue,
				}
			}
			q := c.insert(&rows).On("CONFLICT (day, slot, strategy, segment, currency) DO UPDATE")
			for _, col := range []string{"requests", "hits", "clicks", "carts", "orders", "revenue"} {
				q.Set("?0 = ?TableAlias.?0 + EXCLUDED.?0", bun.Ident(col))
			}
			if _, err := c.exec(ctx, q); err != nil {
				return err
			}
		}
		if len(exposures) == 0 {
			return c.err
		}
		rows := make([]exposureRow, len(exposures))
		for i, x := range slices.SortedFunc(slices.Values(exposures), shelf.Exposure.Compare) {
			rows[i] = exposureRow{Day: x.Day, Slot: x.Slot, Strategy: x.Strategy, Product: x.Product, Shown: x.Shown}
		}
		_, err := c.exec(ctx, c.insert(&rows).On("CONFLICT (day, slot, strategy, product) DO UPDATE").
			Set("shown = ?TableAlias.shown + EXCLUDED.shown"))
		return err
	})
}

func (s shelfStats) List(ctx context.Context, q shelf.StatQuery) ([]shelf.Stat, error) {
	var rows []shelfStatRow
	c := s.db.readConn(ctx)
	query := c.query(&rows).Where("day BETWEEN ? AND ?", q.From, q.Until).Order("day", "slot", "strategy", "segment", "currency")
	if q.Slot != "" {
		query.Where("slot = ?", q.Slot)
	}
	if _, err := c.scan(ctx, query); err != nil {
		return nil, err
	}
	return values(rows, shelfStatRow.value), nil
}

type reachRow struct {
	Slot     string            `bun:"slot"`
	Strategy string            `bun:"strategy"`
	Segment  recommend.Segment `bun:"segment"`
	Products int64             `bun:"products"`
	Shown    int64             `bun:"shown"`
	Bits     float64           `bun:"bits"`
}

func (r reachRow) value() shelf.Reach { return shelf.Reach(r) }

func (s shelfStats) Reach(ctx context.Context, q shelf.StatQuery) ([]shelf.Reach, error) {
	c := s.db.readConn(ctx)
	shown := c.query((*exposureRow)(nil)).Column("slot", "strategy", "product").
		ColumnExpr("'' AS segment, CAST(sum(shown) AS bigint) AS shown").
		Where("day BETWEEN ? AND ?", q.From, q.Until).Group("slot", "strategy", "product")
	if q.Slot != "" {
		shown.Where("slot = ?", q.Slot)
	}
	return c.reach(ctx, shown)
}

// reach sums up what was shown: a query of how often, by slot, strategy, segment
// and product. A product's share is that of its slot.
func (c conn) reach(ctx context.Context, shown *bun.SelectQuery) ([]shelf.Reach, error) {
	var rows []reachRow
	_, err := c.scan(ctx, c.raw(`WITH e AS (?),
  p AS (SELECT slot, product, sum(shown) AS shown FROM e GROUP BY slot, product),
  s AS (SELECT slot, sum(shown) AS shown FROM e GROUP BY slot)
SELECT e.slot, e.strategy, e.segment, count(*) AS products, CAST(sum(e.shown) AS bigint) AS shown,
  sum(CAST(e.shown AS double precision) * ln(CAST(s.shown AS double precision) / CAST(p.shown AS double precision)))
    / ln(CAST(2 AS double precision)) AS bits
FROM e JOIN p ON p.slot = e.slot AND p.product = e.product JOIN s ON s.slot = e.slot
GROUP BY e.slot, e.strategy, e.segment ORDER BY e.slot, e.strategy, e.segment`, shown), &rows)
	if err != nil {
		return nil, err
	}
	return values(rows, reachRow.value), nil
}

func (s shelfStats) Purge(ctx context.Context, before string, limit int) (int, error) {
	c := s.db.conn(ctx)
	old := c.query((*exposureRow)(nil)).Column("day", "slot", "strategy", "product").Where("day < ?", before).
		Order("day", "slot", "strategy", "product").Limit(int64(limit))
	if s.db.postgres {
		old.For("UPDATE SKIP LOCKED")
	}
	n, err := c.exec(ctx, c.delete((*exposureRow)(nil)).Where("(day, slot, strategy, product) IN (?)", old))
	return int(n), err
}
