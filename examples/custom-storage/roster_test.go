package main

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/storagetest"
)

func openRoster(t *testing.T) storage.Stores {
	t.Helper()
	db, err := bunstore.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "shop.db"), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Migrate(t.Context()))
	roster, err := OpenRoster(t.Context(), db)
	require.NoError(t, err)
	stores := db.Stores()
	stores.Merchants, stores.Units = roster, roster
	return stores
}

// The roster passes every case of its area, those about units included.
func TestTheRosterJoinsUnits(t *testing.T) {
	t.Parallel()
	limits := others()
	limits.NoUnits, limits.NoWaiting = false, true // SQLite has one writer
	storagetest.Run(t, limits, func(t *testing.T) storage.Stores {
		t.Helper()
		stores := openRoster(t)
		return stores
	})
}

func TestARosterIsRolledBackWithTheRest(t *testing.T) {
	t.Parallel()
	stores := openRoster(t)
	m := merchant.Merchant{ID: "tea", Name: "Tea House", State: merchant.Active}
	late := errors.New("something else failed")
	require.ErrorIs(t, stores.Units.Do(t.Context(), func(ctx context.Context) error {
		if err := stores.Merchants.Insert(ctx, &m); err != nil {
			return err
		}
		if _, _, err := stores.Claims.Claim(ctx, "name", "tea house", "tea"); err != nil {
			return err
		}
		return late
	}), late)
	_, err := stores.Merchants.Get(t.Context(), "tea")
	require.ErrorIs(t, err, fault.NotFound)
	_, err = stores.Claims.Holder(t.Context(), "name", "tea house")
	require.ErrorIs(t, err, fault.NotFound)
}
