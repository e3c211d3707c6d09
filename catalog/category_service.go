package catalog

import (
	"context"
	"strconv"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// CategoryInput is a category's content.
type CategoryInput struct {
	// ID is the host's own id; a change ignores it. Defaults to a minted one.
	ID CategoryID
	// Parent is empty for a root; a change ignores it, see
	// [Service.MoveCategory].
	Parent CategoryID
	// Slug is unique among categories. Defaults to one made of the name, or,
	// in a change, to the current one.
	Slug   string
	Name   Text // required
	Sort   int64
	Hidden bool
}

// CreateCategories adds categories, all or none; a parent may be an earlier
// row of the same call. Staff only. Kinds: Invalid (paths begin with the row,
// "[2].parent"), PermissionDenied, AlreadyExists.
func (s *Service) CreateCategories(ctx context.Context, scope ref.Scope, in []CategoryInput) ([]Category, error) {
	if !scope.All() {
		return nil, denied()
	}
	if err := checkBatch(len(in)); err != nil {
		return nil, err
	}
	now, ids := s.cfg.Clock.Now(), s.mint(2*len(in))
	var v fault.Violations
	rows := make([]Category, len(in))
	parents := make([]CategoryID, len(in))
	for i, row := range in {
		c := Category{
			ID: row.ID, Parent: row.Parent, Slug: row.Slug, Name: row.Name.clone(),
			Sort: row.Sort, Hidden: row.Hidden, CreatedAt: now, UpdatedAt: now,
		}
		if c.ID == "" {
			c.ID = CategoryID(ids[i])
		}
		if c.Slug == "" {
			c.Slug = s.slugOf(c.Name, string(c.ID))
		}
		if err := c.check(); err != nil && !v.Merge("["+strconv.Itoa(i)+"]", err) {
			return nil, err
		}
		rows[i], parents[i] = c, row.Parent
	}
	if err := v.Err("category.invalid", "the categories are not valid"); err != nil {
		return nil, err
	}
	var out []Category
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Categories.Lock(ctx); err != nil {
			return err
		}
		stored, err := s.cfg.Categories.GetMany(ctx, valid(distinct(parents)))
		if err != nil {
			return err
		}
		if out, err = plant(rows, stored); err != nil {
			return err
		}
		ptrs := make([]*Category, len(out))
		for i := range out {
			ptrs[i] = &out[i]
		}
		errs, err := slugged[Category]{
			insert: s.cfg.Categories.InsertMany,
			slug:   func(c *Category) *string { return &c.Slug },
			id:     func(c *Category) string { return string(c.ID) },
		}.insertAll(ctx, ptrs, func(i int) bool { return in[i].Slug == "" })
		if err != nil {
			return err
		}
		j := &journal{ids: ids[len(in):], at: now}
		for i, err := range errs {
			if err != nil {
				return err
			}
			if err := j.add(CategoryTopic, string(out[i].ID), changed(out[i], false)); err != nil {
				return err
			}
		}
		return s.append(ctx, j)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// plant returns copies of rows with their paths; a parent is a stored
// category or an earlier row.
func plant(rows, stored []Category) ([]Category, error) {
	byID := make(map[CategoryID]*Category, len(stored)+len(rows))
	for i := range stored {
		byID[stored[i].ID] = &stored[i]
	}
	var v fault.Violations
	out := make([]Category, len(rows))
	for i := range rows {
		out[i] = rows[i].Clone()
		at := "[" + strconv.Itoa(i) + "]"
		parent := byID[out[i].Parent]
		if out[i].Parent != "" && parent == nil {
			v.Add(at+".parent", "unknown", nil)
			continue
		}
		if err := out[i].under(parent); err != nil && !v.Merge(at, err) {
			return nil, err
		}
		byID[out[i].ID] = &out[i]
	}
	return out, v.Err("category.invalid", "the categories are not valid")
}

// ChangeCategory replaces a category's content and leaves its place. Staff
// only. Kinds: Invalid, PermissionDenied, NotFound, AlreadyExists where
// another category has or had the slug, Conflict where version is not the
// newest.
func (s *Service) ChangeCategory(ctx context.Context, scope ref.Scope, id CategoryID, version int64, in CategoryInput) (Category, error) {
	return s.editCategory(ctx, scope, id, version, func(_ context.Context, c *Category) error {
		c.Name, c.Sort, c.Hidden = in.Name.clone(), in.Sort, in.Hidden
		if in.Slug != "" {
			c.Slug = in.Slug
		}
		return c.check()
	})
}

// MoveCategory puts a category and all below it under another parent, or at
// the root where parent is empty. Staff only. Kinds: NotFound,
// PermissionDenied, Invalid for an unknown parent or too deep a tree,
// FailedPrecondition, code "category.cycle", where the parent is the category
// itself or below it, Conflict where version is not the newest.
func (s *Service) MoveCategory(ctx context.Context, scope ref.Scope, id CategoryID, version int64, parent CategoryID) (Category, error) {
	return s.editCategory(ctx, scope, id, version, func(ctx context.Context, c *Category) error {
		return s.replant(ctx, c, parent)
	})
}

// replant gives c and its subtree their new paths; the tree is locked.
func (s *Service) replant(ctx context.Context, c *Category, parent CategoryID) error {
	var above *Category
	if parent != "" {
		found, err := s.cfg.Categories.GetMany(ctx, valid([]CategoryID{parent}))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.Invalid, "category.invalid", "the category is not valid").
				WithField("parent", "unknown", nil)
		}
		above = &found[0]
		if above.Within(*c) {
			return fault.New(fault.FailedPrecondition, "category.cycle", "a category cannot be below itself").
				With("category", string(c.ID)).With("parent", string(parent))
		}
	}
	from, depth := c.Path, c.Depth()
	if err := c.under(above); err != nil {
		return err
	}
	deeper, err := s.cfg.Categories.List(ctx, CategoryQuery{Within: from}, page.Request{Limit: page.MaxLimit})
	for {
		if err != nil {
			return err
		}
		for _, below := range deeper.Items {
			if below.Depth()-depth+c.Depth() > MaxDepth {
				return tooDeep()
			}
		}
		if deeper.Next == "" {
			break
		}
		deeper, err = s.cfg.Categories.List(ctx, CategoryQuery{Within: from}, page.Request{Limit: page.MaxLimit, After: deeper.Next})
	}
	return nil
}

func (s *Service) editCategory(ctx context.Context, scope ref.Scope, id CategoryID, version int64,
	fn func(ctx context.Context, c *Category) error,
) (Category, error) {
	if !scope.All() {
		return Category{}, denied()
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var c Category
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Categories.Lock(ctx); err != nil {
			return err
		}
		var err error
		if c, err = s.Category(ctx, id); err != nil {
			return err
		}
		from := c.Path
		c.Version, c.UpdatedAt = version, now
		if err := fn(ctx, &c); err != nil {
			return err
		}
		if err := s.cfg.Categories.Update(ctx, &c); err != nil {
			return err
		}
		if c.Path != from {
			if _, err := s.cfg.Categories.Rebase(ctx, from, c.Path); err != nil {
				return err
			}
		}
		rec, err := event.New(eventID, CategoryTopic, string(id), now, changed(c, c.Path != from))
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Category{}, err
	}
	return c, nil
}

func changed(c Category, moved bool) CategoryChanged {
	return CategoryChanged{Category: c.ID, Parent: c.Parent, Moved: moved, Version: c.Version}
}

// Category returns a category. NotFound.
func (s *Service) Category(ctx context.Context, id CategoryID) (Category, error) {
	if !ref.ValidID(string(id)) {
		return Category{}, fault.New(fault.NotFound, "category.not_found", "no such object")
	}
	return s.cfg.Categories.Get(ctx, id)
}

// CategoryBySlug returns the category that has or had a slug. NotFound.
func (s *Service) CategoryBySlug(ctx context.Context, slug string) (Category, error) {
	if !plausible(slug) {
		return Category{}, noSlug("category")
	}
	return s.cfg.Categories.FindSlug(ctx, slug)
}

// CategoriesByID returns the categories that exist, in the order of ids.
func (s *Service) CategoriesByID(ctx context.Context, ids []CategoryID) ([]Category, error) {
	return s.cfg.Categories.GetMany(ctx, valid(ids))
}

// CategoryPath returns a category and its ancestors, the root first: a
// breadcrumb. NotFound.
func (s *Service) CategoryPath(ctx context.Context, id CategoryID) ([]Category, error) {
	c, err := s.Category(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.cfg.Categories.GetMany(ctx, c.Ancestors())
}

// CategoryTree returns a category with all below it, or the whole forest for
// the empty id, hidden nodes included; maxDepth counts levels from the root of
// the answer, 0 is all. NotFound.
func (s *Service) CategoryTree(ctx context.Context, root CategoryID, maxDepth int) ([]CategoryNode, error) {
	q := CategoryQuery{MaxDepth: maxDepth}
	if root != "" {
		c, err := s.Category(ctx, root)
		if err != nil {
			return nil, err
		}
		q.Within = c.Path
		if maxDepth > 0 {
			q.MaxDepth += c.Depth() - 1
		}
	}
	var all []Category
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := s.cfg.Categories.List(ctx, q, req)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
		if p.Next == "" {
			return Tree(all), nil
		}
		req.After = p.Next
	}
}
