package searchtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func noSteering(l Limits) bool { return l.NoSteering }

func steeringCases() []Case {
	return []Case{
		{Name: "steering/pin", Lacks: noSteering, Run: pin},
		{Name: "steering/pin without words", Lacks: noSteering, Run: pinWithoutWords},
		{Name: "steering/hide, favour, redirect", Lacks: noSteering, Run: hideAndFavour},
	}
}

func suggestCases() []Case {
	return []Case{{Name: "suggest/typing", Setup: withQueries, Run: suggest}}
}

func pin(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	q := search.Query{Text: "lamp", Steering: search.Steering{Pin: []search.Pin{
		{Product: "desk", Place: 2}, {Product: "shade", Place: 1}, {Product: "unknown", Place: 1},
	}}}
	found, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, ref.ProductID("shade"), found.Hits[0].ID)
	require.Equal(t, ref.ProductID("desk"), found.Hits[1].ID)
	require.True(t, found.Hits[1].Pinned)
	require.Len(t, found.Hits, 4)
	require.Equal(t, 4, found.Total)

	q.Limit = 1
	var together []search.Hit
	for {
		part, err := index.Search(t.Context(), q)
		require.NoError(t, err)
		together = append(together, part.Hits...)
		if q.After = part.Next; q.After == "" {
			break
		}
	}
	require.Equal(t, found.Hits, together)

	// A pin does not get past the filters of the shopper.
	q.After, q.Limit = "", 0
	q.Filters = []search.Filter{{Field: search.FieldStock, Any: []string{"in"}}}
	require.NotContains(t, find(t, index, q), ref.ProductID("shade"))
}

// pinWithoutWords: a place is that place, also where nothing was asked for or
// nothing was found.
func pinWithoutWords(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	pins := search.Steering{Pin: []search.Pin{{Product: "desk", Place: 4}, {Product: "lamp-floor", Place: 2}}}
	for text, total := range map[string]int{"": len(shelf()), "xyzzyqqq": 2, "!!!": 2} {
		q := search.Query{Text: text, Steering: pins}
		found, err := index.Search(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, []ref.ProductID{"toner", "lamp-floor", "shade", "desk", "lamp-desk"}, ids(found)[:5], text)
		require.True(t, found.Hits[1].Pinned)
		require.True(t, found.Hits[3].Pinned)
		require.Len(t, found.Hits, len(shelf()))
		require.Equal(t, total, found.Total, "what is pinned is a result: %s", text)
		if text != "" {
			continue
		}
		var together []search.Hit
		for q.Limit = 3; ; {
			part, err := index.Search(t.Context(), q)
			require.NoError(t, err)
			together = append(together, part.Hits...)
			if q.After = part.Next; q.After == "" {
				break
			}
		}
		require.Equal(t, found.Hits, together)
	}
	few := []search.Filter{{Field: search.FieldBrand, Any: []string{"Lumo", "Tessel"}}}
	require.Equal(t, []ref.ProductID{"shade", "lamp-floor", "lamp-desk", "desk"},
		find(t, index, search.Query{Filters: few, Steering: pins}))
}

func hideAndFavour(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	got := find(t, index, search.Query{Text: "lamp", Steering: search.Steering{
		Hide: []ref.ProductID{"lamp-desk"}, Pin: []search.Pin{{Product: "lamp-desk", Place: 1}},
	}})
	require.NotContains(t, got, ref.ProductID("lamp-desk"))

	favour := func(f search.Favour) []ref.ProductID {
		return find(t, index, search.Query{Text: "desk lamp", Steering: search.Steering{Favour: []search.Favour{f}}})
	}
	require.Equal(t, ref.ProductID("shade"), favour(search.Favour{Products: []ref.ProductID{"shade"}, Weight: 10})[0])
	require.NotEqual(t, ref.ProductID("lamp-desk"), favour(search.Favour{Products: []ref.ProductID{"lamp-desk"}, Weight: -10})[0])
	brand := search.Filter{Field: search.FieldBrand, Any: []string{"Tessel"}}
	require.Equal(t, ref.ProductID("shade"), favour(search.Favour{Filter: &brand, Weight: 10})[0])

	found, err := index.Search(t.Context(), search.Query{Text: "returns", Steering: search.Steering{Redirect: "/help/returns"}})
	require.NoError(t, err)
	require.Equal(t, "/help/returns", found.Redirect)
}

func withQueries(t *testing.T) Setup {
	t.Helper()
	s := Setup{Queries: &search.QueryBook{}}
	s.Queries.Replace([]search.QuerySuggestion{{Text: "laser printer duplex", Count: 7}, {Text: "lamp", Count: 90}, {Text: "oak", Count: 3}})
	return s
}

func suggest(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	got, err := index.Suggest(t.Context(), search.SuggestQuery{Text: "La"})
	require.NoError(t, err)
	require.Equal(t, search.QuerySuggestion{Text: "lamp", Count: 90}, got.Queries[0])
	require.Contains(t, got.Queries, search.QuerySuggestion{Text: "laser printer duplex", Count: 7})
	require.Contains(t, got.Categories, search.FacetValue{Value: search.CategoryPath("Home", "Lighting", "Lamps"), Count: 2})
	require.NotEmpty(t, got.Products)

	got, err = index.Suggest(t.Context(), search.SuggestQuery{Text: "desk lam", Limit: 1})
	require.NoError(t, err)
	require.Equal(t, []search.ProductSuggestion{{ID: "lamp-desk", Title: "Walnut desk lamp"}}, got.Products)

	got, err = index.Suggest(t.Context(), search.SuggestQuery{Text: "desk lam", Limit: 1, Hide: []ref.ProductID{"lamp-desk"}})
	require.NoError(t, err)
	require.Equal(t, []search.ProductSuggestion{{ID: "shade", Title: "Linen shade for desk lamp"}}, got.Products)

	got, err = index.Suggest(t.Context(), search.SuggestQuery{Text: "bro"})
	require.NoError(t, err)
	require.Equal(t, []search.FacetValue{{Value: "Brother", Count: 2}}, got.Brands)

	got, err = index.Suggest(t.Context(), search.SuggestQuery{Text: "  "})
	require.NoError(t, err)
	require.Equal(t, search.Suggestions{}, got)
}
