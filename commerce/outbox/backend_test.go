package outbox_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

// onEach runs a test against fresh stores of every backend.
func onEach(t *testing.T, run func(t *testing.T, s storage.Stores)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) storage.Stores{
		"memory":   func(*testing.T) storage.Stores { return memory.New().Stores() },
		"sqlite":   openSQLite,
		"postgres": openPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, open(t))
		})
	}
}

func openSQLite(t *testing.T) storage.Stores {
	t.Helper()
	return open(t, sqliteURL(t))
}

// sqliteURL names a file in memory where the machine has such a place: these
// tests commit tens of thousands of times and never ask what a power cut
// leaves.
func sqliteURL(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "outbox") //nolint:usetesting // t.TempDir is on the disk
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return "sqlite:" + filepath.Join(dir, "shop.db")
}

func openPostgres(t *testing.T) storage.Stores {
	t.Helper()
	return open(t, postgresURL(t))
}

// postgresURL names a database that does not wait for its disk, for the same
// reason.
func postgresURL(t *testing.T) string {
	t.Helper()
	url := pgtest.Template(t, "outbox", func(ctx context.Context, url string) error {
		db, err := bunstore.Open(ctx, url, nil)
		if err != nil {
			return err
		}
		if err := db.Migrate(ctx); err != nil {
			return err
		}
		return db.Close()
	})
	return url + "&synchronous_commit=off"
}

func open(t *testing.T, url string) storage.Stores {
	t.Helper()
	db, err := bunstore.Open(t.Context(), url, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Migrate(t.Context()))
	return db.Stores()
}

// newNode returns an outbox as another process of the cluster would have it.
func newNode(t *testing.T, s storage.Stores, change ...func(*outbox.Config)) *outbox.Outbox {
	t.Helper()
	cfg := outbox.Config{
		Units: s.Units, Events: s.Events, Cursors: s.Cursors, Letters: s.Letters, Leases: s.Leases,
	}
	for _, fn := range change {
		fn(&cfg)
	}
	o, err := outbox.New(cfg)
	require.NoError(t, err)
	return o
}
