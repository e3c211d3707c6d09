package backendtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

// Backend is where a test keeps a shop.
type Backend struct {
	// Name is memory, sqlite or postgres.
	Name string

	// copy returns the address of a database like the one that prepare makes,
	// once per process and key. It is nil in memory.
	copy func(t testing.TB, key string, prepare prepare) string
	key  string
	fill Fill
}

// Fill puts into empty stores what every test finds there.
type Fill func(ctx context.Context, stores storage.Stores) error

type prepare func(ctx context.Context, url string) error

// Memory keeps a shop in the process.
func Memory() Backend { return Backend{Name: "memory"} }

// SQLite keeps a shop in a file.
func SQLite() Backend { return Backend{Name: "sqlite", copy: copyFile} }

// Postgres keeps a shop in a database of the server that the tests of the
// process share.
func Postgres() Backend {
	return Backend{Name: "postgres", copy: func(t testing.TB, key string, prepare prepare) string {
		t.Helper()
		return pgtest.Quick(t).Template(t, "backendtest "+key, prepare)
	}}
}

// Filled returns a backend whose stores begin with what fill puts there: of a
// database once per process and key, in memory for every test.
func (b Backend) Filled(key string, fill Fill) Backend {
	b.key, b.fill = key, fill
	return b
}

// Open opens stores of their own.
func (b Backend) Open(t testing.TB) storage.Stores {
	t.Helper()
	if b.copy != nil {
		return b.DB(t, nil).Stores()
	}
	stores := memory.New().Stores()
	if b.fill != nil {
		require.NoError(t, b.fill(t.Context(), stores))
	}
	return stores
}

// DB opens a database of its own. Nil options are allowed.
func (b Backend) DB(t testing.TB, opts *bunstore.Options) *bunstore.DB {
	t.Helper()
	return DB(t, b.URL(t), opts)
}

// URL returns the address of a database of its own, for a test that opens it
// more than once or elsewhere.
func (b Backend) URL(t testing.TB) string {
	t.Helper()
	if b.copy == nil {
		t.Fatalf("backendtest: %s has no database", b.Name)
	}
	return b.copy(t, b.key, b.prepare)
}

// DB opens the database at url, which the test may close before it ends.
func DB(t testing.TB, url string, opts *bunstore.Options) *bunstore.DB {
	t.Helper()
	db, err := bunstore.Open(t.Context(), url, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// prepare makes the database that is copied.
func (b Backend) prepare(ctx context.Context, url string) error {
	db, err := bunstore.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	err = db.Migrate(ctx)
	if err == nil && b.fill != nil {
		err = b.fill(ctx, db.Stores())
	}
	return errors.Join(err, db.Close())
}

// List is what a test runs on.
type List []Backend

// All returns every backend.
func All() List { return List{Memory(), SQLite(), Postgres()} }

// SQL returns those with a database.
func SQL() List { return List{SQLite(), Postgres()} }

// Filled is as [Backend.Filled], of all of them.
func (l List) Filled(key string, fill Fill) List {
	filled := make(List, len(l))
	for i, b := range l {
		filled[i] = b.Filled(key, fill)
	}
	return filled
}

// Each runs a test on every backend, at the same time. A short run, which is
// what looks for races, leaves SQLite out where PostgreSQL runs too: most of
// their Go code is the same, and what is not is looked at by the tests of the
// stores.
func (l List) Each(t *testing.T, test func(t *testing.T, b Backend)) {
	t.Helper()
	for _, b := range l {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && b.Name == "sqlite" && l.has("postgres") && pgtest.Available() {
				t.Skip("PostgreSQL is looked at for races in its place")
			}
			test(t, b)
		})
	}
}

func (l List) has(name string) bool {
	return slices.ContainsFunc(l, func(b Backend) bool { return b.Name == name })
}
