package storagetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

func catalogCategoryCases() []Case {
	return []Case{
		{Name: "insert and get return the same category", Run: categoryRoundTrip},
		{Name: "a refused row leaves nothing and does not disturb the others", Run: categoryRefused},
		{Name: "a stale update is refused and changes nothing", Run: categoryStale},
		{Name: "a slug stays with its category for ever", Run: categorySlugs},
		{Name: "a subtree is a range of paths and moves as one", Run: categoryRebase, Apart: true},
		{Name: "the tree's lock needs a unit and lets one in at a time", Run: categoryLock, Apart: true},
		{Name: "pages go from parents to children", Run: categoryPages},
	}
}

func newCategory(parent *catalog.Category) catalog.Category {
	id := newID()
	c := catalog.Category{
		ID: catalog.CategoryID(id), Path: "/" + id + "/", Slug: "c-" + id,
		Name: catalog.Text{ref.English: "Tea & more", ref.Chinese: "茶"}, Sort: -3, Hidden: true,
		CreatedAt: noon(), UpdatedAt: noon(),
	}
	if parent != nil {
		c.Parent, c.Path = parent.ID, parent.Path+id+"/"
	}
	return c
}

func insertCategories(t T, s storage.Stores, all ...*catalog.Category) {
	errs, err := s.Categories.InsertMany(t.Context(), all)
	require.NoError(t, err)
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func categoryRoundTrip(t T, s storage.Stores) {
	root := newCategory(nil)
	child := newCategory(&root)
	insertCategories(t, s, &root, &child)
	require.EqualValues(t, 1, child.Version)
	child.Name[ref.English], child.Sort, child.Hidden = "renamed", 7, false
	require.NoError(t, s.Categories.Update(t.Context(), &child))
	require.EqualValues(t, 2, child.Version)
	got, err := s.Categories.GetMany(t.Context(), []catalog.CategoryID{child.ID, catalog.CategoryID(newID()), root.ID})
	require.NoError(t, err)
	require.Equal(t, []catalog.Category{child, root}, got)
	got[0].Name[ref.English] = "spoilt"
	again, err := s.Categories.Get(t.Context(), child.ID)
	require.NoError(t, err)
	require.Equal(t, child, again)
	_, err = s.Categories.Get(t.Context(), catalog.CategoryID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func categoryRefused(t T, s storage.Stores) {
	old := newCategory(nil)
	insertCategories(t, s, &old)
	sameID, sameSlug, fine := newCategory(nil), newCategory(nil), newCategory(nil)
	sameID.ID, sameID.Path, sameSlug.Slug = old.ID, old.Path, old.Slug
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		errs, err := s.Categories.InsertMany(ctx, []*catalog.Category{&sameID, &sameSlug, &fine})
		require.NoError(t, err)
		require.ErrorIs(t, errs[0], fault.AlreadyExists)
		require.ErrorIs(t, errs[1], fault.AlreadyExists)
		require.NoError(t, errs[2])
		return nil
	}))
	_, err := s.Categories.FindSlug(t.Context(), sameID.Slug)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Categories.Get(t.Context(), sameSlug.ID)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Categories.Get(t.Context(), fine.ID)
	require.NoError(t, err)
}

func categoryStale(t T, s storage.Stores) {
	c := newCategory(nil)
	insertCategories(t, s, &c)
	old := c.Clone()
	c.Sort = 9
	require.NoError(t, s.Categories.Update(t.Context(), &c))
	old.Slug += "-lost"
	require.ErrorIs(t, s.Categories.Update(t.Context(), &old), fault.Conflict)
	require.EqualValues(t, 1, old.Version)
	_, err := s.Categories.FindSlug(t.Context(), old.Slug)
	require.ErrorIs(t, err, fault.NotFound)
	none := newCategory(nil)
	require.ErrorIs(t, s.Categories.Update(t.Context(), &none), fault.NotFound)
}

func categorySlugs(t T, s storage.Stores) {
	c, other := newCategory(nil), newCategory(nil)
	insertCategories(t, s, &c, &other)
	first := c.Slug
	c.Slug = first + "-second"
	require.NoError(t, s.Categories.Update(t.Context(), &c))
	for _, slug := range []string{first, c.Slug} {
		got, err := s.Categories.FindSlug(t.Context(), slug)
		require.NoError(t, err)
		require.Equal(t, c, got)
	}
	other.Slug = first
	require.ErrorIs(t, s.Categories.Update(t.Context(), &other), fault.AlreadyExists)
}

func categoryRebase(t T, s storage.Stores) {
	a, b := newCategory(nil), newCategory(nil)
	moved := newCategory(&a)
	below := newCategory(&moved)
	stays := newCategory(&a)
	insertCategories(t, s, &a, &b, &moved, &below, &stays)

	_, err := s.Categories.Rebase(t.Context(), moved.Path, b.Path)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	from := moved.Path
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Categories.Lock(ctx))
		moved.Parent, moved.Path = b.ID, b.Path+string(moved.ID)+"/"
		require.NoError(t, s.Categories.Update(ctx, &moved))
		n, err := s.Categories.Rebase(ctx, from, moved.Path)
		require.NoError(t, err)
		require.Equal(t, 1, n, "what is below, not what moved already")
		return nil
	}))
	below.Path, below.Version = moved.Path+string(below.ID)+"/", 2
	list := func(root catalog.Category) []catalog.Category {
		p, err := s.Categories.List(t.Context(), catalog.CategoryQuery{Within: root.Path}, page.Request{})
		require.NoError(t, err)
		return p.Items
	}
	require.Equal(t, []catalog.Category{b, moved, below}, list(b))
	require.Equal(t, []catalog.Category{a, stays}, list(a))
	p, err := s.Categories.List(t.Context(), catalog.CategoryQuery{Within: b.Path, MaxDepth: 2}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, []catalog.Category{b, moved}, p.Items)
}

func categoryLock(t T, s storage.Stores) { oneInside(t, s, s.Categories.Lock) }

// oneInside checks that of the units that take a lock one holds it at a time.
func oneInside(t T, s storage.Stores, lock func(context.Context) error) {
	t.Helper()
	require.ErrorIs(t, lock(t.Context()), fault.FailedPrecondition)
	inside := make(chan struct{}, 1)
	errs := together(t.Context(), 4, func(ctx context.Context, _ int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			if err := lock(ctx); err != nil {
				return err
			}
			select {
			case inside <- struct{}{}:
			default:
				return errBoom // somebody else is inside
			}
			time.Sleep(2 * time.Millisecond)
			<-inside
			return nil
		})
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func categoryPages(t T, s storage.Stores) {
	root := newCategory(nil)
	all := []*catalog.Category{&root}
	for range 5 {
		c := newCategory(&root)
		d := newCategory(&c)
		all = append(all, &c, &d)
	}
	insertCategories(t, s, all...)
	seen := map[catalog.CategoryID]bool{}
	req := page.Request{Limit: 2}
	for {
		p, err := s.Categories.List(t.Context(), catalog.CategoryQuery{Within: root.Path}, req)
		require.NoError(t, err)
		for _, c := range p.Items {
			require.False(t, seen[c.ID], "a row repeats")
			require.True(t, c.Parent == "" || seen[c.Parent], "a child before its parent")
			seen[c.ID] = true
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Len(t, seen, len(all))
	_, err := s.Categories.List(t.Context(), catalog.CategoryQuery{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}
