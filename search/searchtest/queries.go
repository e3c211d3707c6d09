package searchtest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func noSpelling(l Limits) bool { return l.NoSpelling }

func queryCases() []Case {
	return []Case{
		{Name: "query/all words first", Run: allWordsFirst},
		{Name: "query/what it is before what it is for", Run: headFirst},
		{Name: "query/codes and model numbers", Run: codes},
		{Name: "query/misspelt", Lacks: noSpelling, Run: misspelt},
		{Name: "query/numbers are not corrected", Run: numbersStay},
		{Name: "query/literal", Lacks: noSpelling, Run: literal},
		{Name: "query/unfinished word", Run: unfinished},
		{Name: "query/nothing found", Run: nothingFound},
		{Name: "query/synonyms", Setup: withSynonyms, Run: synonyms},
		{Name: "query/bad input", Run: badInput},
		{Name: "query/operators are text", Run: operators},
	}
}

func allWordsFirst(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	found, err := index.Search(t.Context(), search.Query{Text: "oak desk"})
	require.NoError(t, err)
	require.Equal(t, ref.ProductID("desk"), found.Hits[0].ID)
	require.Equal(t, search.StepAll, found.Step)
	require.Equal(t, 1, found.Full)
	require.Greater(t, found.Total, 1, "products with some of the words follow")

	found, err = index.Search(t.Context(), search.Query{Text: "oak lamp", Literal: true})
	require.NoError(t, err)
	require.Equal(t, search.StepSome, found.Step)
	require.Zero(t, found.Full)
}

func headFirst(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.Equal(t, ref.ProductID("lamp-desk"), find(t, index, search.Query{Text: "desk lamp"})[0])
	require.Equal(t, ref.ProductID("printer"), find(t, index, search.Query{Text: "laser printer"})[0])
}

func codes(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	for text, id := range map[string]ref.ProductID{
		"LM-1001": "lamp-desk", "lm1001": "lamp-desk", "4977766780001": "toner",
		"TN-2410": "toner", "tn2410": "toner", "tn 2410": "toner", "ＴＮ－２４１０": "toner",
	} {
		got := find(t, index, search.Query{Text: text})
		require.NotEmpty(t, got, text)
		require.Equal(t, id, got[0], text)
	}
}

func misspelt(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	for _, text := range []string{"lasr printer", "laser pritner", "laser printter"} {
		found, err := index.Search(t.Context(), search.Query{Text: text})
		require.NoError(t, err)
		require.Equal(t, search.StepCorrected, found.Step, text)
		require.Equal(t, "laser printer", found.Query)
		require.Equal(t, ref.ProductID("printer"), found.Hits[0].ID)
	}
}

func numbersStay(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	found, err := index.Search(t.Context(), search.Query{Text: "tn2411"})
	require.NoError(t, err)
	require.Empty(t, found.Query)
	require.NotContains(t, []search.Step{search.StepCorrected, search.StepFuzzy}, found.Step)
}

func literal(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	found, err := index.Search(t.Context(), search.Query{Text: "pritner", Literal: true})
	require.NoError(t, err)
	require.Equal(t, search.StepPopular, found.Step)
	require.Empty(t, found.Query)
}

func unfinished(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.Equal(t, ref.ProductID("printer"), find(t, index, search.Query{Text: "laser pri", Typing: true})[0])
	require.Contains(t, find(t, index, search.Query{Text: "lam", Typing: true}), ref.ProductID("lamp-floor"))
}

// nothingFound: what sells best is offered, and it is said that it is not
// what was asked for.
func nothingFound(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	for _, text := range []string{"xyzzyqqq", "!!!", "§", "🛒🛒"} {
		found, err := index.Search(t.Context(), search.Query{Text: text})
		require.NoError(t, err)
		require.Equal(t, search.StepPopular, found.Step, text)
		require.Zero(t, found.Total)
		require.Empty(t, found.Next)
		require.Equal(t, ref.ProductID("toner"), found.Hits[0].ID)
	}
	found, err := index.Search(t.Context(), search.Query{})
	require.NoError(t, err)
	require.Equal(t, search.StepAll, found.Step)
	require.Equal(t, len(shelf()), found.Total)
}

func withSynonyms(t *testing.T) Setup {
	t.Helper()
	s := Setup{Thesaurus: &search.Thesaurus{}}
	require.NoError(t, s.Thesaurus.Replace(&s.Analyzer, []search.Synonym{
		{Words: []string{"lamp", "luminaire"}},
		{From: "imprimante", Words: []string{"laser printer"}},
		{Words: []string{"枕头", "羽绒枕"}},
	}))
	return s
}

func synonyms(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.Contains(t, find(t, index, search.Query{Text: "luminaires"}), ref.ProductID("lamp-floor"))
	require.Equal(t, ref.ProductID("printer"), find(t, index, search.Query{Text: "imprimante"})[0])
	require.Equal(t, ref.ProductID("zh-pillow"), find(t, index, search.Query{Text: "枕头"})[0])
	require.NoError(t, index.Index(t.Context(), []search.Document{{ID: "fr", Title: "Imprimante photo"}}))
	require.NotContains(t, find(t, index, search.Query{Text: "laser printer", Literal: true}), ref.ProductID("fr"),
		"a one-way synonym works one way")
}

func badInput(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	one, two := 1.0, 2.0
	for path, q := range map[string]search.Query{
		"text":                      {Text: strings.Repeat("lamp ", 2000)},
		"limit":                     {Limit: -1},
		"sort":                      {Sort: "cheapest"},
		"filters[0].field":          {Filters: []search.Filter{{Field: "sku; drop", Any: []string{"x"}}}},
		"filters[0].any":            {Filters: []search.Filter{{Field: search.FieldBrand}}},
		"filters[0].max":            {Filters: []search.Filter{{Field: search.FieldPrice, Min: &two, Max: &one}}},
		"filters[0].min":            {Filters: []search.Filter{{Field: search.FieldBrand, Min: &one}}},
		"facets[0].field":           {Facets: []search.FacetRequest{{Field: "nope"}}},
		"facets[0].bounds[1]":       {Facets: []search.FacetRequest{{Field: search.FieldPrice, Bounds: []float64{2, 1}}}},
		"after":                     {After: "zz.zz"},
		"steering.pin[0].place":     {Steering: search.Steering{Pin: []search.Pin{{Product: "desk"}}}},
		"steering.favour[0].weight": {Steering: search.Steering{Favour: []search.Favour{{Weight: 99}}}},
	} {
		_, err := index.Search(t.Context(), q)
		require.ErrorIs(t, err, fault.Invalid, path)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Equal(t, path, f.Fields[0].Path)
	}
	_, err := index.Search(t.Context(), search.Query{Text: "lamp\xff\xfe"})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = index.Suggest(t.Context(), search.SuggestQuery{Text: strings.Repeat("x", 10_000)})
	require.ErrorIs(t, err, fault.Invalid)

	// The cursor of one query is none of another.
	first, err := index.Search(t.Context(), search.Query{Text: "lamp", Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, first.Next)
	_, err = index.Search(t.Context(), search.Query{Text: "desk", Limit: 1, After: first.Next})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = index.Search(t.Context(), search.Query{Text: "lamp", After: page.Encode("order.newest", "1")})
	require.ErrorIs(t, err, fault.Invalid)
}

func operators(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	for _, text := range []string{
		`+title:lamp -desk`, `"desk lamp"~2^5`, `lamp*`, `/la.p/`, `lamp && desk || (`, `_id:desk`, `price:>1000`, `\`,
		`lamp ` + strings.Repeat("(", 200), "lamp\x00\x1f\u202e", strings.Repeat("lamp ", 200),
	} {
		_, err := index.Search(t.Context(), search.Query{Text: text, Typing: true})
		require.NoError(t, err, text)
		_, err = index.Suggest(t.Context(), search.SuggestQuery{Text: text})
		require.NoError(t, err, text)
	}
}
