package blevesearch_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/search/searchtest"
)

func open(dir func(t *testing.T) string) searchtest.Open {
	return func(t *testing.T, s searchtest.Setup) search.Index {
		t.Helper()
		index, err := blevesearch.Open(blevesearch.Config{
			Dir: dir(t), Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries,
		})
		require.NoError(t, err)
		return index
	}
}

func TestIndexInMemory(t *testing.T) {
	t.Parallel()
	searchtest.Run(t, searchtest.Limits{}, open(func(*testing.T) string { return "" }))
}

func TestIndexOnDisk(t *testing.T) {
	t.Parallel()
	searchtest.Run(t, searchtest.Limits{}, open(func(t *testing.T) string { t.Helper(); return t.TempDir() }))
}

// A word that is in more products than a suggestion looks at hides none that has
// the unfinished word too, wherever it lies.
func TestSuggestionsBehindAFrequentWord(t *testing.T) {
	t.Parallel()
	documents := make([]search.Document, 3000)
	for i := range documents {
		title := fmt.Sprintf("Case number%d", i)
		if i%3 == 0 {
			title += " for phones"
		}
		documents[i] = search.Document{ID: ref.ProductID(fmt.Sprintf("p-%04d", i)), Version: 1, Title: title, InStock: true}
	}
	documents[2990].Title, documents[2995].Title = "Zebra case", "Case with zebras"
	documents[7].Title = "Zebra lamp"
	index := loaded(t, documents)
	titles := func(text string) []string {
		found, err := index.Suggest(t.Context(), search.SuggestQuery{Text: text})
		require.NoError(t, err)
		var out []string
		for _, p := range found.Products {
			out = append(out, p.Title)
		}
		return out
	}
	require.ElementsMatch(t, []string{"Zebra case", "Case with zebras"}, titles("case zeb"))
	require.Equal(t, "Case number2989", titles("case number2989")[0])
	for text, has := range map[string]string{"case pho": "phones", "case number": "number"} {
		found := titles(text)
		require.Len(t, found, 8, text)
		for _, title := range found {
			require.Contains(t, title, has, text)
		}
	}
}

// No write writes more again than a few thousand documents, however many there are,
// and yet an index in memory keeps few segments.
func TestAWriteCompactsNoMoreThanItCan(t *testing.T) {
	t.Parallel()
	const most = 4096
	size := 20_000
	if testing.Short() {
		size = 8_000
	}
	documents := make([]search.Document, size)
	for i := range documents {
		documents[i] = search.Document{ID: ref.ProductID(fmt.Sprintf("p-%05d", i)), Version: 1, Title: "Teapot"}
	}
	for _, batch := range []int{100, 600} {
		index := opened(t, "", false)
		for chunk := range slices.Chunk(documents, batch) {
			require.NoError(t, index.Index(t.Context(), chunk))
		}
		segments, err := index.Segments()
		require.NoError(t, err)
		require.LessOrEqual(t, slices.Max(segments), int64(most))
		require.Less(t, len(segments), 32+8+size/(most/2))
		found, err := index.Search(t.Context(), search.Query{Text: "teapot", Limit: 1})
		require.NoError(t, err)
		require.Equal(t, size, found.Total)
	}
}
