package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
	"github.com/soukhq/souk/storage/storagetest"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// Cup House is active
	// Tea House is active
	// Bread House is rolled back with its unit: true
}

func TestConformance(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, others(), func(t *testing.T) storage.Stores {
		t.Helper()
		directory, err := OpenDirectory(filepath.Join(t.TempDir(), "merchants.json"))
		require.NoError(t, err)
		stores := memory.New().Stores()
		stores.Merchants = directory
		return stores
	})
}

// others leaves out every area but the one that was replaced, and says of it
// that a file joins no unit of work.
func others() storagetest.Limits {
	l := storagetest.Limits{NoUnits: true}
	for _, area := range storagetest.Areas() {
		if area.Name != "merchant" {
			l.Areas = append(l.Areas, area.Name)
		}
	}
	return l
}

func TestAFailedWriteLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "gone")
	d, err := OpenDirectory(filepath.Join(dir, "merchants.json"))
	require.NoError(t, err)
	m := merchant.Merchant{ID: "a", Name: "A", State: merchant.Active}
	require.ErrorIs(t, d.Insert(t.Context(), &m), fault.Unavailable)
	require.Zero(t, m.Version)
	_, err = d.Get(t.Context(), "a")
	require.ErrorIs(t, err, fault.NotFound)

	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, d.Insert(t.Context(), &m))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, d.Update(ctx, &m), fault.Canceled)
	require.EqualValues(t, 1, m.Version)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "merchants.json"), []byte("junk"), 0o600))
	_, err = OpenDirectory(filepath.Join(dir, "merchants.json"))
	require.ErrorContains(t, err, "damaged")
}
