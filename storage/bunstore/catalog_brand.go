package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/page"
)

type brandRow struct {
	bun.BaseModel `bun:"table:brands,alias:b"`

	ID        catalog.BrandID `bun:"id,pk"`
	Slug      string          `bun:"slug"`
	Name      catalog.Text    `bun:"name,type:jsonb"`
	Picture   string          `bun:"picture"`
	CreatedAt instant         `bun:"created_at,type:timestamptz"`
	UpdatedAt instant         `bun:"updated_at,type:timestamptz"`
	Version   int64           `bun:"version"`
}

func (r *brandRow) key() string { return string(r.ID) }
func (r *brandRow) claim() slugRow {
	return slugRow{Kind: "brand", Slug: r.Slug, Subject: string(r.ID)}
}

func (r brandRow) value() catalog.Brand {
	return catalog.Brand{
		ID: r.ID, Slug: r.Slug, Name: r.Name, Picture: r.Picture,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
}

func brandRowOf(b *catalog.Brand, version int64) *brandRow {
	return &brandRow{
		ID: b.ID, Slug: b.Slug, Name: b.Name, Picture: b.Picture,
		CreatedAt: at(b.CreatedAt), UpdatedAt: at(b.UpdatedAt), Version: version,
	}
}

type brands struct{ db *DB }

var _ catalog.BrandStore = brands{}

func (s brands) Get(ctx context.Context, id catalog.BrandID) (catalog.Brand, error) {
	var row brandRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = ?", id))
	if err != nil {
		return catalog.Brand{}, err
	}
	if !found {
		return catalog.Brand{}, missing("brand")
	}
	return row.value(), nil
}

func (s brands) GetMany(ctx context.Context, ids []catalog.BrandID) ([]catalog.Brand, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []brandRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("id IN (?)", bun.List(ids))); err != nil {
		return nil, err
	}
	return inOrder(ids, rows, func(r brandRow) catalog.BrandID { return r.ID }, brandRow.value), nil
}

func (s brands) FindSlug(ctx context.Context, slug string) (catalog.Brand, error) {
	var row brandRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = (?)", subjectOf(c, "brand", slug)))
	if err != nil {
		return catalog.Brand{}, err
	}
	if !found {
		return catalog.Brand{}, missing("brand")
	}
	return row.value(), nil
}

func (s brands) InsertMany(ctx context.Context, all []*catalog.Brand) ([]error, error) {
	rows := make([]*brandRow, len(all))
	for i, b := range all {
		rows[i] = brandRowOf(b, 1)
	}
	var errs []error
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		var err error
		errs, err = insertSlugged(ctx, c, "brand", rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, b := range all {
		if errs[i] == nil {
			b.Version = 1
		}
	}
	return errs, nil
}

func (s brands) Update(ctx context.Context, b *catalog.Brand) error {
	row := brandRowOf(b, b.Version+1)
	if err := updateSlugged(ctx, s.db, "brand", row, row.claim(), row.Version); err != nil {
		return err
	}
	b.Version++
	return nil
}

func (s brands) List(ctx context.Context, p page.Request) (page.Page[catalog.Brand], error) {
	order := keyset{list: "brand.slug", columns: []string{"slug", "id"}}
	var rows []brandRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[catalog.Brand]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[catalog.Brand]{}, err
	}
	return pageOf(order, rows, size, brandRow.value, func(r brandRow) []string { return []string{r.Slug, string(r.ID)} }), nil
}

// subjectOf selects the id of who has or had a slug.
func subjectOf(c conn, kind, slug string) *bun.SelectQuery {
	return c.query((*slugRow)(nil)).Column("subject").Where("kind = ? AND slug = ?", kind, slug)
}
