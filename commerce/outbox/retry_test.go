package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

var errRefused = errors.New("refused")

// alerts collects the letters that died.
type alerts struct {
	mu  sync.Mutex
	all []event.Letter
}

func (a *alerts) add(_ context.Context, l event.Letter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, l)
}

func TestDefaultRetry(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s storage.Stores) {
		t.Helper()
		now := clock.NewManual(start())
		var j journal
		var dead alerts
		box := newNode(t, s, with(now, outbox.Consumer{Name: "c", Topics: []string{"order"}, React: j.react}),
			func(cfg *outbox.Config) { cfg.Alert = dead.add })
		keys := sameShard(2)
		bad := record("order", keys[0], "bad")
		appendAll(t, s, bad, record("order", keys[0], "behind"), record("order", keys[1], "other"))
		j.refuse("bad", errRefused)

		require.ErrorIs(t, box.Drain(t.Context()), errRefused)
		require.Equal(t, []string{"other"}, j.take(), "another aggregate of the shard goes on, the same one waits")

		waits := []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600}
		for i, seconds := range waits {
			now.Advance(time.Duration(seconds)*time.Second - time.Microsecond)
			require.NoError(t, box.Drain(t.Context()), "not yet")
			require.Empty(t, dead.all)
			now.Advance(time.Microsecond)
			require.ErrorIs(t, box.Drain(t.Context()), errRefused, "try %d", i+2)
		}
		require.Len(t, dead.all, 1)
		require.Equal(t, bad.ID, dead.all[0].Record.ID)
		require.Equal(t, 12, dead.all[0].Tries)
		require.Equal(t, "refused", dead.all[0].Reason)
		require.Empty(t, j.take())

		// The aggregate stands still, for this consumer only.
		appendAll(t, s, record("order", keys[0], "later"), record("order", keys[1], "more"))
		now.Advance(24 * time.Hour)
		require.NoError(t, box.Drain(t.Context()))
		require.Equal(t, []string{"more"}, j.take())
		letters, err := box.Letters(t.Context(), event.LetterQuery{Consumer: "c"}, page.Request{})
		require.NoError(t, err)
		require.Len(t, letters.Items, 3)
		letters, err = box.Letters(t.Context(), event.LetterQuery{Consumer: "c", DeadOnly: true}, page.Request{})
		require.NoError(t, err)
		require.Len(t, letters.Items, 1)
		lag, err := box.Lag(t.Context())
		require.NoError(t, err)
		require.Equal(t, []outbox.Lag{{Consumer: "c", Topic: "order", Letters: 3, Dead: 1}}, lag)

		// Another node replays it: what waited follows in order.
		other := newNode(t, s, with(now, outbox.Consumer{Name: "c", Topics: []string{"order"}, React: j.react}))
		require.ErrorIs(t, other.Replay(t.Context(), "c", "order", "unknown"), fault.NotFound)
		require.NoError(t, other.Replay(t.Context(), "c", "order", bad.ID))
		j.refuse("bad", nil)
		require.NoError(t, other.Drain(t.Context()))
		require.Equal(t, []string{"bad", "behind", "later"}, j.take())
		appendAll(t, s, record("order", keys[0], "after"))
		require.NoError(t, box.Drain(t.Context()))
		require.Equal(t, []string{"after"}, j.take())
	})
}

func TestDroppedLetterFreesItsAggregate(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	now := clock.NewManual(start())
	var j journal
	box := newNode(t, s, with(now, outbox.Consumer{
		Name: "c", Topics: []string{"order"}, React: j.react, Retry: &outbox.Retry{Tries: 1},
	}))
	bad := record("order", "a", "bad")
	appendAll(t, s, bad, record("order", "a", "behind"))
	j.refuse("bad", errRefused)
	require.ErrorIs(t, box.Drain(t.Context()), errRefused)
	require.NoError(t, box.Drain(t.Context()))
	require.Empty(t, j.take())
	require.NoError(t, box.Drop(t.Context(), "c", "order", bad.ID))
	require.ErrorIs(t, box.Drop(t.Context(), "c", "order", bad.ID), fault.NotFound)
	require.NoError(t, box.Drain(t.Context()))
	require.Equal(t, []string{"behind"}, j.take())
}

func TestSkippableTopicGoesOnWithoutTheDead(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	now := clock.NewManual(start())
	var j journal
	box := newNode(t, s, with(now, outbox.Consumer{
		Name: "c", Topics: []string{"stock"}, React: j.react, Skippable: []string{"stock"},
		Retry: &outbox.Retry{Min: time.Second, Tries: 2},
	}))
	bad := record("stock", "a", "sold out")
	appendAll(t, s, bad, record("stock", "a", "next"))
	j.refuse("sold out", errRefused)
	require.ErrorIs(t, box.Drain(t.Context()), errRefused)
	require.Empty(t, j.take(), "order is kept as long as there is hope")
	now.Advance(time.Second)
	require.ErrorIs(t, box.Drain(t.Context()), errRefused)
	require.Equal(t, []string{"next"}, j.take())
	j.refuse("sold out", nil)
	require.NoError(t, box.Replay(t.Context(), "c", "stock", bad.ID))
	require.NoError(t, box.Drain(t.Context()))
	require.Equal(t, []string{"sold out"}, j.take())
}

// A consumer that fails for everybody sets a bounded number of records aside.
func TestShardWaitsWhenAllFails(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	now := clock.NewManual(start())
	broken := true
	var j journal
	box := newNode(t, s, with(now, outbox.Consumer{Name: "c", Topics: []string{"order"}, React: func(ctx context.Context, r event.Record) error {
		if broken {
			return errRefused
		}
		return j.react(ctx, r)
	}}))
	keys := sameShard(100)
	for _, k := range keys {
		appendAll(t, s, record("order", k, k))
	}
	require.ErrorIs(t, box.Drain(t.Context()), errRefused)
	count := func() int {
		p, err := box.Letters(t.Context(), event.LetterQuery{}, page.Request{Limit: page.MaxLimit})
		require.NoError(t, err)
		return len(p.Items)
	}
	require.Equal(t, 64, count())
	broken = false
	for range 5 {
		now.Advance(time.Minute)
		require.NoError(t, box.Drain(t.Context()))
	}
	require.ElementsMatch(t, keys, j.take())
	require.Zero(t, count())
}

func TestPanicIsAFailure(t *testing.T) {
	t.Parallel()
	s := memory.New().Stores()
	box := newNode(t, s, with(clock.NewManual(start()), outbox.Consumer{
		Name: "c", Topics: []string{"order"}, React: func(context.Context, event.Record) error { panic("a defect") },
	}))
	appendAll(t, s, record("order", "a", ""))
	require.ErrorContains(t, box.Drain(t.Context()), "a defect")
	p, err := box.Letters(t.Context(), event.LetterQuery{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
}

func TestConfigNamesEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := outbox.New(outbox.Config{
		Poll: -1, Batch: 5000,
		Consumers: []outbox.Consumer{
			{Name: "a/b", Topics: []string{"", "x", "x"}, Retry: &outbox.Retry{Min: -1}},
			{React: (&journal{}).react},
		},
	})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	paths := map[string]bool{}
	for _, field := range f.Fields {
		paths[field.Path] = true
	}
	for _, want := range []string{
		"units", "events", "cursors", "letters", "leases", "poll", "batch", "consumers[0].name", "consumers[0].topics[0]",
		"consumers[0].topics[2]", "consumers[0].retry.min", "consumers[0].react", "consumers[1].name", "consumers[1].topics",
	} {
		require.True(t, paths[want], fmt.Sprint(want, " in ", paths))
	}
	box := newNode(t, memory.New().Stores())
	_, err = box.Subscriber(outbox.Consumer{})
	require.ErrorIs(t, err, fault.Invalid)
}
