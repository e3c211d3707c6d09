package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

type promoGroupRow struct {
	bun.BaseModel `bun:"table:promo_groups,alias:pg"`

	ID        promo.GroupID     `bun:"id,pk"`
	Name      string            `bun:"name"`
	Per       promo.Granularity `bun:"per"`
	Max       int64             `bun:"max"`
	Pick      promo.Choice      `bun:"pick"`
	CreatedAt instant           `bun:"created_at"`
	UpdatedAt instant           `bun:"updated_at"`
	Version   int64             `bun:"version"`
}

func (r promoGroupRow) value() campaign.Group {
	return campaign.Group{
		Group:     promo.Group{ID: r.ID, Name: r.Name, Per: r.Per, Max: int(r.Max), Pick: r.Pick},
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
}

func promoGroupRowOf(g *campaign.Group, version int64) *promoGroupRow {
	return &promoGroupRow{
		ID: g.ID, Name: g.Name, Per: g.Per, Max: int64(g.Max), Pick: g.Pick,
		CreatedAt: at(g.CreatedAt), UpdatedAt: at(g.UpdatedAt), Version: version,
	}
}

type promoGroups struct{ db *DB }

var _ campaign.GroupStore = promoGroups{}

func (s promoGroups) All(ctx context.Context) ([]campaign.Group, error) {
	var rows []promoGroupRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Order("id")); err != nil {
		return nil, err
	}
	return values(rows, promoGroupRow.value), nil
}

func (s promoGroups) Insert(ctx context.Context, g *campaign.Group) error {
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		if err := insertRow(ctx, c, "promo_group", promoGroupRowOf(g, 1)); err != nil {
			return err
		}
		return bumpPromotions(ctx, c)
	})
	if err == nil {
		g.Version = 1
	}
	return err
}

func (s promoGroups) Update(ctx context.Context, g *campaign.Group) error {
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		if err := updateRow(ctx, c, "promo_group", promoGroupRowOf(g, g.Version+1), g.Version+1); err != nil {
			return err
		}
		return bumpPromotions(ctx, c)
	})
	if err == nil {
		g.Version++
	}
	return err
}

func (s promoGroups) Remove(ctx context.Context, id promo.GroupID, version int64) error {
	return s.db.write(ctx, func(ctx context.Context, c conn) error {
		row := &promoGroupRow{ID: id, Version: version}
		n, err := c.exec(ctx, c.delete(row).WherePK().Where("version = ?", version))
		switch {
		case err != nil:
			return err
		case n == 0:
			return notUpdated(ctx, c, "promo_group", row)
		}
		return bumpPromotions(ctx, c)
	})
}
