package pgsearch_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/search/pgsearch"
	"github.com/soukhq/souk/search/searchtest"
)

// timed runs fn over and over and reports the median and the slowest percent.
func timed(b *testing.B, fn func(i int)) {
	b.Helper()
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		started := time.Now()
		fn(i)
		times = append(times, time.Since(started))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkIndex20000 loads 20,000 products, asks for two words with five
// facets, and completes words, side by side with the index in the process.
func BenchmarkIndex20000(b *testing.B) {
	documents := searchtest.Catalogue(20_000)
	texts := make([]string, 200)
	for i := range texts {
		words := strings.Fields(documents[i*37].Title)
		texts[i] = words[0] + " " + words[3]
	}
	local, err := blevesearch.Open(blevesearch.Config{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, local.Close()) })
	for name, index := range map[string]search.Index{
		"pgsearch":    opened(b, pgsearch.Config{Pool: database(b)}),
		"blevesearch": local,
	} {
		b.Run(name+"/load", func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, index.Rebuild(context.Background(), func(ctx context.Context, w search.Writer) error {
					for batch := range slices.Chunk(documents, 1000) {
						if err := w.Index(ctx, batch); err != nil {
							return err
						}
					}
					return nil
				}))
			}
		})
		b.Run(name+"/query", func(b *testing.B) {
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
		b.Run(name+"/suggest", func(b *testing.B) {
			timed(b, func(i int) {
				title := documents[i*31%len(documents)].Title
				_, err := index.Suggest(context.Background(), search.SuggestQuery{Text: title[:1+i%9]})
				require.NoError(b, err)
			})
		})
	}
}
