package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// eventually polls, with a bound, for what happens in the background.
func eventually(t *testing.T, ok func() bool, what string) {
	t.Helper()
	require.Eventually(t, ok, 20*time.Second, 5*time.Millisecond, what)
}

// held counts the shards of consumer "c" that each owner holds.
func held(t *testing.T, s storage.Stores) map[string]int {
	t.Helper()
	leases, err := s.Leases.List(t.Context(), "consumer/c/", clock.System{}.Now())
	require.NoError(t, err)
	out := map[string]int{}
	for _, l := range leases {
		if name := l.Name[strings.LastIndex(l.Name, "/")+1:]; len(name) == 2 { // a shard, not a member
			out[l.Owner]++
		}
	}
	return out
}

// Not parallel: it looks at every goroutine of the process.
//
//nolint:paralleltest // see above
func TestNothingIsLeftBehind(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	s := memory.New().Stores()
	var j journal
	box := newNode(t, s, with(clock.System{},
		outbox.Consumer{Name: "c", Topics: []string{"order", "stock"}, React: j.react},
		outbox.Consumer{Name: "n", Topics: []string{"order"}, React: (&journal{}).react, PerNode: true}))
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- box.Run(ctx) }()
	appendAll(t, s, record("order", "a", "1"))
	eventually(t, func() bool { return len(j.take()) == 1 }, "a running consumer reacts")
	stop()
	require.NoError(t, <-ran)

	sub, err := box.Subscriber(outbox.Consumer{Name: "sub"})
	require.NoError(t, err)
	messages, err := sub.Subscribe(t.Context(), "order")
	require.NoError(t, err)
	<-messages // never answered
	require.NoError(t, sub.Close())
	require.NoError(t, sub.Close())
	_, err = sub.Subscribe(t.Context(), "order")
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.NoError(t, box.Drain(t.Context()))

	leases, err := s.Leases.List(t.Context(), "", clock.System{}.Now())
	require.NoError(t, err)
	require.Empty(t, leases, "every lease was given back")
	goleak.VerifyNone(t, ignore)
}

// A reader that does not read keeps nobody else from its share.
func TestIdleReaderLetsGo(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	const topic = "member" // looks like part of a lease's name
	for i := range 64 {
		appendAll(t, s, record(topic, fmt.Sprint(i), ""))
	}
	fast := func(cfg *outbox.Config) { cfg.Poll = 10 * time.Millisecond }
	subscribe := func() (*outbox.Subscriber, <-chan *message.Message) {
		sub, err := newNode(t, s, fast).Subscriber(outbox.Consumer{Name: "c"})
		require.NoError(t, err)
		messages, err := sub.Subscribe(t.Context(), topic)
		require.NoError(t, err)
		return sub, messages
	}
	idle, _ := subscribe()
	eventually(t, func() bool { return slices.Equal(slices.Sorted(shares(held(t, s))), []int{16}) }, "one node has all")
	busy, messages := subscribe()
	eventually(t, func() bool { return slices.Equal(slices.Sorted(shares(held(t, s))), []int{8, 8}) }, "two nodes have half each")
	msg := <-messages
	msg.Ack()
	require.NoError(t, busy.Close())
	require.NoError(t, idle.Close())
}

// Shards are divided evenly; a node that leaves gives its share back at once.
func TestShardsAreDivided(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		fast := func(cfg *outbox.Config) { cfg.Poll = 10 * time.Millisecond }
		var subs []*outbox.Subscriber
		for _, want := range [][]int{{16}, {8, 8}, {4, 6, 6}} {
			sub, err := newNode(t, s, fast).Subscriber(outbox.Consumer{Name: "c"})
			require.NoError(t, err)
			_, err = sub.Subscribe(t.Context(), "order")
			require.NoError(t, err)
			subs = append(subs, sub)
			eventually(t, func() bool {
				have := slices.Sorted(shares(held(t, s)))
				return slices.Equal(have, want)
			}, fmt.Sprint(want))
		}
		require.NoError(t, subs[0].Close())
		eventually(t, func() bool { return slices.Equal(slices.Sorted(shares(held(t, s))), []int{8, 8}) }, "the others take over")
		require.NoError(t, subs[1].Close())
		require.NoError(t, subs[2].Close())
		require.Empty(t, held(t, s))
	})
}

func shares(m map[string]int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for _, n := range m {
			if !yield(n) {
				return
			}
		}
	}
}

// Through watermill's own router, with a handler that fails now and then.
func TestRouter(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	box := newNode(t, s)
	sub, err := box.Subscriber(outbox.Consumer{Name: "c", Retry: &outbox.Retry{}})
	require.NoError(t, err)
	var runs atomic.Int64
	good := effect(s, &runs)
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
	require.NoError(t, err)
	router.AddConsumerHandler("effects", "order", sub, outbox.Handler(s.Units, func(ctx context.Context, r event.Record) error {
		if err := good(ctx, r); err != nil {
			return err
		}
		if runs.Load()%3 == 0 {
			return errRefused
		}
		return nil
	}))
	records := make([]event.Record, 200)
	messages := make([]*message.Message, len(records))
	for i := range records {
		records[i] = record("order", "", "")
		messages[i] = message.NewMessage(records[i].ID, nil)
		messages[i].Metadata[outbox.HeaderAggregate] = fmt.Sprint(i % 20)
	}
	ran := make(chan error)
	go func() { ran <- router.Run(t.Context()) }()
	<-router.Running()
	require.NoError(t, box.Publisher().Publish("order", messages...))
	eventually(t, func() bool {
		lag, err := box.Lag(t.Context())
		require.NoError(t, err)
		cursors, err := s.Cursors.All(t.Context())
		require.NoError(t, err)
		var moved int64
		for _, c := range cursors {
			moved += c.Position
		}
		return moved == int64(len(records)) && lag[0].Records == 0
	}, "the consumer reaches the head")
	require.NoError(t, router.Close())
	require.NoError(t, <-ran)
	requireEffects(t, s, records)
	require.Error(t, outbox.Handler(s.Units, good)(message.NewMessage("foreign", nil)))
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	box := newNode(t, s)
	sub, err := box.Subscriber(outbox.Consumer{Name: "c", Retry: &outbox.Retry{}})
	require.NoError(t, err)
	messages, err := sub.Subscribe(t.Context(), "order")
	require.NoError(t, err)
	r := record("order", "a", "x")
	r.Name, r.Headers = "order.placed.v1", map[string]string{"k": "v"}
	appendAll(t, s, r)
	for try := 1; try <= 2; try++ {
		msg := <-messages
		d, ok := outbox.DeliveryOf(msg.Context())
		require.True(t, ok)
		require.Positive(t, d.Fence)
		d.Fence = 0
		require.Equal(t, outbox.Delivery{Consumer: "c", Topic: "order", Shard: event.Shard("a"), Position: 1, Try: try}, d)
		require.Equal(t, r.ID, msg.UUID)
		require.Equal(t, message.Metadata{
			"k": "v", outbox.HeaderEvent: r.Name, outbox.HeaderAggregate: "a", outbox.HeaderTime: "2026-05-04T10:00:00.000000Z",
		}, msg.Metadata)
		msg.Nack()
	}
	require.NoError(t, sub.Close())
	_, ok := outbox.DeliveryOf(t.Context())
	require.False(t, ok)
}

// The answer to a commit is lost: it had taken place, and the record is not
// delivered again.
func TestLostCommit(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		now := clock.NewManual(start())
		lossy := s
		units := &lossyUnits{Manager: s.Units}
		lossy.Units = units
		var runs atomic.Int64
		broken := true
		good := effect(s, &runs)
		box := newNode(t, lossy, with(now, outbox.Consumer{Name: "c", Topics: []string{"order"}, React: func(ctx context.Context, r event.Record) error {
			if string(r.Payload) == "letter" && broken {
				return errRefused
			}
			return good(ctx, r)
		}}))
		r, l := record("order", "a", ""), record("order", "b", "letter")
		appendAll(t, s, r)
		units.lose.Store(true)
		require.ErrorIs(t, box.Drain(t.Context()), fault.Indeterminate)
		require.NoError(t, box.Drain(t.Context()))
		require.EqualValues(t, 1, runs.Load())

		appendAll(t, s, l)
		require.ErrorIs(t, box.Drain(t.Context()), errRefused)
		broken = false
		now.Advance(time.Second)
		units.lose.Store(true)
		require.ErrorIs(t, box.Drain(t.Context()), fault.Indeterminate)
		now.Advance(time.Hour)
		require.NoError(t, box.Drain(t.Context()))
		require.EqualValues(t, 2, runs.Load())
		requireEffects(t, s, []event.Record{r, l})
		blocked, err := s.Letters.Blocked(t.Context(), "c", event.ShardKey{Topic: "order", Shard: event.Shard("b")})
		require.NoError(t, err)
		require.Empty(t, blocked)
	})
}

// lossyUnits loses the answer to the next commit.
type lossyUnits struct {
	uow.Manager
	lose atomic.Bool
}

func (u *lossyUnits) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	err := u.Manager.Do(ctx, fn)
	if err == nil && u.lose.CompareAndSwap(true, false) {
		return fault.New(fault.Indeterminate, "test.lost", "the answer to the commit was lost")
	}
	return err
}

func TestDrainFollowsWhatReactionsAppend(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		var j journal
		box := newNode(t, s, with(clock.NewManual(start()),
			outbox.Consumer{Name: "late", Topics: []string{"paid"}, React: j.react},
			outbox.Consumer{Name: "early", Topics: []string{"placed"}, React: func(ctx context.Context, r event.Record) error {
				return s.Events.Append(ctx, record("paid", r.Key(), "paid "+string(r.Payload)))
			}}))
		appendAll(t, s, record("placed", "a", "1"), record("placed", "b", "2"))
		require.NoError(t, box.Drain(t.Context()))
		require.ElementsMatch(t, []string{"paid 1", "paid 2"}, j.take())
		require.NoError(t, box.Drain(t.Context()))
		require.Empty(t, j.take())
	})
}

// Drain on one node waits for what another one is at.
func TestDrainWaitsForOthers(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var j journal
	consumer := outbox.Consumer{Name: "c", Topics: []string{"order"}, React: func(ctx context.Context, r event.Record) error {
		once.Do(func() {
			close(entered)
			<-leave
		})
		return j.react(ctx, r)
	}}
	appendAll(t, s, record("order", "a", "1"))
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- newNode(t, s, with(clock.System{}, consumer)).Run(ctx) }()
	<-entered

	box := newNode(t, s, with(clock.System{}, consumer))
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, box.Drain(short), context.DeadlineExceeded)
	drained := make(chan error)
	go func() { drained <- box.Drain(t.Context()) }()
	close(leave)
	require.NoError(t, <-drained)
	require.Equal(t, []string{"1"}, j.take())
	stop()
	require.NoError(t, <-ran)
}

func TestPurgeAndRebuild(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		now := clock.NewManual(start())
		var shared, own, resumed journal
		rebuilt := 0
		perNode := outbox.Consumer{
			Name: "index", Topics: []string{"order"}, React: own.react, PerNode: true,
			Rebuild: func(context.Context, string) error { rebuilt++; return nil },
		}
		all := newNode(t, s, with(now, outbox.Consumer{Name: "shared", Topics: []string{"order"}, React: shared.react}))
		node := newNode(t, s, with(now, perNode))
		short := func(cfg *outbox.Config) { cfg.Retention = time.Hour }
		purger := newNode(t, s, with(now), short)
		keys := []string{"a", "b", "c"}
		put := func(text string) {
			for _, k := range keys {
				appendAll(t, s, record("order", k, text))
			}
		}
		put("old")
		require.NoError(t, node.Drain(t.Context()))
		require.Equal(t, 1, rebuilt, "a node begins with the state of the stores")
		require.Empty(t, own.take())
		put("new")
		require.NoError(t, node.Drain(t.Context()))
		require.Len(t, own.take(), 3)

		require.NoError(t, all.Drain(t.Context()))
		require.Len(t, shared.take(), 6)
		put("unread")
		now.Advance(2 * time.Hour)
		n, err := purger.Purge(t.Context())
		require.NoError(t, err)
		require.Equal(t, 6, n, "what the slowest shared consumer has not passed stays")
		require.NoError(t, node.Drain(t.Context()))
		require.Len(t, own.take(), 3)
		require.Equal(t, 1, rebuilt)

		put("missed")
		require.NoError(t, all.Drain(t.Context()))
		n, err = purger.Purge(t.Context())
		require.NoError(t, err)
		require.Equal(t, 6, n)
		put("next")
		require.NoError(t, node.Drain(t.Context()))
		require.Equal(t, 2, rebuilt, "a node that fell behind begins again, once for all shards")
		require.Empty(t, own.take(), "the rebuild covers what was there")
		put("after")
		require.NoError(t, node.Drain(t.Context()))
		require.Len(t, own.take(), 3)

		// A state that outlives the process says where it stands.
		perNode.React = resumed.react
		perNode.Resume = func(context.Context, string) (map[int]int64, error) {
			heads, err := s.Events.Heads(t.Context(), "order")
			out := map[int]int64{}
			for k, h := range heads {
				out[k.Shard] = h - 1
			}
			return out, err
		}
		require.NoError(t, newNode(t, s, with(now, perNode)).Drain(t.Context()))
		require.Equal(t, []string{"after", "after", "after"}, resumed.take())
		require.Equal(t, 2, rebuilt)

		// A shared consumer that begins late begins with what there is.
		var late journal
		require.NoError(t, newNode(t, s, with(now, outbox.Consumer{Name: "late", Topics: []string{"order"}, React: late.react})).Drain(t.Context()))
		require.Len(t, late.take(), 6)
		lag, err := purger.Lag(t.Context())
		require.NoError(t, err)
		require.Equal(t, []outbox.Lag{{Consumer: "late", Topic: "order"}, {Consumer: "shared", Topic: "order", Records: 6}}, lag)
		require.NoError(t, purger.Forget(t.Context(), "shared"))
		lag, err = purger.Lag(t.Context())
		require.NoError(t, err)
		require.Len(t, lag, 1)
	})
}

// Two nodes run the same consumers; each record has one effect.
func TestRunOnTwoNodes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		var runs atomic.Int64
		consumer := outbox.Consumer{Name: "c", Topics: []string{"order"}, React: effect(s, &runs)}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			box := newNode(t, s, with(clock.System{}, consumer))
			wg.Go(func() { errs[i] = box.Run(ctx) })
		}
		var records []event.Record
		for i := range 100 {
			r := record("order", fmt.Sprint(i%10), "")
			appendAll(t, s, r)
			records = append(records, r)
		}
		eventually(t, func() bool {
			for _, r := range records {
				if _, err := s.Claims.Holder(t.Context(), "effect", r.ID); err != nil {
					return false
				}
			}
			return true
		}, "every record takes effect")
		stop()
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.EqualValues(t, 100, runs.Load())
	})
}
