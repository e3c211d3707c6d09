package outbox_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/storage"
)

// A node that cannot read its cursor gives the shard back at once: the next
// one does not wait for the lease to expire.
func TestAShardIsGivenBackWhereItsCursorCannotBeTaken(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		now := clock.NewManual(start()) // which never moves
		var j journal
		consumer := outbox.Consumer{Name: "c", Topics: []string{"order"}, React: j.react}
		appendAll(t, s, record("order", "a", "1"))
		broken := storage.Intercept(s, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			if c.Name() == "Cursors.Take" {
				return fault.New(fault.Unavailable, "test.lost", "the connection is lost")
			}
			return next(ctx)
		})
		require.ErrorIs(t, newNode(t, broken, with(now, consumer)).Drain(t.Context()), fault.Unavailable)
		require.NoError(t, newNode(t, s, with(now, consumer)).Drain(t.Context()))
		require.Equal(t, []string{"1"}, j.take())
	})
}

// notifying is a log that tells other nodes.
type notifying struct {
	event.Log
	told *atomic.Int64
}

func (n notifying) Notify(context.Context) error {
	n.told.Add(1)
	return nil
}

// Stores that are intercepted keep the power to tell other nodes.
func TestOtherNodesAreToldThroughAnInterceptedLog(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		var told atomic.Int64
		var j journal
		s.Events = notifying{s.Events, &told}
		s = storage.Intercept(s, func(ctx context.Context, _ storage.Call, next func(context.Context) error) error { return next(ctx) })
		appendAll(t, s, record("order", "a", "1"))
		node := newNode(t, s, with(clock.NewManual(start()), outbox.Consumer{Name: "c", Topics: []string{"order"}, React: j.react}))
		require.NoError(t, node.Drain(t.Context()))
		require.Equal(t, []string{"1"}, j.take())
		require.Positive(t, told.Load())
	})
}
