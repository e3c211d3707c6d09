package blevesearch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
)

// catalogue is n products of made-up words, a few of them frequent and most
// rare, with eight attributes each.
func catalogue(n int) []search.Document {
	draw := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("ba ce di fo gu ka le mi no pu ra se ti vo xu za lo ne")
	words := make([]string, 6000)
	for i := range words {
		var b strings.Builder
		for k := 0; k < 2+i%3; k++ {
			b.WriteString(syllables[draw.IntN(len(syllables))])
		}
		words[i] = b.String()
	}
	zipf := rand.NewZipf(draw, 1.2, 8, uint64(len(words)-1))
	some := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = words[zipf.Uint64()]
		}
		return strings.Join(out, " ")
	}
	out := make([]search.Document, n)
	for i := range out {
		d := search.Document{
			ID: ref.ProductID(fmt.Sprintf("p-%06d", i)), Version: 1, Title: some(6), Summary: some(18),
			Brand: words[draw.IntN(120)], Model: fmt.Sprintf("%s-%d", words[draw.IntN(len(words))], draw.IntN(9000)),
			Categories: [][]string{{words[draw.IntN(9)], words[10+draw.IntN(60)]}},
			Prices:     []money.Money{money.New(draw.Int64N(100_000), "USD")}, Sales: draw.Int64N(1000), InStock: i%4 > 0,
		}
		for k := range 8 {
			d.Attributes = append(d.Attributes, search.Attribute{Name: fmt.Sprint("attribute ", k), Value: words[draw.IntN(20+k*10)]})
		}
		out[i] = d
	}
	return out
}

func loaded(tb testing.TB, documents []search.Document) *blevesearch.Index {
	tb.Helper()
	index, err := blevesearch.Open(blevesearch.Config{})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, index.Close()) })
	for batch := range slices.Chunk(documents, 1000) {
		require.NoError(tb, index.Index(context.Background(), batch))
	}
	return index
}

// plain indexes the same in Bleve, as its users do.
func plain(tb testing.TB, documents []search.Document) bleve.Index {
	tb.Helper()
	m := bleve.NewIndexMapping()
	word := bleve.NewTextFieldMapping()
	word.Store, word.IncludeInAll, word.DocValues = false, false, false
	key := bleve.NewTextFieldMapping()
	key.Analyzer, key.Store, key.IncludeInAll = keyword.Name, false, false
	number := bleve.NewNumericFieldMapping()
	number.Store, number.IncludeInAll = false, false
	d := bleve.NewDocumentStaticMapping()
	d.AddFieldMappingsAt("all", word)
	d.AddFieldMappingsAt("price", number)
	for _, f := range []string{"brand", "category", "a0", "a1", "a2", "a3"} {
		d.AddFieldMappingsAt(f, key)
	}
	m.DefaultMapping = d
	index, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, index.Close()) })
	for chunk := range slices.Chunk(documents, 1000) {
		batch := index.NewBatch()
		for i := range chunk {
			c := &chunk[i]
			all := []string{c.Title, c.Model, c.Brand, c.Summary, c.Categories[0][0], c.Categories[0][1]}
			fields := map[string]any{"brand": c.Brand, "category": c.Categories[0], "price": float64(c.Prices[0].Minor())}
			for k, a := range c.Attributes {
				all = append(all, a.Value)
				if k < 4 {
					fields[fmt.Sprint("a", k)] = a.Value
				}
			}
			fields["all"] = strings.Join(all, " ")
			require.NoError(tb, batch.Index(string(c.ID), fields))
		}
		require.NoError(tb, index.Batch(batch))
	}
	return index
}

// timed runs fn over and over and reports the slowest percent.
func timed(b *testing.B, fn func(i int)) {
	b.Helper()
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		started := time.Now()
		fn(i)
		times = append(times, time.Since(started))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}

func BenchmarkIndex20000(b *testing.B) {
	documents := catalogue(20_000)
	for _, side := range []struct {
		name string
		load func()
	}{
		{"souk", func() { loaded(b, documents) }},
		{"bleve", func() { plain(b, documents) }},
	} {
		b.Run(side.name, func(b *testing.B) {
			for b.Loop() {
				side.load()
			}
		})
	}
}

// BenchmarkQuery asks for two words with five facets, side by side with the
// one query that Bleve itself would run for it.
func BenchmarkQuery(b *testing.B) {
	for _, size := range []int{20_000, 200_000} {
		if size > 20_000 && testing.Short() {
			continue
		}
		documents := catalogue(size)
		texts := make([]string, 200)
		for i := range texts {
			words := strings.Fields(documents[i*37].Title)
			texts[i] = words[0] + " " + words[3]
		}
		b.Run(fmt.Sprintf("souk/%d", size), func(b *testing.B) {
			index := loaded(b, documents)
			hits := 0
			timed(b, func(i int) {
				found, err := index.Search(context.Background(), search.Query{
					Text: texts[i%len(texts)], Limit: 20,
					Facets: []search.FacetRequest{
						{Field: search.FieldBrand},
						{Field: search.FieldCategory},
						{Field: search.AttributeField("attribute 0")},
						{Field: search.AttributeField("attribute 1")},
						{Field: search.FieldPrice, Bounds: []float64{1000, 20_000}},
					},
				})
				require.NoError(b, err)
				hits = max(hits, found.Total)
			})
			b.ReportMetric(float64(hits), "most-hits")
		})
		b.Run(fmt.Sprintf("bleve/%d", size), func(b *testing.B) {
			index := plain(b, documents)
			ten, two := 1000.0, 20_000.0
			timed(b, func(i int) {
				match := bleve.NewMatchQuery(texts[i%len(texts)])
				match.SetField("all")
				request := bleve.NewSearchRequestOptions(match, 20, 0, false)
				for _, f := range []string{"brand", "category", "a0", "a1"} {
					request.AddFacet(f, bleve.NewFacetRequest(f, 10))
				}
				price := bleve.NewFacetRequest("price", 3)
				price.AddNumericRange("low", nil, &ten)
				price.AddNumericRange("middle", &ten, &two)
				price.AddNumericRange("high", &two, nil)
				request.AddFacet("price", price)
				_, err := index.Search(request)
				require.NoError(b, err)
			})
		})
	}
}

func BenchmarkSuggest20000(b *testing.B) {
	documents := catalogue(20_000)
	index := loaded(b, documents)
	timed(b, func(i int) {
		title := documents[i*31%len(documents)].Title
		_, err := index.Suggest(context.Background(), search.SuggestQuery{Text: title[:1+i%9]})
		require.NoError(b, err)
	})
}
