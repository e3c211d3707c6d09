package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

func named(id, parent, name string) catalog.CategoryInput {
	return catalog.CategoryInput{
		ID: catalog.CategoryID(id), Parent: catalog.CategoryID(parent), Name: catalog.Text{ref.English: name},
	}
}

// outline writes a forest as "a(b(c)d)".
func outline(nodes []catalog.CategoryNode) string {
	out := ""
	for _, n := range nodes {
		out += string(n.ID)
		if len(n.Children) > 0 {
			out += "(" + outline(n.Children) + ")"
		}
	}
	return out
}

func TestTheTreeMovesWithoutCycles(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	made, err := s.CreateCategories(ctx, staff(), []catalog.CategoryInput{
		named("a", "", "Home"), named("b", "a", "Kitchen"), named("c", "b", "Cups"),
		{ID: "d", Parent: "a", Name: catalog.Text{ref.English: "Kitchen"}, Sort: -1},
		named("e", "", "Toys"),
	})
	require.NoError(t, err)
	require.Equal(t, "/a/b/c/", made[2].Path)
	require.Equal(t, "kitchen", made[1].Slug)
	require.Equal(t, "kitchen-2", made[3].Slug, "a slug that was made up gives way")
	tree := func(root catalog.CategoryID, depth int) string {
		nodes, err := s.CategoryTree(ctx, root, depth)
		require.NoError(t, err)
		return outline(nodes)
	}
	require.Equal(t, "a(db(c))e", tree("", 0))
	require.Equal(t, "ae", tree("", 1))
	require.Equal(t, "a(db)", tree("a", 2))

	for _, parent := range []catalog.CategoryID{"b", "c"} {
		_, err = s.MoveCategory(ctx, staff(), "b", 1, parent)
		require.Equal(t, "category.cycle", fault.CodeOf(err))
	}
	_, err = s.MoveCategory(ctx, staff(), "b", 1, "none")
	require.Equal(t, []string{"parent:unknown"}, paths(t, err))
	s.log.take()
	b, err := s.MoveCategory(ctx, staff(), "b", 1, "e")
	require.NoError(t, err)
	require.Equal(t, "/e/b/", b.Path)
	require.Equal(t, "a(d)e(b(c))", tree("", 0))
	require.Equal(t, []string{"category.changed.v1"}, s.log.take())
	path, err := s.CategoryPath(ctx, "c")
	require.NoError(t, err)
	require.Equal(t, []catalog.CategoryID{"e", "b", "c"}, []catalog.CategoryID{path[0].ID, path[1].ID, path[2].ID})
	_, err = s.MoveCategory(ctx, staff(), "b", 1, "")
	require.ErrorIs(t, err, fault.Conflict)
	_, err = s.ChangeCategory(ctx, staff(), "c", 1, named("", "", "Mugs"))
	require.ErrorIs(t, err, fault.Conflict, "its path changed under the editor")
	c, err := s.ChangeCategory(ctx, staff(), "c", 2, catalog.CategoryInput{Slug: "mugs", Name: catalog.Text{ref.English: "Mugs"}})
	require.NoError(t, err)
	require.Equal(t, "/e/b/c/", c.Path)
	for _, slug := range []string{"cups", "mugs"} {
		found, err := s.CategoryBySlug(ctx, slug)
		require.NoError(t, err)
		require.Equal(t, c, found)
	}
	_, err = s.CategoryBySlug(ctx, "\xff")
	require.ErrorIs(t, err, fault.NotFound)
}

func TestTheTreeIsBounded(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	var rows []catalog.CategoryInput
	parent := ""
	for i := range catalog.MaxDepth {
		id := string(rune('a' + i))
		rows = append(rows, named(id, parent, id))
		parent = id
	}
	_, err := s.CreateCategories(ctx, staff(), append(rows, named("z", parent, "z"), named("y", "none", "y"), named("x/y", "", "")))
	require.Equal(t, []string{"[10].id:malformed", "[10].name.en-US:required"}, paths(t, err))
	_, err = s.CreateCategories(ctx, staff(), append(rows, named("z", parent, "z"), named("y", "none", "y")))
	require.Equal(t, []string{"[8].parent:too_deep", "[9].parent:unknown"}, paths(t, err))
	_, err = s.Category(ctx, "a")
	require.ErrorIs(t, err, fault.NotFound, "all or none")
	_, err = s.CreateCategories(ctx, staff(), append(rows, named("r", "", "r")))
	require.NoError(t, err)
	_, err = s.MoveCategory(ctx, staff(), "a", 1, "r")
	require.Equal(t, []string{"parent:too_deep"}, paths(t, err), "the deepest node below counts")
	_, err = s.CreateCategories(ctx, ref.Merchant(teaHouse), rows)
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.MoveCategory(ctx, ref.Member("bob"), "a", 1, "")
	require.ErrorIs(t, err, fault.PermissionDenied)
}

// Names that a slug does not tell apart get a number, and where numbers and
// ids do not help either, something else: never an error.
func TestNamesThatMakeTheSameSlug(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	brand := func(id ref.BrandID, name string) catalog.BrandInput {
		return catalog.BrandInput{ID: id, Name: catalog.Text{ref.English: name}}
	}
	made, err := s.CreateBrands(ctx, staff(), []catalog.BrandInput{
		brand("brand-1-00000001", "Tea House"), brand("brand-2-00000001", "TEA HOUSE"), brand("brand-3-00000001", "tea house"),
	})
	require.NoError(t, err)
	slugs := func(all []catalog.Brand) (out []string) {
		for _, b := range all {
			out = append(out, b.Slug)
		}
		return out
	}
	require.Equal(t, []string{"tea-house", "tea-house-2", "tea-house-3"}, slugs(made))
	made, err = s.CreateBrands(ctx, staff(), []catalog.BrandInput{brand("brand-4-00000001", "Tea house")})
	require.NoError(t, err)
	require.Equal(t, []string{"tea-house-00000001"}, slugs(made))
	made, err = s.CreateBrands(ctx, staff(), []catalog.BrandInput{brand("Brand-4-00000001", "tea House"), brand("---", "Tea-House")})
	require.NoError(t, err)
	require.Len(t, made, 2)
	require.NotEqual(t, made[0].Slug, made[1].Slug)
}

func TestBrands(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	in := catalog.BrandInput{Name: catalog.Text{ref.English: "Tea & Co"}}
	made, err := s.CreateBrands(ctx, staff(), []catalog.BrandInput{in, in})
	require.NoError(t, err)
	require.Equal(t, "tea-co", made[0].Slug)
	require.NotEqual(t, "tea-co", made[1].Slug)
	b, err := s.ChangeBrand(ctx, staff(), made[0].ID, 1, catalog.BrandInput{Slug: "tea", Name: in.Name})
	require.NoError(t, err)
	for _, slug := range []string{"tea", "tea-co"} {
		found, err := s.BrandBySlug(ctx, slug)
		require.NoError(t, err)
		require.Equal(t, b, found)
	}
	_, err = s.ChangeBrand(ctx, staff(), made[1].ID, 1, catalog.BrandInput{Slug: "tea-co", Name: in.Name})
	require.ErrorIs(t, err, fault.AlreadyExists, "an old slug stays taken")
	_, err = s.CreateBrands(ctx, staff(), []catalog.BrandInput{in, {}})
	require.Equal(t, []string{"[1].name:required"}, paths(t, err))
	_, err = s.CreateBrands(ctx, seller(), []catalog.BrandInput{in})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.ChangeBrand(ctx, seller(), b.ID, 2, in)
	require.ErrorIs(t, err, fault.PermissionDenied)
	list, err := s.Brands(ctx, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	require.Equal(t, []string{"brand.changed.v1", "brand.changed.v1", "brand.changed.v1"}, s.log.take())

	_, err = catalog.NewService(catalog.Config{})
	for _, field := range []string{"Products", "Categories", "Brands", "Units", "Events"} {
		require.ErrorContains(t, err, "catalog.Config."+field)
	}
}
