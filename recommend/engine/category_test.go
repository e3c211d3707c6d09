package engine_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
)

// In a category, and in a storefront, visitors get what they would get of it
// among everything, in that order and for those reasons.
func TestACategoryIsAPartOfEverything(t *testing.T) {
	t.Parallel()
	const products = 60
	e := open(t, engine.Config{Share: 1, Explore: -1}, visits(40, products, 1500, 12))
	facts := map[ref.ProductID]recommend.Product{}
	for n := range products {
		p := recommend.Product{
			ID: ref.ProductID(fmt.Sprint("p", n)), Category: ref.CategoryID(fmt.Sprint("leaf-", n%7)), Above: []ref.CategoryID{ref.CategoryID(fmt.Sprint("wide-", n%2))},
			Channels: []ref.ChannelID{"en", "zh"}[:1+n%2], Sellable: n%5 > 0,
		}
		facts[p.ID] = p
		require.NoError(t, e.Describe(t.Context(), p))
	}
	require.NoError(t, e.Refit(t.Context()))
	personal := func(q recommend.Query, within func(p recommend.Product) bool) []recommend.Item {
		q.Shelf, q.Limit = recommend.ForYou, recommend.MaxLimit
		a, err := e.Recommend(t.Context(), q)
		require.NoError(t, err)
		var items []recommend.Item
		for _, x := range a.Items {
			if within(facts[x.Product]) && x.Reason.Product != "" {
				items = append(items, x)
			}
		}
		return items
	}
	for m := range 5 {
		who := recommend.Visitor{Member: ref.MemberID(fmt.Sprint("m", m))}
		all := func(recommend.Product) bool { return true }
		check := func(q recommend.Query, within func(p recommend.Product) bool) {
			q.Visitor = who
			want := personal(recommend.Query{Visitor: who}, within)
			require.NotEmpty(t, want)
			require.Equal(t, want, personal(q, all))
		}
		check(recommend.Query{Category: "leaf-3"}, func(p recommend.Product) bool { return p.Category == "leaf-3" })
		check(recommend.Query{Category: "wide-1"}, func(p recommend.Product) bool { return p.Above[0] == "wide-1" })
		check(recommend.Query{Channel: "zh"}, func(p recommend.Product) bool { return len(p.Channels) == 2 })
		check(recommend.Query{Channel: "zh", Category: "leaf-3"}, func(p recommend.Product) bool { return len(p.Channels) == 2 && p.Category == "leaf-3" })
	}
}

// A shelf without an item tells whether nothing goes with the products, or what
// does may not stand there.
func TestAnEmptyShelfInACategory(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{}, visits(30, 20, 600, 13))
	require.NoError(t, e.Refit(t.Context()))
	ask := func(product ref.ProductID, in ref.CategoryID) string {
		a, err := e.Recommend(t.Context(), recommend.Query{Shelf: recommend.Similar, Products: []ref.ProductID{product}, Category: in})
		require.NoError(t, err)
		require.Empty(t, a.Items)
		return a.Empty
	}
	require.Equal(t, recommend.Filtered, ask("p1", "elsewhere"))
	require.Equal(t, recommend.NoMatch, ask("never-heard-of", "elsewhere"))
}
