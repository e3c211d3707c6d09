package blevesearch_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// A brand or category of slow sellers is suggested by its name, as long as it has
// products that are not hidden.
func TestSlowSellersHaveABrand(t *testing.T) {
	t.Parallel()
	documents := make([]search.Document, 3000)
	for i := range documents {
		documents[i] = search.Document{
			ID: ref.ProductID(fmt.Sprintf("p-%04d", i)), Version: 1, Title: "All about case", Brand: "Aplomb",
			Categories: [][]string{{"Goods", "Armour"}}, InStock: true, Sales: int64(10 + i),
		}
		if i < 3 {
			documents[i].Brand, documents[i].Categories, documents[i].Sales = "Little Acme", [][]string{{"Goods", "Attic"}}, 0
		}
	}
	index := loaded(t, documents)
	suggested := func(text string, hide ...ref.ProductID) search.Suggestions {
		got, err := index.Suggest(t.Context(), search.SuggestQuery{Text: text, Hide: hide})
		require.NoError(t, err)
		return got
	}
	armour, attic := search.CategoryPath("Goods", "Armour"), search.CategoryPath("Goods", "Attic")
	got := suggested("A")
	require.Equal(t, []search.FacetValue{{Value: "Aplomb", Count: 2997}, {Value: "Little Acme", Count: 3}}, got.Brands)
	require.Equal(t, []search.FacetValue{{Value: armour, Count: 2997}, {Value: attic, Count: 3}}, got.Categories)
	require.Equal(t, []search.FacetValue{{Value: "Little Acme", Count: 2}}, suggested("ac", "p-0001", "nobody").Brands)

	got = suggested("a", "p-0000", "p-0001", "p-0002")
	require.Equal(t, []search.FacetValue{{Value: "Aplomb", Count: 2997}}, got.Brands)
	require.Equal(t, []search.FacetValue{{Value: armour, Count: 2997}}, got.Categories)

	moved := documents[2]
	moved.Version, moved.Brand = 2, "Aplomb"
	require.NoError(t, index.Index(t.Context(), []search.Document{moved}))
	require.NoError(t, index.Delete(t.Context(), []search.Removal{{ID: "p-0000", Version: 2}}))
	require.Equal(t, []search.FacetValue{{Value: "Aplomb", Count: 2998}, {Value: "Little Acme", Count: 1}}, suggested("a").Brands)
}
