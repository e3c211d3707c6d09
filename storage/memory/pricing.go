package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
)

type prices struct {
	db   *DB
	rows *table[string, pricing.Price]
}

var _ pricing.Store = prices{}

func newPrices(db *DB) prices {
	return prices{db, newTable(db, spec[string, pricing.Price]{
		name:    "price",
		key:     func(p *pricing.Price) string { return priceKey(p.Key) },
		clone:   func(p pricing.Price) pricing.Price { return p },
		version: func(p *pricing.Price) *int64 { return &p.Version },
		ordered: map[string]func(*pricing.Price) string{
			"key": func(p *pricing.Price) string { return priceKey(p.Key) },
			"end": func(p *pricing.Price) string {
				if p.Until.IsZero() {
					return ""
				}
				return sortKey(p.Until) + priceKey(p.Key)
			},
		},
	})}
}

func priceKey(k pricing.Key) string {
	return sortKey(string(k.Channel), string(k.SKU), string(k.Currency), k.From)
}

func (s prices) Find(ctx context.Context, q pricing.FindQuery) ([]pricing.Price, error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	var out []pricing.Price
	skus := slices.Compact(slices.Sorted(slices.Values(q.SKUs)))
	for _, ch := range slices.Compact(slices.Sorted(slices.Values(q.Channels))) {
		for _, sku := range skus {
			rows, err := s.rows.scan(ctx, scan[pricing.Price]{
				index: "key", prefix: sortKey(string(ch), string(sku)),
				match: func(p *pricing.Price) bool { return p.Until.IsZero() || p.Until.After(q.After) },
			})
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
	}
	return out, nil
}

func (s prices) Put(ctx context.Context, all []*pricing.Price) ([]error, error) {
	order := make([]int, len(all))
	for i := range all {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return all[a].Compare(all[b].Key) })
	errs := make([]error, len(all))
	written := make([]pricing.Price, len(all))
	err := s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		for n, i := range order {
			if n > 0 && all[order[n-1]].Key == all[i].Key {
				errs[i] = fault.New(fault.Conflict, "price.stale", "the price is written twice")
				continue
			}
			err := s.put(ctx, all[i], &written[i])
			if errors.Is(err, fault.Conflict) || errors.Is(err, fault.NotFound) {
				errs[i], err = err, nil
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		if errs[i] == nil {
			p.Version, p.CreatedAt = written[i].Version, written[i].CreatedAt
		}
	}
	return errs, nil
}

func (s prices) put(ctx context.Context, p, written *pricing.Price) error {
	return s.rows.upsert(ctx, priceKey(p.Key), func(row *pricing.Price, exists bool) error {
		switch {
		case p.Version > 0 && !exists:
			return s.rows.missing(string(p.SKU))
		case p.Version > 0 && p.Version != row.Version:
			return fault.New(fault.Conflict, "price.stale", "the object changed meanwhile")
		}
		next := *p
		next.Version = row.Version + 1
		if exists {
			next.CreatedAt = row.CreatedAt
		}
		*row, *written = next, next
		return nil
	})
}

func (s prices) Remove(ctx context.Context, keys []pricing.Key) ([]pricing.Price, error) {
	var out []pricing.Price
	err := s.db.write(ctx, func(ctx context.Context, _ *unit) error {
		out = nil
		for _, k := range slices.SortedFunc(slices.Values(keys), pricing.Key.Compare) {
			p, err := s.rows.get(ctx, priceKey(k))
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
			if was, err := s.rows.remove(ctx, priceKey(k)); err != nil {
				return err
			} else if was {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, err
}

func (s prices) List(ctx context.Context, q pricing.Query, p page.Request) (page.Page[pricing.Price], error) {
	prefix := sortKey(string(q.Channel))
	if q.SKU != "" {
		prefix = sortKey(string(q.Channel), string(q.SKU))
	}
	return s.rows.page(ctx, "price.key", p, scan[pricing.Price]{index: "key", prefix: prefix})
}

func (s prices) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	if limit <= 0 {
		return 0, ctxFault(ctx)
	}
	return purge(ctx, s.rows, "end", limit, func(p *pricing.Price) bool { return !p.Until.After(before) })
}
