package memory

import (
	"context"

	"github.com/soukhq/souk/recommend/shelf"
)

type shelfPolicies struct{ rows *table[string, shelf.Policy] }

var _ shelf.PolicyStore = shelfPolicies{}

func newShelfPolicies(db *DB) shelfPolicies {
	return shelfPolicies{newTable(db, spec[string, shelf.Policy]{
		name:    "shelf_policy",
		key:     func(p *shelf.Policy) string { return p.Slot },
		clone:   shelf.Policy.Clone,
		version: func(p *shelf.Policy) *int64 { return &p.Version },
		ordered: map[string]func(*shelf.Policy) string{
			"slot": func(p *shelf.Policy) string { return sortKey(p.Slot) },
		},
	})}
}

func (s shelfPolicies) All(ctx context.Context) ([]shelf.Policy, error) {
	return s.rows.scan(ctx, scan[shelf.Policy]{index: "slot"})
}

func (s shelfPolicies) Insert(ctx context.Context, p *shelf.Policy) error {
	return s.rows.insert(ctx, p)
}

func (s shelfPolicies) Update(ctx context.Context, p *shelf.Policy) error {
	return s.rows.update(ctx, p)
}
