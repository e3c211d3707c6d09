package pgsearch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/pgsearch"
)

func teapots(n int) []search.Document {
	out := make([]search.Document, n)
	for i := range out {
		out[i] = search.Document{
			ID: ref.ProductID(fmt.Sprintf("p-%04d", i)), Version: 2, Title: fmt.Sprintf("Teapot no%d", i), Brand: "Kiln",
			Categories: [][]string{{"Kitchen", "Tea"}}, Sales: int64(i),
		}
	}
	return out
}

func total(t *testing.T, index search.Index, text string) int {
	t.Helper()
	found, err := index.Search(t.Context(), search.Query{Text: text, Literal: true})
	require.NoError(t, err)
	return found.Total
}

// another returns a pool of another node on the same database.
func another(t *testing.T, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	return pooled(t, pool.Config().ConnString())
}

func TestNodesShareAnIndex(t *testing.T) {
	t.Parallel()
	pool := database(t)
	a, b := opened(t, pgsearch.Config{Pool: pool}), opened(t, pgsearch.Config{Pool: another(t, pool)})
	other := opened(t, pgsearch.Config{Pool: pool, Name: "zh"})

	require.NoError(t, a.Index(t.Context(), teapots(5)))
	require.Equal(t, 5, total(t, b, "teapot"))
	require.Zero(t, total(t, other, "teapot"), "an index of another name")
	require.NoError(t, b.Delete(t.Context(), []search.Removal{{ID: "p-0001", Version: 3}}))
	require.NoError(t, a.Index(t.Context(), teapots(5)), "older than the removal")
	require.Equal(t, 4, total(t, a, "teapot"))

	before, err := b.Stats(t.Context())
	require.NoError(t, err)
	require.Positive(t, before.Bytes)
	require.NoError(t, a.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		err := b.Rebuild(ctx, func(context.Context, search.Writer) error { return nil })
		require.ErrorIs(t, err, fault.Conflict)
		require.NoError(t, other.Rebuild(ctx, func(context.Context, search.Writer) error { return nil }), "of another name")
		return w.Index(ctx, teapots(9))
	}))
	require.Equal(t, 9, total(t, b, "teapot"))
	after, err := b.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, before.Rebuilt+1, after.Rebuilt)
	require.Greater(t, after.Generation, before.Generation)
}

// What an older version has written says so, and is found until it is rebuilt.
func TestAnOlderAnalysisIsOutdated(t *testing.T) {
	t.Parallel()
	pool := database(t)
	index := opened(t, pgsearch.Config{Pool: pool})
	outdated := func() bool {
		stats, err := index.Stats(t.Context())
		require.NoError(t, err)
		return stats.Outdated
	}
	require.False(t, outdated(), "there is nothing in it yet")
	require.NoError(t, index.Index(t.Context(), teapots(5)))
	require.False(t, outdated())
	_, err := pool.Exec(t.Context(), `UPDATE souk_search.shards SET analysis = analysis - 1`)
	require.NoError(t, err)
	require.True(t, outdated())
	require.NoError(t, index.Index(t.Context(), teapots(6)))
	require.True(t, outdated(), "in part")
	require.Equal(t, 6, total(t, index, "teapot"))
	require.NoError(t, index.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error { return w.Index(ctx, teapots(6)) }))
	require.False(t, outdated())
}

func TestEveryNodeWritesDuringARebuild(t *testing.T) {
	t.Parallel()
	pool := database(t)
	a, b := opened(t, pgsearch.Config{Pool: pool}), opened(t, pgsearch.Config{Pool: another(t, pool)})
	require.NoError(t, a.Index(t.Context(), teapots(40)))

	// While node a fills the catalogue of before, both nodes write its news.
	require.NoError(t, a.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		var group sync.WaitGroup
		errs := make([]error, 3)
		group.Go(func() {
			for i := 0; i < 40 && errs[0] == nil; i += 10 {
				errs[0] = w.Index(ctx, teapots(40)[i:i+10])
			}
		})
		for n, node := range []search.Index{a, b} {
			group.Go(func() {
				for i := range 20 {
					d := teapots(40)[i*2+n]
					d.Version, d.Title = 3, "Kettle"
					if err := node.Index(ctx, []search.Document{d}); err != nil {
						errs[n+1] = err
						return
					}
				}
			})
		}
		group.Wait()
		return errors.Join(errs...)
	}))
	for _, node := range []search.Index{a, b} {
		require.Equal(t, 40, total(t, node, "kettle"))
		require.Zero(t, total(t, node, "teapot"))
	}

	// The vocabulary was counted as often as there are products.
	var plain, shards int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT plain FROM souk_search.words WHERE word = 'kettle'`).Scan(&plain))
	require.Equal(t, 40, plain)
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM souk_search.shards`).Scan(&shards))
	require.Equal(t, 1, shards, "nothing is left of the shard of before")
}

// A node that loses its connection loses its lock: another one takes over, and
// the first cannot put its half of an index in place.
func TestARebuildIsTakenOver(t *testing.T) {
	t.Parallel()
	pool := database(t)
	a, b := opened(t, pgsearch.Config{Pool: pool}), opened(t, pgsearch.Config{Pool: another(t, pool)})
	err := a.Rebuild(t.Context(), func(ctx context.Context, w search.Writer) error {
		require.NoError(t, w.Index(ctx, teapots(3)))
		_, err := pool.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			err := b.Rebuild(ctx, func(ctx context.Context, w search.Writer) error { return w.Index(ctx, teapots(7)) })
			return err == nil
		}, testTimeout, testTick)
		err = w.Index(ctx, teapots(3))
		require.ErrorIs(t, err, fault.Conflict)
		return nil
	})
	require.ErrorIs(t, err, fault.Conflict)
	require.Equal(t, 7, total(t, b, "teapot"))
}
