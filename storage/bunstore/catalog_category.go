package bunstore

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/page"
)

type categoryRow struct {
	bun.BaseModel `bun:"table:categories,alias:ca"`

	ID        catalog.CategoryID `bun:"id,pk"`
	Parent    catalog.CategoryID `bun:"parent"`
	Path      string             `bun:"path"`
	Depth     int64              `bun:"depth"`
	Slug      string             `bun:"slug"`
	Name      catalog.Text       `bun:"name,type:jsonb"`
	Sort      int64              `bun:"sort"`
	Hidden    bool               `bun:"hidden"`
	CreatedAt instant            `bun:"created_at,type:timestamptz"`
	UpdatedAt instant            `bun:"updated_at,type:timestamptz"`
	Version   int64              `bun:"version"`
}

func (r *categoryRow) key() string { return string(r.ID) }
func (r *categoryRow) claim() slugRow {
	return slugRow{Kind: "category", Slug: r.Slug, Subject: string(r.ID)}
}

func (r categoryRow) value() catalog.Category {
	return catalog.Category{
		ID: r.ID, Parent: r.Parent, Path: r.Path, Slug: r.Slug, Name: r.Name, Sort: r.Sort, Hidden: r.Hidden,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
}

func categoryRowOf(c *catalog.Category, version int64) *categoryRow {
	return &categoryRow{
		ID: c.ID, Parent: c.Parent, Path: c.Path, Depth: int64(c.Depth()), Slug: c.Slug, Name: c.Name,
		Sort: c.Sort, Hidden: c.Hidden, CreatedAt: at(c.CreatedAt), UpdatedAt: at(c.UpdatedAt), Version: version,
	}
}

type categories struct{ db *DB }

var _ catalog.CategoryStore = categories{}

func (s categories) Lock(ctx context.Context) error {
	if _, err := s.db.inside(ctx, "category.lock"); err != nil {
		return err
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, c.raw("UPDATE category_tree SET changes = changes + 1"))
	return err
}

func (s categories) Get(ctx context.Context, id catalog.CategoryID) (catalog.Category, error) {
	var row categoryRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = ?", id))
	if err != nil {
		return catalog.Category{}, err
	}
	if !found {
		return catalog.Category{}, missing("category")
	}
	return row.value(), nil
}

func (s categories) GetMany(ctx context.Context, ids []catalog.CategoryID) ([]catalog.Category, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []categoryRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("id IN (?)", bun.List(ids))); err != nil {
		return nil, err
	}
	return inOrder(ids, rows, func(r categoryRow) catalog.CategoryID { return r.ID }, categoryRow.value), nil
}

func (s categories) FindSlug(ctx context.Context, slug string) (catalog.Category, error) {
	var row categoryRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = (?)", subjectOf(c, "category", slug)))
	if err != nil {
		return catalog.Category{}, err
	}
	if !found {
		return catalog.Category{}, missing("category")
	}
	return row.value(), nil
}

func (s categories) InsertMany(ctx context.Context, all []*catalog.Category) ([]error, error) {
	rows := make([]*categoryRow, len(all))
	for i, c := range all {
		rows[i] = categoryRowOf(c, 1)
	}
	var errs []error
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		var err error
		errs, err = insertSlugged(ctx, c, "category", rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, c := range all {
		if errs[i] == nil {
			c.Version = 1
		}
	}
	return errs, nil
}

func (s categories) Update(ctx context.Context, c *catalog.Category) error {
	row := categoryRowOf(c, c.Version+1)
	if err := updateSlugged(ctx, s.db, "category", row, row.claim(), row.Version); err != nil {
		return err
	}
	c.Version++
	return nil
}

func (s categories) Rebase(ctx context.Context, from, to string) (int, error) {
	if _, err := s.db.inside(ctx, "category.rebase"); err != nil {
		return 0, err
	}
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, within(c.update((*categoryRow)(nil)), from).
		Set("path = ? || substr(path, ?)", to, len([]rune(from))+1).
		Set("depth = depth + ?", strings.Count(to, "/")-strings.Count(from, "/")).
		Set("version = version + 1"))
	return int(n), err
}

func (s categories) List(ctx context.Context, q catalog.CategoryQuery, p page.Request) (page.Page[catalog.Category], error) {
	order := keyset{list: "category.path", columns: []string{"path"}}
	var rows []categoryRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	if q.Within != "" {
		sel = within(sel, q.Within)
	}
	if q.MaxDepth > 0 {
		sel.Where("depth <= ?", q.MaxDepth)
	}
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[catalog.Category]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[catalog.Category]{}, err
	}
	return pageOf(order, rows, size, categoryRow.value, func(r categoryRow) []string { return []string{r.Path} }), nil
}

// within selects the paths that begin with one: a range, for "0" comes right
// after "/".
func within[Q interface {
	Where(query string, args ...any) Q
}](q Q, path string,
) Q {
	return q.Where("path >= ? AND path < ?", path, strings.TrimSuffix(path, "/")+"0")
}
