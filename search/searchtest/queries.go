package searchtest

import (
	"fmt"
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
		{Name: "query/codes as they are typed", Run: codesAsTyped},
		{Name: "query/codes are not corrected", Run: codesStay},
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

// codesAsTyped: a code is found with the signs that it is written with, without
// them, and with others, whatever it is made of.
func codesAsTyped(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	documents := []search.Document{
		{ID: "shirt", Title: "Crew neck top", Codes: []string{"TSH-BLK-XL", "TSH-BLK-XS"}},
		{ID: "book", Title: "Collected letters", Codes: []string{"978-3-16-148410-0"}},
		{ID: "camera", Title: "Sony A-7", Codes: []string{"A-100"}},
		{ID: "case", Title: "Hundred cases", Codes: []string{"CASES", "ab_12/c"}},
		{ID: "tea", Title: "Morning infusion", Codes: []string{"红茶-100", "ЧАЙ-ЗЕЛ"}},
	}
	for i := range 5 {
		documents = append(documents, search.Document{
			ID: ref.ProductID(fmt.Sprint("other-", i)), Title: "XL top 7 in 100, blk", Sales: 1000,
		})
	}
	require.NoError(t, index.Index(t.Context(), documents))
	for text, id := range map[string]ref.ProductID{
		"TSH-BLK-XL": "shirt", "tsh-blk-xs": "shirt", "tshblkxl": "shirt", "TSH/BLK/XL": "shirt", "top TSH-BLK-XL": "shirt",
		"978-3-16-148410-0": "book", "9783161484100": "book", "978 3 16 148410 0": "book", "letters 978-3-16-148410-0": "book",
		"A-7": "camera", "a7": "camera", "Sony A-7": "camera", "A-100": "camera", "a100": "camera",
		"cases": "case", "AB_12/C": "case", "ab12c": "case", "红茶-100": "tea", "чай-зел": "tea",
	} {
		found, err := index.Search(t.Context(), search.Query{Text: text})
		require.NoError(t, err)
		require.Equal(t, search.StepAll, found.Step, text)
		require.Equal(t, id, found.Hits[0].ID, text)
		require.Equal(t, 1, found.Full, text)
	}
}

// codesStay: what is a code, or looks like the half of one, is no mistake, be
// there ever so many products with a word like it.
func codesStay(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	documents := []search.Document{
		{ID: "coded", Title: "Side board", Codes: []string{"WLNUT", "CHRGER-220", "CABEL-RED"}},
	}
	for i := range 30 {
		documents = append(documents, search.Document{
			ID: ref.ProductID(fmt.Sprint("other-", i)), Title: "Walnut charger, red cable", Sales: 1000,
		})
	}
	require.NoError(t, index.Index(t.Context(), documents))
	for _, text := range []string{"WLNUT", "wlnut", "CHRGER-220", "chrger 220", "chrger220", "CABEL-RED", "cabel red"} {
		found, err := index.Search(t.Context(), search.Query{Text: text})
		require.NoError(t, err)
		require.Equal(t, search.StepAll, found.Step, text)
		require.Empty(t, found.Query, text)
		require.Empty(t, found.DidYouMean, text)
		require.Equal(t, ref.ProductID("coded"), found.Hits[0].ID, text)
	}
	for text, want := range map[string]string{"wlanut": "walnut", "wirless-cabel": "wirless-cable", "walnut charger cabel chrger-22": "walnut charger cable chrger-22"} {
		found, err := index.Search(t.Context(), search.Query{Text: text})
		require.NoError(t, err)
		require.Equal(t, want, found.Query, "what is none is corrected")
	}
	require.NoError(t, index.Delete(t.Context(), []search.Removal{{ID: "coded", Version: 1}}))
	found, err := index.Search(t.Context(), search.Query{Text: "wlnut"})
	require.NoError(t, err)
	require.Equal(t, "walnut", found.Query, "a code that is no more")
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
	for _, text := range []string{
		"tn2411", "TN-2411", "tn 2411", "hl2351", "HL-2351", "4977766780002", "497776678001", "2401", "2o cm", "l4ser", "120cn",
	} {
		for _, typing := range []bool{false, true} {
			found, err := index.Search(t.Context(), search.Query{Text: text, Typing: typing})
			require.NoError(t, err)
			require.Empty(t, found.Query, text)
			require.Empty(t, found.DidYouMean, text)
			require.NotContains(t, []search.Step{search.StepCorrected, search.StepFuzzy}, found.Step, text)
		}
	}
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
