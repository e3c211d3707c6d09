package searchtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func pageCases() []Case {
	return []Case{
		{Name: "page/pages together are one list", Run: pagesTogether},
		{Name: "page/a change is said", Run: pageMoved},
	}
}

// crowd is more than the window of the second ranking.
func crowd() []search.Document {
	out := make([]search.Document, search.Window*2+30)
	words := []string{"steel", "blue", "small", "travel", "glass"}
	for i := range out {
		title := "teapot"
		for k, w := range words {
			if i>>k&1 == 1 {
				title = w + " " + title
			}
		}
		out[i] = search.Document{
			ID: ref.ProductID(fmt.Sprintf("p-%03d", i*7%len(out))), Version: 1, Title: title, Brand: words[i%len(words)],
			Prices: []money.Money{money.New(int64(i%13)*100, "USD")}, Sales: int64(i % 17), Rating: float64(i % 6),
			ListedAt: time.Unix(int64(i%11)*1000, 0), InStock: i%3 > 0,
		}
	}
	return out
}

func pagesTogether(t *testing.T, index search.Index) {
	t.Helper()
	all := crowd()
	require.NoError(t, index.Index(t.Context(), all))
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		q := search.Query{
			Text: rapid.SampledFrom([]string{"teapot", "blue teapot", "steel", "", "glass teapots for travel"}).Draw(t, "text"),
			Sort: rapid.SampledFrom([]search.Sort{
				search.ByRelevance, search.ByPriceAsc, search.ByPriceDesc, search.ByNewest, search.BySales, search.ByRating,
			}).Draw(t, "sort"),
		}
		if rapid.Bool().Draw(t, "filter") {
			q.Filters = []search.Filter{{Field: search.FieldBrand, Any: []string{"steel", "blue"}}}
		}
		q.Limit = page.MaxLimit
		whole, err := index.Search(ctx, q)
		require.NoError(t, err)
		require.Empty(t, whole.Next, "the list is shorter than one page of the largest size")
		require.Len(t, whole.Hits, whole.Total)

		q.Limit = rapid.IntRange(19, 250).Draw(t, "size")
		var together []search.Hit
		for pages := 0; ; pages++ {
			require.Less(t, pages, whole.Total+2)
			part, err := index.Search(ctx, q)
			require.NoError(t, err)
			require.False(t, part.Moved)
			require.Equal(t, whole.Total, part.Total)
			require.LessOrEqual(t, len(part.Hits), q.Limit)
			together = append(together, part.Hits...)
			if q.After = part.Next; q.After == "" {
				break
			}
			require.Len(t, part.Hits, q.Limit, "only the last page is short")
		}
		require.Equal(t, whole.Hits, together)
	})
}

func pageMoved(t *testing.T, index search.Index) {
	t.Helper()
	require.NoError(t, index.Index(t.Context(), crowd()))
	q := search.Query{Text: "teapot", Limit: 10}
	first, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	q.After = first.Next
	require.NoError(t, index.Index(t.Context(), []search.Document{{ID: "new", Title: "teapot"}}))
	second, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	require.True(t, second.Moved)
	require.Len(t, second.Hits, 10)
}
