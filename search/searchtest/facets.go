package searchtest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func facetCases() []Case {
	return []Case{
		{Name: "facet/counts products", Run: facetCounts},
		{Name: "facet/leaves its own filter out", Run: facetDisjunctive},
		{Name: "facet/a value finds as many as were counted", Run: facetKept},
		{Name: "facet/categories by level", Run: facetCategories},
		{Name: "facet/prices and measures", Run: facetNumbers},
		{Name: "facet/search within", Run: facetWithin},
	}
}

func facetCounts(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	found, err := index.Search(t.Context(), search.Query{Text: "lamp", Limit: 1, Facets: []search.FacetRequest{
		{Field: search.FieldBrand},
		{Field: search.AttributeField("Colour"), Limit: 2},
		{Field: search.AttributeField("Taste")},
		{Field: search.FieldStock},
	}})
	require.NoError(t, err)
	require.Equal(t, []search.FacetValue{{Value: "Lumo", Count: 2}, {Value: "Tessel", Count: 1}}, found.Facets[0].Values)
	require.Equal(t, []search.FacetValue{{Value: "Black", Count: 2}, {Value: "Brown", Count: 1}}, found.Facets[1].Values)
	require.Equal(t, 1, found.Facets[1].Other)
	require.Empty(t, found.Facets[2].Values)
	require.Equal(t, []search.FacetValue{{Value: "in", Count: 2}, {Value: "out", Count: 1}}, found.Facets[3].Values)
}

func facetDisjunctive(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	found, err := index.Search(t.Context(), search.Query{
		Text: "lamp",
		Filters: []search.Filter{
			{Field: search.FieldBrand, Any: []string{"Lumo"}},
			{Field: search.AttributeField("Colour"), Any: []string{"Brown"}},
		},
		Facets: []search.FacetRequest{
			{Field: search.FieldBrand}, {Field: search.AttributeField("Colour")}, {Field: search.FieldStock},
		},
	})
	require.NoError(t, err)
	require.Equal(t, 1, found.Total)
	require.Equal(t, []search.FacetValue{{Value: "Lumo", Count: 1, Selected: true}}, found.Facets[0].Values,
		"the filter on the colour holds")
	require.Equal(t, []search.FacetValue{{Value: "Black", Count: 2}, {Value: "Brown", Count: 1, Selected: true}},
		found.Facets[1].Values, "the filter on the brand holds")
	require.Equal(t, []search.FacetValue{{Value: "in", Count: 1}}, found.Facets[2].Values, "both hold")

	// A selected value stays listed, also where nothing has it any more.
	found, err = index.Search(t.Context(), search.Query{
		Filters: []search.Filter{
			{Field: search.FieldBrand, Any: []string{"Lumo"}}, {Field: search.FieldMerchant, Any: []string{"m-3"}},
		},
		Facets: []search.FacetRequest{{Field: search.FieldBrand}},
	})
	require.NoError(t, err)
	require.Equal(t, []search.FacetValue{{Value: "Brother", Count: 2}, {Value: "Lumo", Count: 0, Selected: true}},
		found.Facets[0].Values)
}

// gaming are 40 products that have both words, five of them of brand B, and 30
// cheaper ones of brand B that have one.
func gaming() []search.Document {
	out := make([]search.Document, 70)
	for i := range out {
		d := &out[i]
		d.ID, d.Version = ref.ProductID(fmt.Sprintf("p-%02d", i)), 1
		d.Title, d.Brand, d.Prices = "Gaming laptop", "A", []money.Money{money.New(90_000+int64(i), "USD")}
		if i < 5 {
			d.Brand = "B"
		}
		if i >= 40 {
			d.Title, d.Brand, d.Prices, d.Sales = "Gaming sticker", "B", []money.Money{money.New(int64(i), "USD")}, 1000
		}
	}
	return out
}

// facetKept: what a filter leaves is a part of what was found without it.
func facetKept(t *testing.T, index search.Index) {
	t.Helper()
	require.NoError(t, index.Index(t.Context(), gaming()))
	q := search.Query{Text: "gaming laptop", Facets: []search.FacetRequest{{Field: search.FieldBrand}, {Field: search.FieldStock}}}
	found, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 40, found.Total)
	require.Equal(t, []search.FacetValue{{Value: "A", Count: 35}, {Value: "B", Count: 5}}, found.Facets[0].Values)
	for _, facets := range [][]search.FacetRequest{q.Facets, nil} {
		q.Facets = facets
		q.Filters = []search.Filter{{Field: search.FieldBrand, Any: []string{"B"}}}
		found, err = index.Search(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, 5, found.Total)
		require.Equal(t, 5, found.Full)
		if facets != nil {
			require.Equal(t, []search.FacetValue{{Value: "A", Count: 35}, {Value: "B", Count: 5, Selected: true}}, found.Facets[0].Values)
		}
	}

	// What is hidden does not count.
	for i := range 30 {
		q.Steering.Hide = append(q.Steering.Hide, ref.ProductID(fmt.Sprintf("p-%02d", 10+i)))
	}
	found, err = index.Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 35, found.Total)
	require.Equal(t, 5, found.Full)
}

func facetCategories(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	found, err := index.Search(t.Context(), search.Query{Text: "lamp", Facets: []search.FacetRequest{
		{Field: search.FieldCategory}, {Field: search.FieldCategory, Parent: search.CategoryPath("Home", "Lighting")},
	}})
	require.NoError(t, err)
	require.Equal(t, []search.FacetValue{{Value: "Home", Count: 3}}, found.Facets[0].Values)
	require.Equal(t, []search.FacetValue{
		{Value: search.CategoryPath("Home", "Lighting", "Lamps"), Count: 2},
		{Value: search.CategoryPath("Home", "Lighting", "Shades"), Count: 1},
	}, found.Facets[1].Values)
	require.Equal(t, []string{"Home", "Lighting", "Lamps"}, search.SplitCategory(found.Facets[1].Values[0].Value))
}

func facetNumbers(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	found, err := index.Search(t.Context(), search.Query{Text: "lamp", Facets: []search.FacetRequest{
		{Field: search.FieldPrice, Bounds: []float64{2000, 5500, 10000}},
		{Field: search.MeasureField("Power", "W"), Bounds: []float64{10}},
		{Field: search.FieldRating},
		{Field: search.MeasureField("Power", "hp")},
		{Field: search.AttributeField("Power")},
	}})
	require.NoError(t, err)
	prices := found.Facets[0]
	counts := make([]int, len(prices.Ranges))
	for i, r := range prices.Ranges {
		counts[i] = r.Count
	}
	require.Equal(t, []int{1, 1, 1, 1}, counts, "a product is in every range in which one of its SKUs is")
	require.Nil(t, prices.Ranges[0].Min)
	require.InDelta(t, 2000, *prices.Ranges[0].Max, 0)
	require.Nil(t, prices.Ranges[3].Max)
	require.Equal(t, &search.FacetStats{Count: 3, Min: 1900, Max: 12900, Mean: (4900 + 12900 + 1900) / 3.0}, prices.Stats)
	require.Equal(t, &search.FacetStats{Count: 2, Min: 9, Max: 25, Mean: 17}, found.Facets[1].Stats)
	require.Equal(t, 1, found.Facets[1].Ranges[0].Count)
	require.Equal(t, 1, found.Facets[1].Ranges[1].Count)
	require.Equal(t, 2, found.Facets[2].Stats.Count, "nobody has rated the third")
	require.Equal(t, &search.FacetStats{Count: 1, Min: 2, Max: 2, Mean: 2}, found.Facets[3].Stats, "units are not mixed")
	require.Nil(t, found.Facets[4].Stats)
	require.Equal(t, []search.FacetValue{{Value: "2 horses", Count: 1}}, found.Facets[4].Values, "a measure may be text too")
	require.Equal(t, []ref.ProductID{"shade"}, find(t, index, search.Query{Text: "horses"}))
}

func facetWithin(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	facet, err := index.Facets(t.Context(), search.Query{Text: "lamp"}, search.FacetRequest{Field: search.FieldBrand, Prefix: "TES"})
	require.NoError(t, err)
	require.Equal(t, []search.FacetValue{{Value: "Tessel", Count: 1}}, facet.Values)
}
