package blevesearch_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/search/searchtest"
)

// stirred returns an index that was written to in several batches, with some of
// its documents changed and some removed, the documents that it was made of, and
// those that are in it.
func stirred(t *testing.T, size int) (index *blevesearch.Index, documents, live []search.Document) {
	t.Helper()
	documents = searchtest.Catalogue(size)
	for i := range documents {
		documents[i].Keywords = []string{"lamp", "desk lamp", "lamp for desk", "led"}[i%4 : i%4+1]
	}
	thesaurus := &search.Thesaurus{}
	require.NoError(t, thesaurus.Replace(&search.Analyzer{}, []search.Synonym{{Words: []string{"luminaire", "desk lamp"}}}))
	index, err := blevesearch.Open(blevesearch.Config{Thesaurus: thesaurus})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, index.Close()) })
	for batch := range slices.Chunk(documents, size/7) {
		require.NoError(t, index.Index(t.Context(), batch))
	}
	live = slices.Clone(documents)
	var changed []search.Document
	var gone []search.Removal
	for i := 0; i < size; i += 11 {
		d := documents[i]
		d.Version, d.Title = 2, documents[(i+5)%size].Title
		changed, gone = append(changed, d), append(gone, search.Removal{ID: documents[(i+3)%size].ID, Version: 2})
		live[i] = d
		live[(i+3)%size].ID = ""
	}
	require.NoError(t, index.Index(t.Context(), changed))
	require.NoError(t, index.Delete(t.Context(), gone))
	return index, documents, slices.DeleteFunc(live, func(d search.Document) bool { return d.ID == "" })
}

// What is found by bitmaps first is what is found by reading every posting of
// every word, to the last digit of a score.
func TestBitmapsFindWhatPostingsDo(t *testing.T) {
	t.Parallel()
	compared := 0
	draw := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{150, 3000} {
		index, documents, live := stirred(t, size)
		for range 250 {
			words := strings.Fields(documents[draw.IntN(size)].Title)
			words = append(words[:1+draw.IntN(3)], []string{"lamp", "luminaire", "led", "nowhere", documents[draw.IntN(size)].Attributes[0].Value}[draw.IntN(5)])
			words = words[draw.IntN(len(words)):]
			text := strings.Join(words, " ")
			q := search.Query{
				Text: text[:len(text)-draw.IntN(3)], Typing: draw.IntN(2) == 0, Literal: draw.IntN(2) == 0, Limit: 100,
				Sort: []search.Sort{search.ByRelevance, search.BySales}[draw.IntN(2)],
				Facets: []search.FacetRequest{
					{Field: search.FieldBrand}, {Field: search.AttributeField("attribute 0")},
				},
			}
			if draw.IntN(2) == 0 {
				q.Filters = []search.Filter{{Field: search.FieldStock, Any: []string{"in"}}}
				q.Steering.Hide = []ref.ProductID{documents[draw.IntN(size)].ID}
			}
			want, err := index.SearchThoroughly(t.Context(), q)
			require.NoError(t, err)
			got, err := index.Search(t.Context(), q)
			require.NoError(t, err)
			require.Equal(t, want, got, "%+v", q)
			if size > search.Window { // then a suggestion looks at the best sellers alone
				continue
			}
			s := search.SuggestQuery{Text: q.Text[:1+draw.IntN(len(q.Text))], Hide: q.Steering.Hide}
			if !whole(live, s) {
				continue
			}
			all, err := index.SuggestThoroughly(t.Context(), s)
			require.NoError(t, err)
			best, err := index.Suggest(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, all, best, "%+v", s)
			compared++
		}
	}
	require.Greater(t, compared, 90)
}

// Who walks through the best sellers until there are enough suggests what the
// bitmaps of all products do.
func TestAWalkFindsWhatBitmapsDo(t *testing.T) {
	t.Parallel()
	index, documents, _ := stirred(t, 3000)
	draw := rand.New(rand.NewPCG(5, 6))
	queries := make([]search.SuggestQuery, 300)
	walked := make([]search.Suggestions, len(queries))
	for i := range queries {
		words := strings.Fields(documents[draw.IntN(len(documents))].Title)[:draw.IntN(3)]
		words = append(words, []string{"lamp", "desk", "luminaire", "desk lamp", "led", documents[draw.IntN(9)].Title}[draw.IntN(6)])
		text := strings.Join(words, " ")
		q := &queries[i]
		q.Limit = search.MaxSuggestions
		q.Text = text[:len(text)-draw.IntN(1+len(words[len(words)-1]))]
		if q.Text = strings.TrimSpace(q.Text); q.Text == "" {
			q.Text = "luminaire"
		}
		if draw.IntN(2) == 0 {
			q.Hide = bestsellers(documents)[:draw.IntN(50)]
		}
		var err error
		walked[i], err = index.Suggest(t.Context(), *q)
		require.NoError(t, err)
	}
	require.Greater(t, walks(t, index, queries), 50)
	index.Forget()
	for i, q := range queries {
		got, err := index.Suggest(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, got, walked[i], "%+v", q)
	}
	require.Zero(t, walks(t, index, queries))
}

// walks returns for how many queries a walk finds enough.
func walks(t *testing.T, index *blevesearch.Index, queries []search.SuggestQuery) int {
	t.Helper()
	n := 0
	for _, q := range queries {
		walked, err := index.Walks(t.Context(), q)
		require.NoError(t, err)
		if walked {
			n++
		}
	}
	return n
}

// bestsellers returns the products, those first that sell best.
func bestsellers(documents []search.Document) []ref.ProductID {
	sorted := slices.Clone(documents)
	slices.SortFunc(sorted, func(a, b search.Document) int { return cmp.Compare(b.Sales, a.Sales) })
	out := make([]ref.ProductID, len(sorted))
	for i := range sorted {
		out[i] = sorted[i].ID
	}
	return out
}

// whole reports whether a product's text has all words, the last one as the beginning
// of one.
func whole(documents []search.Document, q search.SuggestQuery) bool {
	words := strings.Fields(q.Text)
	return slices.ContainsFunc(documents, func(d search.Document) bool {
		in := strings.Fields(strings.Join([]string{d.Title, d.Summary, d.Brand, d.Keywords[0], d.Categories[0][0], d.Categories[0][1]}, " "))
		for i, w := range words {
			if !slices.ContainsFunc(in, func(s string) bool { return s == w || i == len(words)-1 && strings.HasPrefix(s, w) }) {
				return false
			}
		}
		return !slices.Contains(q.Hide, d.ID)
	})
}

// Of too many products those that sell best are suggested, whatever the order in
// which they were written, and what is hidden, sold out or gone takes no place.
func TestBestSellersAreSuggested(t *testing.T) {
	t.Parallel()
	documents := make([]search.Document, 3000)
	for i := range documents {
		documents[i] = search.Document{
			ID: ref.ProductID(fmt.Sprintf("p-%04d", i)), Version: 1, Title: fmt.Sprintf("Case number %d", i),
			InStock: true, Sales: int64(i % 2500),
		}
	}
	backwards := slices.Clone(documents)
	slices.Reverse(backwards)
	one, other := loaded(t, documents), loaded(t, backwards)
	ids := func(index *blevesearch.Index, text string, hide ...ref.ProductID) []ref.ProductID {
		found, err := index.Suggest(t.Context(), search.SuggestQuery{Text: text, Limit: 3, Hide: hide})
		require.NoError(t, err)
		var out []ref.ProductID
		for _, p := range found.Products {
			out = append(out, p.ID)
		}
		return out
	}
	both := func(text string, want []ref.ProductID, hide ...ref.ProductID) {
		t.Helper()
		require.Equal(t, want, ids(one, text, hide...), text)
		require.Equal(t, want, ids(other, text, hide...), text)
	}
	for _, text := range []string{"c", "cas", "case", "case n", "number"} {
		both(text, []ref.ProductID{"p-2499", "p-2498", "p-2497"})
	}
	hidden := make([]ref.ProductID, 700)
	for i := range hidden {
		hidden[i] = documents[2499-i].ID
	}
	both("cas", []ref.ProductID{"p-1799", "p-1798", "p-1797"}, hidden...)
	both("case n", []ref.ProductID{"p-1799", "p-1798", "p-1797"}, hidden...)

	sold, risen := documents[2499], documents[10]
	sold.Version, sold.InStock = 2, false
	risen.Version, risen.Sales = 2, 9000
	write := func(w search.Writer) {
		require.NoError(t, w.Index(t.Context(), []search.Document{sold, risen}))
		require.NoError(t, w.Delete(t.Context(), []search.Removal{{ID: "p-2498", Version: 2}}))
	}
	write(one)
	write(other)
	both("case n", []ref.ProductID{"p-0010", "p-2497", "p-2496"})
	require.NoError(t, one.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		return w.Index(ctx, documents[:2000])
	}))
	require.Equal(t, []ref.ProductID{"p-1999", "p-1998", "p-1997"}, ids(one, "case n"))
}
