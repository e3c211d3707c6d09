package bunstore_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/storagetest"
)

func TestSQLiteConformance(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, storagetest.Limits{}, func(t *testing.T) storage.Stores {
		t.Helper()
		return backendtest.SQLite().Open(t)
	})
}

func TestSQLiteRefusesUnsafeSettings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shop.db")
	for _, url := range []string{
		"sqlite::memory:",
		"sqlite:",
		"sqlite:" + file + "?_txlock=deferred",
		"sqlite:" + file + "?_pragma=journal_mode(delete)",
		"sqlite:" + file + "?_pragma=synchronous(normal)",
		"sqlite:" + file + "?_pragma=busy_timeout(0)",
		"mysql://localhost/shop",
		"",
	} {
		_, err := bunstore.Open(t.Context(), url, nil)
		require.ErrorIs(t, err, fault.Invalid, url)
	}
	_, err := bunstore.Open(t.Context(), "sqlite:"+file, &bunstore.Options{Schema: "shop"})
	require.ErrorIs(t, err, fault.Invalid)
}
