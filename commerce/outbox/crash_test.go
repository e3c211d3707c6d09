package outbox_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
)

// A consumer dies between its effect and its cursor: both are undone, and the
// next owner has the effect. Where it dies after the commit, it has had it.
func TestConsumerDies(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"advance", "advanced", "committed"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s storage.Stores) {
				t.Helper()
				now := clock.NewManual(start())
				var runs atomic.Int64
				consumer := outbox.Consumer{Name: "c", Topics: []string{"order"}, React: effect(s, &runs)}
				r, next := record("order", "a", ""), record("order", "a", "")
				appendAll(t, s, r, next)

				m := &mortal{at: at}
				require.Error(t, newNode(t, m.stores(s), with(now, consumer)).Drain(t.Context()))
				require.EqualValues(t, 1, runs.Load())
				_, err := s.Claims.Holder(t.Context(), "effect", r.ID)
				if at == "committed" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, fault.NotFound, "the effect is undone with the cursor")
				}

				now.Advance(time.Minute) // the dead node's leases expire
				require.NoError(t, newNode(t, s, with(now, consumer)).Drain(t.Context()))
				requireEffects(t, s, []event.Record{r, next})
			})
		})
	}
}

// The owner of a shard dies after it gave positions: the next owner goes on
// behind them, and the old one is refused if it was not dead after all.
func TestShardOwnerDies(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		now := clock.NewManual(start())
		var j journal
		consumer := outbox.Consumer{Name: "c", Topics: []string{"order"}, React: j.react}
		shard := event.ShardKey{Topic: "order", Shard: event.Shard("a")}
		appendAll(t, s, record("order", "a", "1"), record("order", "a", "2"))
		m := &mortal{at: "sequenced"}
		require.ErrorIs(t, newNode(t, m.stores(s), with(now, consumer)).Drain(t.Context()), errDead)
		held, err := s.Leases.List(t.Context(), shard.Lease(), now.Now())
		require.NoError(t, err)
		require.Len(t, held, 1, "the dead owner still has the lease")

		appendAll(t, s, record("order", "a", "3"))
		now.Advance(time.Minute)
		require.NoError(t, newNode(t, s, with(now, consumer)).Drain(t.Context()))
		require.Equal(t, []string{"1", "2", "3"}, j.take())
		appendAll(t, s, record("order", "a", "4"))
		_, err = s.Events.Sequence(t.Context(), shard, held[0].Fence, 10)
		require.ErrorIs(t, err, fault.Conflict)
		require.NoError(t, newNode(t, s, with(now, consumer)).Drain(t.Context()))
		require.Equal(t, []string{"4"}, j.take())
	})
}

// The owner dies inside the step, between giving the positions and moving the
// head: no position was given.
func TestShardOwnerDiesWithin(t *testing.T) {
	t.Parallel()
	backendtest.SQL().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		var kill atomic.Pointer[context.CancelFunc]
		db := on.DB(t, &bunstore.Options{
			OnStatement: func(_ context.Context, query string, _ error) {
				if cancel := kill.Load(); cancel != nil && strings.HasPrefix(query, "UPDATE events") {
					(*cancel)()
				}
			},
		})
		s := db.Stores()
		appendAll(t, s, record("order", "a", "1"), record("order", "a", "2"))
		shard := event.ShardKey{Topic: "order", Shard: event.Shard("a")}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		kill.Store(&cancel)
		_, err := s.Events.Sequence(ctx, shard, 1, 10)
		require.Error(t, err)
		kill.Store(nil)
		pending, err := s.Events.Pending(t.Context())
		require.NoError(t, err)
		require.Equal(t, []event.ShardKey{shard}, pending)
		n, err := s.Events.Sequence(t.Context(), shard, 2, 10)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		rows, err := s.Events.Read(t.Context(), shard, 0, 10)
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.EqualValues(t, 1, rows[0].Seq)
	})
}

// Ten thousand messages that differ in nothing but their id, read by three
// nodes through watermill, one of which leaves and comes back: every one has
// its effect once.
func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		total := 10_000
		if testing.Short() { // under the race detector
			total = 1_000
		}
		records := make([]event.Record, total)
		for i := range records {
			records[i] = record("order", string(rune('A'+i%64)), "the same in all")
		}
		for i := 0; i < total; i += 500 {
			appendAll(t, s, records[i:i+500]...)
		}
		var runs, done atomic.Int64
		handle := outbox.Handler(s.Units, effect(s, &runs))
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		read := func(until int64) {
			sub, err := newNode(t, s).Subscriber(outbox.Consumer{Name: "c", Retry: &outbox.Retry{}})
			require.NoError(t, err)
			messages, err := sub.Subscribe(ctx, "order")
			require.NoError(t, err)
			wg.Go(func() {
				var inner sync.WaitGroup
				for msg := range messages {
					inner.Go(func() {
						if handle(msg) != nil {
							msg.Nack()
							return
						}
						msg.Ack()
						if n := done.Add(1); n == int64(total) {
							stop()
						}
					})
					if until > 0 && done.Load() > until {
						until = 0
						wg.Go(func() { _ = sub.Close() })
					}
				}
				inner.Wait()
			})
		}
		read(0)
		read(int64(total / 4))
		read(int64(total / 3))
		deadline := time.NewTimer(4 * time.Minute)
		defer deadline.Stop()
		select {
		case <-ctx.Done():
		case <-deadline.C:
			t.Fatalf("%d of %d messages took effect in time", done.Load(), total)
		}
		wg.Wait()
		requireEffects(t, s, records)
	})
}

// A transaction that somebody leaves open, in this database or another one of
// the cluster, delays nothing but its own events.
func TestIdleTransactionDelaysNothing(t *testing.T) {
	t.Parallel()
	url := backendtest.Postgres().URL(t)
	db := backendtest.DB(t, url, nil)
	s := db.Stores()
	var j journal
	box := newNode(t, s, with(clock.NewManual(start()), outbox.Consumer{Name: "c", Topics: []string{"order"}, React: j.react}))
	appendAll(t, s, record("order", "a", "0"))
	require.NoError(t, box.Drain(t.Context()))
	require.Equal(t, []string{"0"}, j.take())
	var shard int // the same one
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT shard FROM events WHERE aggregate = 'a'").Scan(&shard))
	for _, elsewhere := range []string{url, backendtest.Postgres().URL(t)} {
		conn, err := pgx.Connect(t.Context(), elsewhere)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
		tx, err := conn.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `INSERT INTO events (topic, id, shard, aggregate, name, payload, headers, at)
VALUES ('order', 'held', $1, 'held', '', '', '', now())`, shard)
		require.NoError(t, err)
	}
	for _, text := range []string{"1", "2", "3"} {
		appendAll(t, s, record("order", "a", text))
		require.NoError(t, box.Drain(t.Context()))
		require.Equal(t, []string{text}, j.take())
	}
}

// hostContext is a context as a host might have it: == panics on two of them.
type hostContext struct {
	context.Context //nolint:containedctx // it is one
	values          []string
}

// What a unit publishes and rolls back is never delivered.
func TestNoPhantomAfterRollback(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		var j journal
		box := newNode(t, s, with(clock.NewManual(start()), outbox.Consumer{Name: "c", Topics: []string{"order"}, React: j.react}))
		pub := box.Publisher()
		publish := func(text string, result error) {
			err := s.Units.Do(t.Context(), func(ctx context.Context) error {
				msg := message.NewMessage("", []byte(text)) // it is given an id
				msg.SetContext(ctx)
				require.NoError(t, pub.Publish("order", msg))
				return result
			})
			require.ErrorIs(t, err, result)
		}
		publish("phantom", errRefused)
		publish("real", nil)
		require.NoError(t, box.Drain(t.Context()))
		require.Equal(t, []string{"real"}, j.take())

		odd := []*message.Message{message.NewMessage("", []byte("odd 1")), message.NewMessage("", []byte("odd 2"))}
		for _, msg := range odd {
			msg.SetContext(hostContext{t.Context(), nil})
		}
		require.NoError(t, pub.Publish("order", odd...), "contexts that cannot be compared")
		require.NoError(t, box.Drain(t.Context()))
		require.Equal(t, []string{"odd 1", "odd 2"}, j.take())
		require.NoError(t, pub.Close())
		require.ErrorIs(t, pub.Publish("order", message.NewMessage("x", nil)), fault.FailedPrecondition)
	})
}
