package memory

import (
	"context"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/page"
)

type brands struct {
	rows  *table[catalog.BrandID, catalog.Brand]
	slugs slugs
}

var _ catalog.BrandStore = brands{}

func newBrands(db *DB, s slugs) brands {
	return brands{slugs: s, rows: newTable(db, spec[catalog.BrandID, catalog.Brand]{
		name:    "brand",
		key:     func(b *catalog.Brand) catalog.BrandID { return b.ID },
		clone:   catalog.Brand.Clone,
		version: func(b *catalog.Brand) *int64 { return &b.Version },
		ordered: map[string]func(*catalog.Brand) string{
			"slug": func(b *catalog.Brand) string { return sortKey(b.Slug, string(b.ID)) },
		},
	})}
}

func (s brands) Get(ctx context.Context, id catalog.BrandID) (catalog.Brand, error) {
	return s.rows.get(ctx, id)
}

func (s brands) GetMany(ctx context.Context, ids []catalog.BrandID) ([]catalog.Brand, error) {
	return s.rows.getMany(ctx, ids)
}

func (s brands) FindSlug(ctx context.Context, text string) (catalog.Brand, error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	held, err := s.slugs.rows.get(ctx, slugKey("brand", text))
	if err != nil {
		return catalog.Brand{}, err
	}
	return s.rows.get(ctx, catalog.BrandID(held.Subject))
}

func (s brands) InsertMany(ctx context.Context, all []*catalog.Brand) ([]error, error) {
	return rowByRow(ctx, s.rows.db, all, func(b *catalog.Brand) string { return string(b.ID) },
		func(ctx context.Context, b *catalog.Brand) error {
			return insertSlugged(ctx, s.rows, s.slugs, b, b.Slug)
		})
}

func (s brands) Update(ctx context.Context, b *catalog.Brand) error {
	return updateSlugged(ctx, s.rows, s.slugs, b, b.Slug)
}

func (s brands) List(ctx context.Context, p page.Request) (page.Page[catalog.Brand], error) {
	return s.rows.page(ctx, "brand.slug", p, scan[catalog.Brand]{index: "slug"})
}
