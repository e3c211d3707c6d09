package bunstore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/storage/bunstore"
)

func newMerchant() merchant.Merchant {
	now := clock.System{}.Now()
	return merchant.Merchant{
		ID: merchant.ID(uid.NewV7(nil).New()), Name: "Tea House", State: merchant.Active, CreatedAt: now, UpdatedAt: now,
	}
}

// each runs a test on SQLite and PostgreSQL.
func each(t *testing.T, fn func(t *testing.T, db *bunstore.DB)) {
	t.Helper()
	backendtest.SQL().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		fn(t, b.DB(t, nil))
	})
}

func TestAHostCommitsItsRowsWithOurs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *bunstore.DB) {
		t.Helper()
		stores := db.Stores()
		_, err := db.SQL().ExecContext(t.Context(), "CREATE TABLE host (id text)")
		require.NoError(t, err)

		write := func(m *merchant.Merchant, end func(ctx context.Context) error) error {
			tx, err := db.SQL().BeginTx(t.Context(), nil)
			require.NoError(t, err)
			defer func() { _ = tx.Rollback() }()
			_, err = tx.ExecContext(t.Context(), "INSERT INTO host VALUES ('"+string(m.ID)+"')")
			require.NoError(t, err)
			ctx := db.Join(t.Context(), tx)
			if err := stores.Units.Do(ctx, func(ctx context.Context) error {
				return stores.Merchants.Insert(ctx, m)
			}); err != nil {
				return err
			}
			if err := end(ctx); err != nil {
				return err
			}
			return tx.Commit()
		}
		count := func() (n int) {
			require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM host").Scan(&n))
			return n
		}

		kept, lost := newMerchant(), newMerchant()
		require.NoError(t, write(&kept, func(context.Context) error { return nil }))
		_, err = stores.Merchants.Get(t.Context(), kept.ID)
		require.NoError(t, err)
		require.Equal(t, 1, count())

		boom := errors.New("boom")
		require.ErrorIs(t, write(&lost, func(context.Context) error { return boom }), boom)
		_, err = stores.Merchants.Get(t.Context(), lost.ID)
		require.ErrorIs(t, err, fault.NotFound)
		require.Equal(t, 1, count())
	})
}

func TestAFailedJoinedUnitStaysFailed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *bunstore.DB) {
		t.Helper()
		stores := db.Stores()
		tx, err := db.SQL().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer func() { _ = tx.Rollback() }()
		ctx := db.Join(t.Context(), tx)
		boom := errors.New("boom")
		require.ErrorIs(t, stores.Units.Do(ctx, func(context.Context) error { return boom }), boom)
		m := newMerchant()
		err = stores.Units.Do(ctx, func(ctx context.Context) error { return stores.Merchants.Insert(ctx, &m) })
		require.ErrorIs(t, err, fault.FailedPrecondition)
	})
}
