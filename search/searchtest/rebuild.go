package searchtest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func rebuildCases() []Case {
	return []Case{
		{Name: "rebuild/swaps when it is full", Run: rebuildSwaps},
		{Name: "rebuild/keeps what was written meanwhile", Run: rebuildKeepsNews},
		{Name: "rebuild/a failure leaves the live index", Run: rebuildFails},
		{Name: "rebuild/one at a time", Run: rebuildAlone},
	}
}

func rebuildSwaps(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	before, err := index.Stats(t.Context())
	require.NoError(t, err)
	require.NoError(t, index.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		require.NoError(t, w.Index(ctx, []search.Document{{ID: "kettle", Version: 1, Title: "Copper kettle"}}))
		require.Contains(t, find(t, index, search.Query{Text: "floor lamp"}), ref.ProductID("lamp-floor"), "the live one answers")
		require.NotContains(t, find(t, index, search.Query{Text: "kettle"}), ref.ProductID("kettle"))
		return nil
	}))
	require.Equal(t, []ref.ProductID{"kettle"}, find(t, index, search.Query{Text: "kettle"}))
	require.Equal(t, []ref.ProductID{"kettle"}, find(t, index, search.Query{}))
	after, err := index.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, after.Documents)
	require.Equal(t, before.Rebuilt+1, after.Rebuilt)
	require.False(t, after.Outdated)
	require.Greater(t, after.Generation, before.Generation)
}

func rebuildKeepsNews(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.NoError(t, index.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		// Events arrive while the catalogue is read: newer and older ones.
		require.NoError(t, index.Index(ctx, []search.Document{{ID: "news", Version: 9, Title: "Copper kettle"}}))
		require.NoError(t, index.Delete(ctx, []search.Removal{{ID: "gone", Version: 5}}))
		return w.Index(ctx, []search.Document{
			{ID: "news", Version: 8, Title: "Tin kettle"}, {ID: "gone", Version: 4, Title: "Old kettle"},
		})
	}))
	require.Equal(t, []ref.ProductID{"news"}, find(t, index, search.Query{Text: "kettle"}))
	require.Equal(t, []ref.ProductID{"news"}, find(t, index, search.Query{Text: "copper"}))
}

func rebuildFails(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	broken := errors.New("the catalogue went away")
	err := index.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		require.NoError(t, w.Index(ctx, []search.Document{{ID: "kettle", Title: "Copper kettle"}}))
		return broken
	})
	require.ErrorIs(t, err, broken)
	require.Contains(t, find(t, index, search.Query{Text: "floor lamp"}), ref.ProductID("lamp-floor"))
	stats, err := index.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, len(shelf()), stats.Documents)
}

func rebuildAlone(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.NoError(t, index.Rebuild(t.Context(), func(ctx context.Context, _ search.Writer) error {
		err := index.Rebuild(ctx, func(context.Context, search.Writer) error { return nil })
		require.ErrorIs(t, err, fault.Conflict)
		return nil
	}))
}
