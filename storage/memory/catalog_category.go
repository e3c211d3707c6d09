package memory

import (
	"context"
	"strings"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/page"
)

type categories struct {
	rows  *table[catalog.CategoryID, catalog.Category]
	slugs slugs
}

var _ catalog.CategoryStore = categories{}

func newCategories(db *DB, s slugs) categories {
	return categories{slugs: s, rows: newTable(db, spec[catalog.CategoryID, catalog.Category]{
		name:    "category",
		key:     func(c *catalog.Category) catalog.CategoryID { return c.ID },
		clone:   catalog.Category.Clone,
		version: func(c *catalog.Category) *int64 { return &c.Version },
		ordered: map[string]func(*catalog.Category) string{
			"path": func(c *catalog.Category) string { return sortKey(c.Path) },
		},
	})}
}

func (s categories) Lock(ctx context.Context) error {
	u, err := s.rows.db.inside(ctx, "category.lock")
	if err != nil {
		return err
	}
	return u.lock(ctx, lockKey{"category/tree", "tree"})
}

func (s categories) Get(ctx context.Context, id catalog.CategoryID) (catalog.Category, error) {
	return s.rows.get(ctx, id)
}

func (s categories) GetMany(ctx context.Context, ids []catalog.CategoryID) ([]catalog.Category, error) {
	return s.rows.getMany(ctx, ids)
}

func (s categories) FindSlug(ctx context.Context, text string) (catalog.Category, error) {
	ctx, done := s.rows.db.moment(ctx)
	defer done()
	held, err := s.slugs.rows.get(ctx, slugKey("category", text))
	if err != nil {
		return catalog.Category{}, err
	}
	return s.rows.get(ctx, catalog.CategoryID(held.Subject))
}

func (s categories) InsertMany(ctx context.Context, all []*catalog.Category) ([]error, error) {
	return rowByRow(ctx, s.rows.db, all, func(c *catalog.Category) string { return string(c.ID) },
		func(ctx context.Context, c *catalog.Category) error {
			return insertSlugged(ctx, s.rows, s.slugs, c, c.Slug)
		})
}

func (s categories) Update(ctx context.Context, c *catalog.Category) error {
	return updateSlugged(ctx, s.rows, s.slugs, c, c.Slug)
}

func (s categories) Rebase(ctx context.Context, from, to string) (int, error) {
	if _, err := s.rows.db.inside(ctx, "category.rebase"); err != nil {
		return 0, err
	}
	below, err := s.rows.scan(ctx, scan[catalog.Category]{index: "path", prefix: from})
	if err != nil {
		return 0, err
	}
	for _, c := range below {
		err := s.rows.mutate(ctx, c.ID, func(c *catalog.Category) error {
			c.Path = to + strings.TrimPrefix(c.Path, from)
			c.Version++
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return len(below), nil
}

func (s categories) List(ctx context.Context, q catalog.CategoryQuery, p page.Request) (page.Page[catalog.Category], error) {
	return s.rows.page(ctx, "category.path", p, scan[catalog.Category]{
		index: "path", prefix: q.Within,
		match: func(c *catalog.Category) bool { return q.MaxDepth == 0 || c.Depth() <= q.MaxDepth },
	})
}
