package bunstore_test

import (
	"os"
	"path/filepath"
	"strings"
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

func TestSQLiteRefusesAFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shop.db")
	db, err := bunstore.Open(t.Context(), "sqlite:"+file, nil)
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context()))
	require.NoError(t, db.Close())
	_, err = bunstore.Open(t.Context(), "sqlite:"+file+"?mode=ro", nil) // as the file's mode does, but for root
	require.ErrorIs(t, err, fault.Unavailable)
	require.EqualError(t, err, "bunstore.read_only: the SQLite file cannot be written: "+file)

	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("no database ", 100)), 0o600))
	_, err = bunstore.Open(t.Context(), "sqlite:"+file, nil)
	require.ErrorIs(t, err, fault.Unavailable)
	require.ErrorContains(t, err, file)
}
