package memory

import (
	"context"

	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
)

type merchants struct {
	rows *table[merchant.ID, merchant.Merchant]
}

var _ merchant.Store = merchants{}

func newMerchants(db *DB) merchants {
	return merchants{newTable(db, spec[merchant.ID, merchant.Merchant]{
		name:    "merchant",
		key:     func(m *merchant.Merchant) merchant.ID { return m.ID },
		clone:   func(m merchant.Merchant) merchant.Merchant { return m },
		version: func(m *merchant.Merchant) *int64 { return &m.Version },
		ordered: map[string]func(*merchant.Merchant) string{
			"id": func(m *merchant.Merchant) string { return sortKey(string(m.ID)) },
		},
	})}
}

func (s merchants) Get(ctx context.Context, id merchant.ID) (merchant.Merchant, error) {
	return s.rows.get(ctx, id)
}

func (s merchants) GetMany(ctx context.Context, ids []merchant.ID) ([]merchant.Merchant, error) {
	return s.rows.getMany(ctx, ids)
}

func (s merchants) Insert(ctx context.Context, m *merchant.Merchant) error {
	return s.rows.insert(ctx, m)
}

func (s merchants) Update(ctx context.Context, m *merchant.Merchant) error {
	return s.rows.update(ctx, m)
}

func (s merchants) List(ctx context.Context, q merchant.Query, p page.Request) (page.Page[merchant.Merchant], error) {
	return s.rows.page(ctx, "merchant.id", p, scan[merchant.Merchant]{
		index: "id",
		match: func(m *merchant.Merchant) bool { return q.State == "" || m.State == q.State },
	})
}
