package bunstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type priceRow struct {
	bun.BaseModel `bun:"table:prices,alias:p"`

	Channel   ref.ChannelID  `bun:"channel,pk"`
	SKU       ref.SKUID      `bun:"sku,pk"`
	Currency  money.Currency `bun:"currency,pk"`
	StartsAt  instant        `bun:"starts_at,pk"` // 1970 is the base price
	EndsAt    instant        `bun:"ends_at"`
	Unit      int64          `bun:"unit"`
	Was       *int64         `bun:"was"`
	CreatedAt instant        `bun:"created_at"`
	UpdatedAt instant        `bun:"updated_at"`
	Version   int64          `bun:"version"`
}

func startsAt(from time.Time) instant {
	if from.IsZero() {
		return at(time.UnixMicro(0))
	}
	return at(from)
}

func (r priceRow) key() pricing.Key {
	k := pricing.Key{Channel: r.Channel, SKU: r.SKU, Currency: r.Currency}
	if r.StartsAt.UnixMicro() != 0 {
		k.From = r.StartsAt.Time
	}
	return k
}

func (r priceRow) value() pricing.Price {
	p := pricing.Price{
		Key: r.key(), Unit: money.New(r.Unit, r.Currency), Until: r.EndsAt.Time,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
	if r.Was != nil {
		p.Was = money.New(*r.Was, r.Currency)
	}
	return p
}

func priceRowOf(p *pricing.Price) priceRow {
	r := priceRow{
		Channel: p.Channel, SKU: p.SKU, Currency: p.Currency, StartsAt: startsAt(p.From), EndsAt: at(p.Until),
		Unit: p.Unit.Minor(), CreatedAt: at(p.CreatedAt), UpdatedAt: at(p.UpdatedAt), Version: 1,
	}
	if p.Was != (money.Money{}) {
		was := p.Was.Minor()
		r.Was = &was
	}
	return r
}

// priceKeyed adds a condition on the key, for any number of keys.
func priceKeyed(keys []pricing.Key) (string, []any) {
	args := make([]any, 0, 4*len(keys))
	for _, k := range keys {
		args = append(args, k.Channel, k.SKU, k.Currency, startsAt(k.From))
	}
	tuples := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?), ", len(keys)), ", ")
	return "(channel, sku, currency, starts_at) IN (VALUES " + tuples + ")", args
}

type prices struct{ db *DB }

var _ pricing.Store = prices{}

func (s prices) Find(ctx context.Context, q pricing.FindQuery) ([]pricing.Price, error) {
	if len(q.SKUs) == 0 || len(q.Channels) == 0 {
		return nil, nil
	}
	var rows []priceRow
	err := s.db.readConn(ctx).find(ctx, "prices", &rows, func(sel *bun.SelectQuery) {
		sel.Where(s.db.among("channel", 1)).Where(s.db.among("sku", 2)).
			Where("(ends_at IS NULL OR ends_at > $3)").Order("channel", "sku", "currency", "starts_at")
	}, list(s.db, q.Channels), list(s.db, q.SKUs), s.db.instant(q.After))
	if err != nil {
		return nil, err
	}
	return values(rows, priceRow.value), nil
}

func (s prices) Put(ctx context.Context, all []*pricing.Price) ([]error, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var (
		errs   []error
		stored map[pricing.Key]priceRow
	)
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		have, err := s.lock(ctx, c, all)
		if err != nil {
			return err
		}
		var rows []priceRow
		rows, errs = accepted(all, have)
		stored, err = s.upsert(ctx, c, rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		if errs[i] == nil {
			row := stored[p.Key]
			p.Version, p.CreatedAt = row.Version, row.CreatedAt.Time
		}
	}
	return errs, nil
}

// lock returns the versions of those prices that are stored, and keeps them
// from others to the end of the unit.
func (s prices) lock(ctx context.Context, c conn, all []*pricing.Price) (map[pricing.Key]int64, error) {
	keys := make([]pricing.Key, len(all))
	for i, p := range all {
		keys[i] = p.Key
	}
	where, args := priceKeyed(keys)
	var rows []priceRow
	q := c.query(&rows).Where(where, args...).Order("channel", "sku", "currency", "starts_at")
	if s.db.postgres {
		q.For("UPDATE")
	}
	if _, err := c.scan(ctx, q); err != nil {
		return nil, err
	}
	out := make(map[pricing.Key]int64, len(rows))
	for _, r := range rows {
		out[r.key()] = r.Version
	}
	return out, nil
}

// accepted returns the rows that may be written, in the order of their keys.
func accepted(all []*pricing.Price, have map[pricing.Key]int64) ([]priceRow, []error) {
	errs := make([]error, len(all))
	seen := make(map[pricing.Key]bool, len(all))
	rows := make([]priceRow, 0, len(all))
	for i, p := range all {
		version, exists := have[p.Key]
		switch {
		case seen[p.Key]:
			errs[i] = fault.New(fault.Conflict, "price.stale", "the price is written twice")
		case p.Version > 0 && !exists:
			errs[i] = missing("price")
		case p.Version > 0 && p.Version != version:
			errs[i] = stale("price")
		default:
			rows = append(rows, priceRowOf(p))
		}
		seen[p.Key] = true
	}
	slices.SortFunc(rows, func(a, b priceRow) int { return a.key().Compare(b.key()) })
	return rows, errs
}

// upsert writes rows in one statement. A price that somebody inserted since
// it was looked for is overwritten: nobody asked for a version of it.
func (s prices) upsert(ctx context.Context, c conn, rows []priceRow) (map[pricing.Key]priceRow, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var back []priceRow
	q := c.insert(&rows).On("CONFLICT (channel, sku, currency, starts_at) DO UPDATE")
	for _, col := range []string{"ends_at", "unit", "was", "updated_at"} {
		q.Set("?0 = EXCLUDED.?0", bun.Ident(col))
	}
	q.Set("version = ?TableAlias.version + 1").Returning("*")
	if _, err := c.scan(ctx, q, &back); err != nil {
		return nil, err
	}
	out := make(map[pricing.Key]priceRow, len(back))
	for _, r := range back {
		out[r.key()] = r
	}
	return out, nil
}

func (s prices) Remove(ctx context.Context, keys []pricing.Key) ([]pricing.Price, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	where, args := priceKeyed(keys)
	c := s.db.conn(ctx)
	chosen := c.query((*priceRow)(nil)).Where(where, args...).Order("channel", "sku", "currency", "starts_at")
	if s.db.postgres {
		chosen.For("UPDATE")
	}
	var rows []priceRow
	if _, err := c.scan(ctx, deletePrices(c, chosen).Returning("*"), &rows); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b priceRow) int { return a.key().Compare(b.key()) })
	return values(rows, priceRow.value), nil
}

// deletePrices removes the rows that a query selects and has locked.
func deletePrices(c conn, chosen *bun.SelectQuery) *bun.DeleteQuery {
	return c.delete((*priceRow)(nil)).With("_chosen", chosen.Column("channel", "sku", "currency", "starts_at")).
		Where("(channel, sku, currency, starts_at) IN (SELECT channel, sku, currency, starts_at FROM _chosen)")
}

func (s prices) List(ctx context.Context, q pricing.Query, p page.Request) (page.Page[pricing.Price], error) {
	order := keyset{list: "price.key", columns: []string{"channel", "sku", "currency", "starts_at"}}
	var rows []priceRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows).Where("channel = ?", q.Channel)
	if q.SKU != "" {
		sel.Where("sku = ?", q.SKU)
	}
	size, err := order.apply(sel, p, func(key []string) ([]any, error) {
		start, err := parseTime(key[3])
		if err != nil {
			return nil, err
		}
		return []any{key[0], key[1], key[2], at(start)}, nil
	})
	if err != nil {
		return page.Page[pricing.Price]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[pricing.Price]{}, err
	}
	return pageOf(order, rows, size, priceRow.value, func(r priceRow) []string {
		return []string{string(r.Channel), string(r.SKU), string(r.Currency), timeKey(r.StartsAt.Time)}
	}), nil
}

func (s prices) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	if limit <= 0 {
		return 0, ctxFault(ctx)
	}
	c := s.db.conn(ctx)
	ended := c.query((*priceRow)(nil)).Where("ends_at <= ?", at(before)).
		Order("ends_at", "channel", "sku", "currency", "starts_at").Limit(int64(limit))
	if s.db.postgres {
		ended.For("UPDATE SKIP LOCKED")
	}
	n, err := c.exec(ctx, deletePrices(c, ended))
	return int(n), err
}
