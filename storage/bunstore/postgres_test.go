package bunstore_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/storagetest"
)

func TestPostgresConformance(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, storagetest.Limits{}, func(t *testing.T) storage.Stores {
		t.Helper()
		return backendtest.Postgres().Open(t)
	})
}

func TestPostgresRefusesPreparedStatements(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec"} {
		_, err := bunstore.Open(t.Context(), "postgres://localhost:1/shop?default_query_exec_mode="+mode, nil)
		require.ErrorIs(t, err, fault.Invalid, mode)
	}
	_, err := bunstore.Open(t.Context(), "postgres://localhost:1/shop?connect_timeout=1", nil)
	require.ErrorIs(t, err, fault.Unavailable)
	_, err = bunstore.Open(t.Context(), "postgres://%zz", nil)
	require.ErrorIs(t, err, fault.Invalid)
}

func TestOneShopPerSchema(t *testing.T) {
	t.Parallel()
	url := pgtest.Quick(t).URL(t)
	shops := make([]storage.Stores, 2)
	for i, schema := range []string{"tea", "Silk & Co"} {
		db, err := bunstore.Open(t.Context(), url, &bunstore.Options{Schema: schema})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		require.ErrorIs(t, db.CheckSchema(t.Context()), fault.FailedPrecondition)
		require.NoError(t, db.Migrate(t.Context()))
		require.NoError(t, db.CheckSchema(t.Context()))
		shops[i] = db.Stores()
	}
	m := newMerchant()
	require.NoError(t, shops[0].Merchants.Insert(t.Context(), &m))
	_, err := shops[1].Merchants.Get(t.Context(), m.ID)
	require.ErrorIs(t, err, fault.NotFound)
}

func TestManyMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Quick(t).URL(t)
	errs := make(chan error)
	for range 6 {
		go func() {
			db, err := bunstore.Open(t.Context(), url, nil)
			if err == nil {
				err = db.Migrate(context.WithoutCancel(t.Context()))
				_ = db.Close()
			}
			errs <- err
		}()
	}
	for range 6 {
		require.NoError(t, <-errs)
	}
}
