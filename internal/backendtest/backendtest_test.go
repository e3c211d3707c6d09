package backendtest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
)

func insert(ctx context.Context, s storage.Stores, id merchant.ID) error {
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	return s.Merchants.Insert(ctx, &merchant.Merchant{
		ID: id, Name: string(id), State: merchant.Active, CreatedAt: at, UpdatedAt: at,
	})
}

func TestStoresAreOfOneTestAlone(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		mine, yours := b.Open(t), b.Open(t)
		require.NoError(t, insert(t.Context(), mine, "tea-house"))
		_, err := yours.Merchants.Get(t.Context(), "tea-house")
		require.ErrorIs(t, err, fault.NotFound)
	})
}

func TestStoresBeginAsTheyWereFilled(t *testing.T) {
	t.Parallel()
	var filled atomic.Int32
	stocked := backendtest.All().Filled("stocked", func(ctx context.Context, s storage.Stores) error {
		filled.Add(1)
		return insert(ctx, s, "tea-house")
	})
	for range 2 {
		for _, b := range stocked {
			s := b.Open(t)
			_, err := s.Merchants.Get(t.Context(), "tea-house")
			require.NoError(t, err, b.Name)
			require.NoError(t, insert(t.Context(), s, "silk-road"), "of this test alone")
		}
	}
	require.EqualValues(t, 2+1+1, filled.Load(), "a database is filled once")

	for _, b := range backendtest.All() {
		_, err := b.Open(t).Merchants.Get(t.Context(), "tea-house")
		require.ErrorIs(t, err, fault.NotFound, b.Name)
	}
}

func TestADatabaseCanBeOpenedAgain(t *testing.T) {
	t.Parallel()
	backendtest.SQL().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		var asked atomic.Int32
		url := b.URL(t)
		first := backendtest.DB(t, url, &bunstore.Options{
			OnStatement: func(context.Context, string, error) { asked.Add(1) },
		})
		require.NoError(t, insert(t.Context(), first.Stores(), "tea-house"))
		require.NoError(t, first.Close())
		require.EqualValues(t, 1, asked.Load())

		_, err := backendtest.DB(t, url, nil).Stores().Merchants.Get(t.Context(), "tea-house")
		require.NoError(t, err)
	})
}

func TestAFileIsRemovedWithItsTest(t *testing.T) {
	t.Parallel()
	var file string
	t.Cleanup(func() { // runs after the subtest is over
		_, err := os.Stat(filepath.Dir(file))
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("user", func(t *testing.T) {
		t.Parallel()
		file = strings.TrimPrefix(backendtest.SQLite().URL(t), "sqlite:")
		require.FileExists(t, file)
	})
}
