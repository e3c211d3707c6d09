package searchtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func filterCases() []Case {
	return []Case{
		{Name: "filter/fields", Run: filterFields},
		{Name: "filter/never changes the order", Run: filterKeepsOrder},
		{Name: "filter/never changes the step", Run: filterKeepsStep},
		{Name: "sort/every order", Run: everyOrder},
		{Name: "sort/all words or none", Run: sortWhole},
	}
}

func filterFields(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	at := func(n float64) *float64 { return &n }
	for name, c := range map[string]struct {
		filters []search.Filter
		want    []ref.ProductID
	}{
		"brand":        {[]search.Filter{{Field: search.FieldBrand, Any: []string{"Lumo"}}}, []ref.ProductID{"lamp-desk", "lamp-floor"}},
		"any of two":   {[]search.Filter{{Field: search.FieldBrand, Any: []string{"Lumo", "Tessel"}}}, []ref.ProductID{"lamp-desk", "lamp-floor", "shade", "desk"}},
		"not":          {[]search.Filter{{Field: search.FieldBrand, Any: []string{"Lumo"}, Not: true}, {Field: search.FieldCategory, Any: []string{"Home"}}}, []ref.ProductID{"shade", "desk"}},
		"category":     {[]search.Filter{{Field: search.FieldCategory, Any: []string{search.CategoryPath("Home", "Lighting")}}}, []ref.ProductID{"lamp-desk", "lamp-floor", "shade"}},
		"no such path": {[]search.Filter{{Field: search.FieldCategory, Any: []string{"Lighting"}}}, nil},
		"merchant":     {[]search.Filter{{Field: search.FieldMerchant, Any: []string{"m-3"}}}, []ref.ProductID{"printer", "toner"}},
		"stock":        {[]search.Filter{{Field: search.FieldStock, Any: []string{"out"}}}, []ref.ProductID{"shade"}},
		"price of any SKU": {[]search.Filter{
			{Field: search.FieldPrice, Min: at(5000), Max: at(5900)}, {Field: search.FieldBrand, Any: []string{"Lumo", "Brother"}},
		}, []ref.ProductID{"lamp-desk", "toner"}},
		"rating":    {[]search.Filter{{Field: search.FieldRating, Min: at(4.5)}}, []ref.ProductID{"lamp-desk", "desk"}},
		"attribute": {[]search.Filter{{Field: search.AttributeField("Colour"), Any: []string{"Black"}}}, []ref.ProductID{"lamp-desk", "lamp-floor"}},
		"measure":   {[]search.Filter{{Field: search.MeasureField("Power", "W"), Min: at(10)}}, []ref.ProductID{"lamp-floor"}},
		"two on one field": {[]search.Filter{
			{Field: search.AttributeField("Colour"), Any: []string{"Black"}}, {Field: search.AttributeField("Colour"), Any: []string{"Brown"}},
		}, []ref.ProductID{"lamp-desk"}},
		"unknown attribute": {[]search.Filter{{Field: search.AttributeField("Taste"), Any: []string{"sweet"}}}, nil},
	} {
		found, err := index.Search(t.Context(), search.Query{Filters: c.filters})
		require.NoError(t, err, name)
		require.ElementsMatch(t, c.want, ids(found), name)
		require.Equal(t, len(c.want), found.Total, name)
	}
}

func filterKeepsOrder(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	all, err := index.Search(t.Context(), search.Query{Text: "lamp"})
	require.NoError(t, err)
	some, err := index.Search(t.Context(), search.Query{
		Text: "lamp", Filters: []search.Filter{{Field: search.FieldStock, Any: []string{"in"}}},
	})
	require.NoError(t, err)
	var want []search.Hit
	for _, h := range all.Hits {
		if h.ID != "shade" {
			want = append(want, h)
		}
	}
	require.Equal(t, want, some.Hits, "scores too")

	// All that is ranked a second time, with all words and with some.
	many := crowd()[:search.Window-20]
	brands := map[ref.ProductID]string{}
	for _, d := range many {
		brands[d.ID] = d.Brand
	}
	require.NoError(t, index.Index(t.Context(), many))
	for _, text := range []string{"teapot", "blue teapot", "blue glass teapot", "small steel blue travel glass teapot"} {
		all, err := index.Search(t.Context(), search.Query{Text: text, Limit: page.MaxLimit})
		require.NoError(t, err)
		for _, brand := range []string{"steel", "blue", "glass"} {
			some, err := index.Search(t.Context(), search.Query{
				Text: text, Limit: page.MaxLimit, Filters: []search.Filter{{Field: search.FieldBrand, Any: []string{brand}}},
			})
			require.NoError(t, err)
			want := []search.Hit{}
			for _, h := range all.Hits {
				if brands[h.ID] == brand {
					want = append(want, h)
				}
			}
			require.NotEmpty(t, want)
			require.Equal(t, want, some.Hits, "%s, %s", text, brand)
		}
	}
}

// filterKeepsStep: that the filters leave nothing is no reason to look for
// something else, whichever of them do.
func filterKeepsStep(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.NoError(t, index.Index(t.Context(), []search.Document{
		{ID: "teapot", Title: "Teapot", Brand: "Kiln", InStock: true},
		{ID: "teabot", Title: "Teabot", Brand: "Lumo"},
		{ID: "kettle", Title: "Kettle", Brand: "Lumo", Sales: 9000},
	}))
	brand := search.Filter{Field: search.FieldBrand, Any: []string{"Lumo"}}
	out := search.Filter{Field: search.FieldStock, Any: []string{"out"}}
	for _, facets := range [][]search.FacetRequest{nil, {{Field: search.FieldBrand}}, {{Field: search.FieldStock}, {Field: search.FieldBrand}}} {
		for _, filters := range [][]search.Filter{{brand}, {out}, {brand, out}} {
			found, err := index.Search(t.Context(), search.Query{Text: "teapot", Filters: filters, Facets: facets})
			require.NoError(t, err)
			require.Equal(t, search.StepAll, found.Step)
			require.Zero(t, found.Total)
			require.Empty(t, found.Hits)
			require.Empty(t, found.Next)
		}
	}
}

// sortWhole: in another order than by relevance, products that lack a word would
// stand among the others.
func sortWhole(t *testing.T, index search.Index) {
	t.Helper()
	few := append(gaming()[:3:3], gaming()[60:]...)
	require.NoError(t, index.Index(t.Context(), few))
	for _, sort := range []search.Sort{search.ByPriceAsc, search.ByPriceDesc, search.BySales, search.ByNewest, search.ByRating} {
		found, err := index.Search(t.Context(), search.Query{Text: "gaming laptop", Sort: sort})
		require.NoError(t, err)
		require.ElementsMatch(t, []ref.ProductID{"p-00", "p-01", "p-02"}, ids(found), sort)
		require.Equal(t, 3, found.Total)
		found, err = index.Search(t.Context(), search.Query{Text: "gaming monitor", Sort: sort})
		require.NoError(t, err)
		require.Equal(t, len(few), found.Total, "none has both words")
	}
	found, err := index.Search(t.Context(), search.Query{Text: "gaming laptop"})
	require.NoError(t, err)
	require.Equal(t, len(few), found.Total)
	require.Equal(t, 3, found.Full)
}

func everyOrder(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	home := []search.Filter{{Field: search.FieldCategory, Any: []string{"Home"}}}
	for sort, want := range map[search.Sort][]ref.ProductID{
		search.ByPriceAsc:  {"shade", "lamp-desk", "lamp-floor", "desk"},
		search.ByPriceDesc: {"desk", "lamp-floor", "lamp-desk", "shade"},
		search.BySales:     {"shade", "lamp-desk", "desk", "lamp-floor"},
		search.ByRelevance: {"shade", "lamp-desk", "desk", "lamp-floor"},
		search.ByRating:    {"desk", "lamp-desk", "lamp-floor", "shade"},
		search.ByNewest:    {"desk", "lamp-desk", "lamp-floor", "shade"}, // all listed at the same time: by id
	} {
		require.Equal(t, want, find(t, index, search.Query{Filters: home, Sort: sort}), sort)
	}
}
