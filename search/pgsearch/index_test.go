package pgsearch_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/pgsearch"
	"github.com/soukhq/souk/search/searchtest"
)

// database returns a pool on a database with the tables.
func database(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return pooled(t, pgtest.Quick(t).Template(t, "pgsearch", func(ctx context.Context, url string) error {
		pool, err := pgxpool.New(ctx, url)
		if err != nil {
			return err
		}
		defer pool.Close()
		return pgsearch.Migrate(ctx, pool, pgsearch.Schema{})
	}))
}

func pooled(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	config.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func opened(t testing.TB, config pgsearch.Config) *pgsearch.Index {
	t.Helper()
	if config.Name == "" {
		config.Name = "en"
	}
	index, err := pgsearch.Open(t.Context(), config)
	require.NoError(t, err)
	return index
}

func TestIndex(t *testing.T) {
	t.Parallel()
	searchtest.Run(t, searchtest.Limits{}, func(t *testing.T, s searchtest.Setup) search.Index {
		t.Helper()
		return opened(t, pgsearch.Config{Pool: database(t), Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries})
	})
}
