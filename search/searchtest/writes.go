package searchtest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func writeCases() []Case {
	return []Case{
		{Name: "write/found at once", Run: foundAtOnce},
		{Name: "write/newer replaces, older does not", Run: olderNeverReplaces},
		{Name: "write/removed stays removed", Run: removedStays},
		{Name: "write/one batch, one product twice", Run: twiceInABatch},
		{Name: "write/all or nothing", Run: allOrNothing},
		{Name: "write/many small writes", Run: manySmallWrites},
		{Name: "write/search while writing", Run: searchWhileWriting},
		{Name: "write/closed", Run: closed},
		{Name: "write/ended context", Run: endedContext},
	}
}

func foundAtOnce(t *testing.T, index search.Index) {
	t.Helper()
	nothing(t, index, "lamp")
	before, err := index.Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, before.Documents)

	filled(t, index)
	require.Contains(t, find(t, index, search.Query{Text: "lamp"}), ref.ProductID("lamp-desk"))
	after, err := index.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, len(shelf()), after.Documents)
	require.NotEqual(t, before.Generation, after.Generation)
	require.NoError(t, index.Index(t.Context(), nil))
}

func olderNeverReplaces(t *testing.T, index search.Index) {
	t.Helper()
	write := func(version int64, title string) {
		require.NoError(t, index.Index(t.Context(), []search.Document{{ID: "p", Version: version, Title: title}}))
	}
	write(5, "teapot")
	write(4, "kettle")
	nothing(t, index, "kettle")
	require.Len(t, find(t, index, search.Query{Text: "teapot"}), 1)
	write(5, "samovar") // the same row, read twice
	require.Len(t, find(t, index, search.Query{Text: "samovar"}), 1)
	write(6, "kettle")
	require.Len(t, find(t, index, search.Query{Text: "kettle"}), 1)
	nothing(t, index, "samovar")
	stats, err := index.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, stats.Documents)
}

func removedStays(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.NoError(t, index.Delete(t.Context(), []search.Removal{{ID: "desk", Version: 3}, {ID: "unknown", Version: 1}}))
	require.NotContains(t, find(t, index, search.Query{Text: "standing desk"}), ref.ProductID("desk"))
	late := []search.Document{{ID: "desk", Version: 3, Title: "Standing desk"}}
	require.NoError(t, index.Index(t.Context(), late))
	require.NotContains(t, find(t, index, search.Query{Text: "standing desk"}), ref.ProductID("desk"))
	late[0].Version = 4
	require.NoError(t, index.Index(t.Context(), late))
	require.Contains(t, find(t, index, search.Query{Text: "standing desk"}), ref.ProductID("desk"))

	// An old removal does not take a newer product out.
	require.NoError(t, index.Delete(t.Context(), []search.Removal{{ID: "desk", Version: 2}}))
	require.Contains(t, find(t, index, search.Query{Text: "standing desk"}), ref.ProductID("desk"))
}

func twiceInABatch(t *testing.T, index search.Index) {
	t.Helper()
	require.NoError(t, index.Index(t.Context(), []search.Document{
		{ID: "p", Version: 2, Title: "teapot"}, {ID: "p", Version: 1, Title: "kettle"},
	}))
	require.Len(t, find(t, index, search.Query{Text: "teapot"}), 1)
	nothing(t, index, "kettle")
}

func allOrNothing(t *testing.T, index search.Index) {
	t.Helper()
	err := index.Index(t.Context(), []search.Document{
		{ID: "good", Title: "teapot"},
		{ID: "", Title: "bad", Rating: 7, Prices: []money.Money{money.New(1, "USD"), money.New(1, "EUR")}},
	})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	paths := map[string]bool{}
	for _, field := range f.Fields {
		paths[field.Path] = true
	}
	require.Equal(t, map[string]bool{"documents[1].id": true, "documents[1].prices[1]": true, "documents[1].rating": true}, paths)
	nothing(t, index, "teapot")
}

func manySmallWrites(t *testing.T, index search.Index) {
	t.Helper()
	const products, rounds = 20, 5
	for round := range rounds {
		for i := range products {
			require.NoError(t, index.Index(t.Context(), []search.Document{{
				ID: ref.ProductID(fmt.Sprintf("p-%02d", i)), Version: int64(round), Title: fmt.Sprintf("round%d teapot", round),
			}}))
		}
	}
	found, err := index.Search(t.Context(), search.Query{Text: "teapot"})
	require.NoError(t, err)
	require.Equal(t, products, found.Total)
	found, err = index.Search(t.Context(), search.Query{Text: "round4", Literal: true})
	require.NoError(t, err)
	require.Equal(t, products, found.Total)
	nothing(t, index, "round3")
}

func searchWhileWriting(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var group sync.WaitGroup
	errs := make(chan error, 8)
	for range 2 {
		group.Go(func() {
			for ctx.Err() == nil {
				found, err := index.Search(ctx, search.Query{
					Text: "desk lamp", Facets: []search.FacetRequest{{Field: search.FieldBrand}, {Field: search.FieldPrice}},
				})
				if err == nil && len(found.Hits) == 0 {
					err = fmt.Errorf("a product that is always there was not found")
				}
				if err == nil {
					_, err = index.Suggest(ctx, search.SuggestQuery{Text: "la"})
				}
				if err != nil && ctx.Err() == nil {
					errs <- err
					return
				}
			}
		})
	}
	for i := range 60 {
		d := shelf()[i%3]
		d.Version, d.Sales = int64(i+2), int64(i)
		if err := index.Index(t.Context(), []search.Document{d}); err != nil {
			errs <- err
		}
	}
	stop()
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

func closed(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.NoError(t, index.Close())
	require.NoError(t, index.Close())
	_, err := index.Search(t.Context(), search.Query{Text: "lamp"})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.ErrorIs(t, index.Index(t.Context(), shelf()), fault.FailedPrecondition)
	_, err = index.Stats(t.Context())
	require.ErrorIs(t, err, fault.FailedPrecondition)
	err = index.Rebuild(t.Context(), func(context.Context, search.Writer) error { return nil })
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

func endedContext(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := index.Search(ctx, search.Query{Text: "lamp"})
	require.ErrorIs(t, err, fault.Canceled)
	require.ErrorIs(t, index.Index(ctx, []search.Document{{ID: "new", Title: "teapot"}}), fault.Canceled)
	nothing(t, index, "teapot")
}
