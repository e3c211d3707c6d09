package searchtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func filterCases() []Case {
	return []Case{
		{Name: "filter/fields", Run: filterFields},
		{Name: "filter/never changes the order", Run: filterKeepsOrder},
		{Name: "sort/every order", Run: everyOrder},
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
		"measure":   {[]search.Filter{{Field: search.AttributeField("Power"), Min: at(10)}}, []ref.ProductID{"lamp-floor"}},
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
