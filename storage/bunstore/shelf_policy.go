package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/recommend/shelf"
)

type shelfPolicyRow struct {
	bun.BaseModel `bun:"table:shelf_policies,alias:sp"`

	Slot      string      `bun:"slot,pk"`
	Mode      shelf.Mode  `bun:"mode"`
	Arms      []shelf.Arm `bun:"arms,type:jsonb"`
	UpdatedAt instant     `bun:"updated_at,type:timestamptz"`
	Version   int64       `bun:"version"`
}

func (r shelfPolicyRow) value() shelf.Policy {
	return shelf.Policy{Slot: r.Slot, Mode: r.Mode, Arms: r.Arms, UpdatedAt: r.UpdatedAt.Time, Version: r.Version}
}

func shelfPolicyRowOf(p *shelf.Policy, version int64) *shelfPolicyRow {
	return &shelfPolicyRow{
		Slot: p.Slot, Mode: p.Mode, Arms: append([]shelf.Arm{}, p.Arms...), UpdatedAt: at(p.UpdatedAt), Version: version,
	}
}

type shelfPolicies struct{ db *DB }

var _ shelf.PolicyStore = shelfPolicies{}

func (s shelfPolicies) All(ctx context.Context) ([]shelf.Policy, error) {
	var rows []shelfPolicyRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Order("slot")); err != nil {
		return nil, err
	}
	return values(rows, shelfPolicyRow.value), nil
}

func (s shelfPolicies) Insert(ctx context.Context, p *shelf.Policy) error {
	if err := insertRow(ctx, s.db.conn(ctx), "shelf_policy", shelfPolicyRowOf(p, 1)); err != nil {
		return err
	}
	p.Version = 1
	return nil
}

func (s shelfPolicies) Update(ctx context.Context, p *shelf.Policy) error {
	next := p.Version + 1
	if err := updateRow(ctx, s.db.conn(ctx), "shelf_policy", shelfPolicyRowOf(p, next), next); err != nil {
		return err
	}
	p.Version = next
	return nil
}
