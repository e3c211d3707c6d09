package memory

import (
	"context"

	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

type promoGroups struct {
	rows     *table[promo.GroupID, campaign.Group]
	revision promoRevision
}

var _ campaign.GroupStore = promoGroups{}

func newPromoGroups(db *DB, revision promoRevision) promoGroups {
	return promoGroups{
		revision: revision,
		rows: newTable(db, spec[promo.GroupID, campaign.Group]{
			name:    "promo_group",
			key:     func(g *campaign.Group) promo.GroupID { return g.ID },
			clone:   func(g campaign.Group) campaign.Group { return g },
			version: func(g *campaign.Group) *int64 { return &g.Version },
			ordered: map[string]func(*campaign.Group) string{
				"id": func(g *campaign.Group) string { return sortKey(string(g.ID)) },
			},
		}),
	}
}

func (s promoGroups) All(ctx context.Context) ([]campaign.Group, error) {
	return s.rows.scan(ctx, scan[campaign.Group]{index: "id"})
}

func (s promoGroups) Insert(ctx context.Context, g *campaign.Group) error {
	return s.write(ctx, g, s.rows.insert)
}

func (s promoGroups) Update(ctx context.Context, g *campaign.Group) error {
	return s.write(ctx, g, s.rows.update)
}

func (s promoGroups) write(ctx context.Context, g *campaign.Group, fn func(context.Context, *campaign.Group) error) error {
	next := *g
	err := s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		next = *g
		if err := fn(ctx, &next); err != nil {
			return err
		}
		return s.revision.bump(ctx)
	})
	if err == nil {
		g.Version = next.Version
	}
	return err
}

func (s promoGroups) Remove(ctx context.Context, id promo.GroupID, version int64) error {
	return s.rows.db.write(ctx, func(ctx context.Context, _ *unit) error {
		// Locks the row, and counts it up where the version is right.
		row := campaign.Group{Group: promo.Group{ID: id}, Version: version}
		if err := s.rows.update(ctx, &row); err != nil {
			return err
		}
		if _, err := s.rows.remove(ctx, id); err != nil {
			return err
		}
		return s.revision.bump(ctx)
	})
}
