package bunstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/storage/bunstore"
)

// A node wakes the others on the same database, not itself, and the others
// listen again after their connection was lost.
func TestPostgresNotify(t *testing.T) {
	t.Parallel()
	url := pgtest.Quick(t).URL(t)
	open := func() (*bunstore.DB, event.Notifier, chan struct{}) {
		db, err := bunstore.Open(t.Context(), url, nil)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		watcher, ok := db.Stores().Events.(event.Watcher)
		require.True(t, ok)
		notifier, ok := db.Stores().Events.(event.Notifier)
		require.True(t, ok)
		woken := make(chan struct{}, 1)
		stop := watcher.Watch(func() {
			select {
			case woken <- struct{}{}:
			default:
			}
		})
		t.Cleanup(stop)
		return db, notifier, woken
	}
	wait := func(woken chan struct{}) {
		select {
		case <-woken:
		case <-time.After(20 * time.Second):
			require.Fail(t, "nobody was woken")
		}
	}
	one, oneLog, oneWoken := open()
	_, twoLog, twoWoken := open()
	wait(oneWoken) // it listens
	wait(twoWoken)

	require.NoError(t, oneLog.Notify(t.Context()))
	wait(twoWoken)
	require.NoError(t, twoLog.Notify(t.Context()))
	wait(oneWoken)
	select {
	case <-twoWoken:
		require.Fail(t, "a node was woken by itself")
	default:
	}

	_, err := one.SQL().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
	require.NoError(t, err)
	wait(oneWoken) // it listens again
	wait(twoWoken)
	require.NoError(t, oneLog.Notify(t.Context()))
	wait(twoWoken)
}
