package commerce_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

// backends open an empty shop each, with a bank that approves of everything.
func backends() map[string]func(t *testing.T) commerce.Config {
	return map[string]func(t *testing.T) commerce.Config{
		"memory": func(*testing.T) commerce.Config {
			return commerce.Config{Stores: memory.New().Stores(), Gateways: []payment.Gateway{fakepay.New().Gateway()}}
		},
		"sqlite": func(t *testing.T) commerce.Config { t.Helper(); return open(t, sqliteURL(t)) },
		"postgres": func(t *testing.T) commerce.Config {
			t.Helper()
			return open(t, pgtest.Template(t, "commerce", migrate))
		},
	}
}

// onEach runs a test on every backend.
func onEach(t *testing.T, test func(t *testing.T, cfg commerce.Config)) {
	t.Helper()
	for name, config := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, config(t))
		})
	}
}

// open returns the configuration of a shop in a migrated database.
func open(t *testing.T, url string) commerce.Config {
	t.Helper()
	return commerce.Config{Stores: openDB(t, url).Stores(), Gateways: []payment.Gateway{fakepay.New().Gateway()}}
}

func openDB(t *testing.T, url string) *bunstore.DB {
	t.Helper()
	db, err := bunstore.Open(t.Context(), url, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// migrate makes a database that is copied for every test.
func migrate(ctx context.Context, url string) error {
	db, err := bunstore.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx), db.Close())
}

var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "souk-commerce-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "shop.db")
	if err := migrate(context.Background(), "sqlite:"+file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// sqliteURL names a fresh, migrated file.
func sqliteURL(t *testing.T) string {
	t.Helper()
	db, err := migrated()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "shop.db")
	require.NoError(t, os.WriteFile(file, db, 0o600))
	return "sqlite:" + file
}
