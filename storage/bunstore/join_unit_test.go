package bunstore_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
)

// host is a program with a table of its own beside the shop's.
type host struct {
	*testing.T
	db     *bunstore.DB
	stores storage.Stores
}

func newHost(t *testing.T, db *bunstore.DB) *host {
	t.Helper()
	h := &host{T: t, db: db, stores: db.Stores()}
	_, err := db.SQL().ExecContext(t.Context(), "CREATE TABLE host (id text)")
	require.NoError(t, err)
	require.NoError(t, h.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		return h.stores.Inventory.Apply(ctx, []inventory.Change{
			{SKU: "tea", Location: "main", Kind: inventory.KindReceive, Delta: 5, Ref: "delivery"},
		}, clock.System{}.Now())
	}))
	return h
}

// begin opens the host's transaction, writes its row and joins.
func (h *host) begin(pool *sql.DB) (context.Context, *sql.Tx) {
	h.Helper()
	tx, err := pool.BeginTx(h.Context(), nil)
	require.NoError(h, err)
	h.Cleanup(func() { _ = tx.Rollback() })
	_, err = tx.ExecContext(h.Context(), "INSERT INTO host VALUES ('one')")
	require.NoError(h, err)
	return h.db.Join(h.Context(), tx), tx
}

func (h *host) append(ctx context.Context) error {
	return h.stores.Events.Append(ctx, event.Record{
		ID: "sold", Topic: "order", Name: "order.test.v1", Aggregate: "g", Payload: []byte("{}"), At: clock.System{}.Now(),
	})
}

func (h *host) reserve(ctx context.Context) error {
	now := clock.System{}.Now()
	short, err := h.stores.Inventory.Reserve(ctx, []inventory.Reservation{
		{Owner: "o", SKU: "tea", Location: "main", Quantity: 1, State: inventory.Held, CreatedAt: now, UpdatedAt: now},
	}, now)
	if err == nil && len(short) > 0 {
		err = inventory.ErrShort(short)
	}
	return err
}

func (h *host) sell(ctx context.Context) error {
	return h.stores.Units.Do(ctx, func(ctx context.Context) error { return errors.Join(h.append(ctx), h.reserve(ctx)) })
}

// holds requires that the host's row, the events and the reservation are there
// once, or not at all.
func (h *host) holds(want int) {
	h.Helper()
	var rows, events int
	require.NoError(h, h.db.SQL().QueryRowContext(h.Context(), "SELECT count(*) FROM host").Scan(&rows))
	require.NoError(h, h.db.SQL().QueryRowContext(h.Context(), "SELECT count(*) FROM events").Scan(&events))
	reservations, err := h.stores.Inventory.Reservations(h.Context(), []string{"o"})
	require.NoError(h, err)
	require.Equal(h, []int{want, want, want}, []int{rows, events, len(reservations)}, "host, events, reservations")
}

func refused(t *testing.T, code string, err error) {
	t.Helper()
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, code, fault.CodeOf(err))
}

func TestAHostCommitsOrUndoesOurEventsWithItsRows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *bunstore.DB) {
		t.Helper()
		h := newHost(t, db)
		ctx, tx := h.begin(db.SQL())
		require.NoError(t, h.sell(ctx))
		require.NoError(t, tx.Rollback())
		h.holds(0)

		ctx, tx = h.begin(db.SQL())
		require.NoError(t, h.sell(ctx))
		require.NoError(t, tx.Commit())
		h.holds(1)
		pending, err := h.stores.Events.Pending(t.Context(), "order")
		require.NoError(t, err)
		require.Len(t, pending, 1)
		given, err := h.stores.Events.Sequence(t.Context(), pending[0], 1, 10)
		require.NoError(t, err)
		require.Equal(t, 1, given)
	})
}

// TestAJoinedContextIsNoUnit: without a Do nobody would write the events
// before the host commits.
func TestAJoinedContextIsNoUnit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *bunstore.DB) {
		t.Helper()
		h := newHost(t, db)
		ctx, tx := h.begin(db.SQL())
		refused(t, "uow.outside", h.append(ctx))
		refused(t, "uow.outside", h.reserve(ctx))
		require.NoError(t, h.sell(ctx), "a refusal does no harm")
		refused(t, "uow.outside", h.append(ctx))
		require.NoError(t, tx.Commit())
		h.holds(1)
	})
}

func TestAJoinedContextEndsWithTheTransaction(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *bunstore.DB) {
		t.Helper()
		h := newHost(t, db)
		m := newMerchant()
		for _, end := range []func(tx *sql.Tx) error{(*sql.Tx).Rollback, (*sql.Tx).Commit} {
			for _, late := range []func(ctx context.Context) error{
				func(ctx context.Context) error { return h.stores.Units.Do(ctx, h.append) },
				func(ctx context.Context) error { return h.stores.Units.Do(ctx, h.reserve) },
				func(ctx context.Context) error { return h.stores.Merchants.Insert(ctx, &m) },
			} {
				_, err := db.SQL().ExecContext(t.Context(), "DELETE FROM host")
				require.NoError(t, err)
				ctx, tx := h.begin(db.SQL())
				require.NoError(t, end(tx))
				refused(t, "uow.finished", late(ctx))
				refused(t, "uow.finished", h.append(ctx))
				refused(t, "uow.finished", h.sell(ctx))
			}
		}
		_, err := h.stores.Merchants.Get(t.Context(), m.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = db.SQL().ExecContext(t.Context(), "DELETE FROM host")
		require.NoError(t, err)
		h.holds(0)

		ctx, tx := h.begin(db.SQL())
		err = h.stores.Units.Do(ctx, func(ctx context.Context) error {
			return errors.Join(h.append(ctx), tx.Commit()) // what is buffered has nowhere to go
		})
		refused(t, "uow.finished", err)
	})
}

func TestAPanicInAJoinedUnitDoomsIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *bunstore.DB) {
		t.Helper()
		h := newHost(t, db)
		ctx, tx := h.begin(db.SQL())
		require.Panics(t, func() {
			_ = h.stores.Units.Do(ctx, func(ctx context.Context) error {
				require.NoError(t, h.append(ctx))
				panic("boom")
			})
		})
		refused(t, "uow.doomed", h.sell(ctx))
		require.NoError(t, tx.Rollback())
		h.holds(0)
	})
}

// again is what a host does: it starts over for as long as it lost a race.
func (h *host) again(pool *sql.DB, first func(ctx context.Context, tx *sql.Tx)) (tries int) {
	h.Helper()
	for {
		tries++
		ctx, tx := h.begin(pool)
		if tries == 1 {
			first(ctx, tx)
		}
		ran := 0
		err := h.stores.Units.Do(ctx, func(ctx context.Context) error {
			ran++
			if err := h.append(ctx); err != nil {
				return err
			}
			if err := h.rename(ctx, "tea house"); err != nil {
				return errors.New("hidden: " + err.Error()) // even so the host learns why
			}
			return h.reserve(ctx)
		})
		require.Equal(h, 1, ran, "the function runs once")
		if err == nil {
			require.NoError(h, tx.Commit())
			return tries
		}
		require.True(h, bunstore.Retryable(err), "%v", err)
		require.ErrorIs(h, err, fault.Unavailable)
		refused(h.T, "uow.doomed", h.sell(ctx))
		require.NoError(h, tx.Rollback())
		h.holds(0)
	}
}

func (h *host) rename(ctx context.Context, name string) error {
	m, err := h.stores.Merchants.Get(ctx, "m")
	if err != nil {
		return err
	}
	m.Name = name
	return h.stores.Merchants.Update(ctx, &m)
}

func (h *host) merchant() {
	h.Helper()
	m := newMerchant()
	m.ID = "m"
	require.NoError(h, h.stores.Merchants.Insert(h.Context(), &m))
}

// TestALostRaceReachesTheHost: a serialization failure and a deadlock on
// PostgreSQL, a snapshot that is too old on SQLite.
func TestALostRaceReachesTheHost(t *testing.T) {
	t.Parallel()
	t.Run("40001", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, backendtest.Postgres().DB(t, nil))
		h.merchant()
		require.Equal(t, 2, h.again(h.db.SQL(), func(_ context.Context, tx *sql.Tx) {
			// The host's statement took the snapshot, unless it is too early.
			_, err := tx.ExecContext(t.Context(), "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ; INSERT INTO host VALUES ('one')")
			require.NoError(t, err)
			require.NoError(t, h.rename(t.Context(), "book nook"))
		}))
		h.holds(1)
	})
	t.Run("40P01", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, backendtest.Postgres().DB(t, nil))
		h.merchant()
		var rival *sql.Tx
		done := make(chan error, 1)
		require.Equal(t, 2, h.again(h.db.SQL(), func(_ context.Context, tx *sql.Tx) {
			var err error
			rival, err = h.db.SQL().BeginTx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = rival.Rollback() })
			_, err = rival.ExecContext(t.Context(), "SET LOCAL deadlock_timeout = '1h'; UPDATE merchants SET name = 'rival'")
			require.NoError(t, err)
			_, err = tx.ExecContext(t.Context(), "SET LOCAL deadlock_timeout = '10ms'; LOCK TABLE host IN ACCESS EXCLUSIVE MODE")
			require.NoError(t, err)
			go func() {
				_, err := rival.Exec("SELECT count(*) FROM host") //nolint:noctx // it ends with the transaction
				done <- errors.Join(err, rival.Commit())
			}()
			require.Eventually(t, func() bool {
				var waits int
				err := h.db.SQL().QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks
WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND relation = 'host'::regclass`).Scan(&waits)
				return err == nil && waits > 0
			}, 20*time.Second, 5*time.Millisecond)
		}))
		require.NoError(t, <-done)
		h.holds(1)
	})
	t.Run("SQLITE_BUSY", func(t *testing.T) {
		t.Parallel()
		url := backendtest.SQLite().URL(t)
		h := newHost(t, backendtest.DB(t, url, nil))
		h.merchant()
		pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:")+"?_pragma=journal_mode(wal)") // deferred: it may come too late
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, pool.Close()) })
		require.Equal(t, 2, h.again(pool, func(_ context.Context, tx *sql.Tx) {
			_, err := tx.ExecContext(t.Context(), "ROLLBACK; BEGIN; SELECT count(*) FROM host")
			require.NoError(t, err)
			require.NoError(t, h.rename(t.Context(), "book nook"))
		}))
		h.holds(1)
	})
}
