package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
	"github.com/soukhq/souk/storage/storagetest"
)

func TestInterceptedStoresPassTheSuite(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, storagetest.Limits{}, func(*testing.T) storage.Stores {
		return storage.Intercept(memory.New().Stores(), func(ctx context.Context, _ storage.Call, next func(context.Context) error) error {
			return next(ctx)
		})
	})
}

func TestAHookCanRefuse(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	s := storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == "Merchants.Insert" {
			require.IsType(t, &merchant.Merchant{}, c.Args[0])
			return boom
		}
		return next(ctx)
	})
	require.ErrorIs(t, s.Merchants.Insert(t.Context(), &merchant.Merchant{ID: "m"}), boom)
	got, err := s.Merchants.GetMany(t.Context(), []merchant.ID{"m"})
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestPowersAreFoundBehindAHook(t *testing.T) {
	t.Parallel()
	s := storage.Intercept(memory.New().Stores(), func(ctx context.Context, _ storage.Call, next func(context.Context) error) error {
		return next(ctx)
	})
	_, ok := uow.As[inventory.Auditor](s.Inventory)
	require.True(t, ok)
	_, ok = uow.As[fmt.Stringer](s.Inventory)
	require.False(t, ok)
}

func ExampleIntercept() {
	stores := storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		fmt.Println(c.Name())
		return next(ctx)
	})
	_, _ = stores.Merchants.GetMany(context.Background(), nil)
	// Output: Merchants.GetMany
}
