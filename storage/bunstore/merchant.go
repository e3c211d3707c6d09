package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
)

type merchantRow struct {
	bun.BaseModel `bun:"table:merchants,alias:m"`

	ID        merchant.ID    `bun:"id,pk"`
	Name      string         `bun:"name"`
	State     merchant.State `bun:"state"`
	CreatedAt instant        `bun:"created_at"`
	UpdatedAt instant        `bun:"updated_at"`
	Version   int64          `bun:"version"`
}

func (r merchantRow) value() merchant.Merchant {
	return merchant.Merchant{
		ID: r.ID, Name: r.Name, State: r.State,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
}

func merchantRowOf(m *merchant.Merchant, version int64) *merchantRow {
	return &merchantRow{
		ID: m.ID, Name: m.Name, State: m.State,
		CreatedAt: at(m.CreatedAt), UpdatedAt: at(m.UpdatedAt), Version: version,
	}
}

type merchants struct{ db *DB }

var _ merchant.Store = merchants{}

func (s merchants) Get(ctx context.Context, id merchant.ID) (merchant.Merchant, error) {
	var row merchantRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = ?", id))
	if err != nil {
		return merchant.Merchant{}, err
	}
	if !found {
		return merchant.Merchant{}, missing("merchant")
	}
	return row.value(), nil
}

func (s merchants) GetMany(ctx context.Context, ids []merchant.ID) ([]merchant.Merchant, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []merchantRow
	err := s.db.readConn(ctx).find(ctx, "merchants", &rows, func(q *bun.SelectQuery) { q.Where(s.db.among("id", 1)) }, list(s.db, ids))
	if err != nil {
		return nil, err
	}
	return inOrder(ids, rows, func(r merchantRow) merchant.ID { return r.ID }, merchantRow.value), nil
}

func (s merchants) Insert(ctx context.Context, m *merchant.Merchant) error {
	if err := insertRow(ctx, s.db.conn(ctx), "merchant", merchantRowOf(m, 1)); err != nil {
		return err
	}
	m.Version = 1
	return nil
}

func (s merchants) Update(ctx context.Context, m *merchant.Merchant) error {
	if err := updateRow(ctx, s.db.conn(ctx), "merchant", merchantRowOf(m, m.Version+1), m.Version+1); err != nil {
		return err
	}
	m.Version++
	return nil
}

func (s merchants) List(ctx context.Context, q merchant.Query, p page.Request) (page.Page[merchant.Merchant], error) {
	order := keyset{list: "merchant.id", columns: []string{"id"}}
	var rows []merchantRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	if q.State != "" {
		sel.Where("state = ?", q.State)
	}
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[merchant.Merchant]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[merchant.Merchant]{}, err
	}
	return pageOf(order, rows, size, merchantRow.value, func(r merchantRow) []string { return []string{string(r.ID)} }), nil
}
