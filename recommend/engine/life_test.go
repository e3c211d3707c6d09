package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
	"github.com/soukhq/souk/recommend/engine"
)

// visits are events of members with a taste each, with a long tail.
func visits(members, products, events int, seed uint64) []recommend.Event {
	draw := rand.New(rand.NewPCG(seed, 2))
	all := make([]recommend.Event, 0, events)
	for n := range events {
		member := draw.IntN(members)
		product := int(float64(products) * math.Pow(draw.Float64(), 2))
		if draw.IntN(4) > 0 {
			product = product/8*8 + member%8
		}
		e := recommend.Event{
			ID: fmt.Sprintf("e%d", n), Kind: []recommend.Kind{recommend.View, recommend.View, recommend.CartAdd, recommend.Purchase}[draw.IntN(4)],
			Visitor: recommend.Visitor{Member: ref.MemberID(fmt.Sprintf("m%d", member))},
			Product: ref.ProductID(fmt.Sprintf("p%d", min(product, products-1))), At: start.Add(-time.Duration(events-n) * time.Second),
		}
		if e.Kind == recommend.Purchase {
			e.Basket = fmt.Sprintf("o%d-%d", member, n/500)
		}
		all = append(all, e)
	}
	return all
}

func open(t testing.TB, c engine.Config, events []recommend.Event) *engine.Engine {
	t.Helper()
	if c.Clock == nil {
		c.Clock = clock.NewManual(start)
	}
	e, err := engine.New(c)
	require.NoError(t, err)
	for len(events) > 0 {
		n := min(len(events), recommend.MaxEvents)
		require.NoError(t, e.Record(t.Context(), events[:n]...))
		events = events[n:]
	}
	return e
}

func ask(t testing.TB, e *engine.Engine, shelf recommend.Shelf, member int) recommend.Answer {
	t.Helper()
	a, err := e.Recommend(t.Context(), recommend.Query{
		Shelf: shelf, Visitor: recommend.Visitor{Member: ref.MemberID(fmt.Sprintf("m%d", member))},
		Products: []ref.ProductID{ref.ProductID(fmt.Sprintf("p%d", member))},
	})
	require.NoError(t, err)
	return a
}

func requireSame(t *testing.T, a, b *engine.Engine) {
	t.Helper()
	for _, shelf := range recommend.Shelves() {
		for member := range 30 {
			x, y := ask(t, a, shelf, member), ask(t, b, shelf, member)
			x.Version, y.Version = 0, 0
			require.Equal(t, x, y, "%s for %d", shelf, member)
		}
	}
}

func TestTheSameEventsGiveTheSameAnswers(t *testing.T) {
	t.Parallel()
	events := visits(60, 80, 2500, 1)
	a := open(t, engine.Config{Workers: 1}, events)
	b := open(t, engine.Config{Workers: 4}, events)
	require.NoError(t, a.Refit(t.Context()))
	require.NoError(t, b.Refit(t.Context()))
	require.Equal(t, a.Chosen(), b.Chosen())
	requireSame(t, a, b)
}

func TestASnapshotAnswersTheSame(t *testing.T) {
	t.Parallel()
	events := visits(60, 80, 2000, 2)
	for _, model := range []cf.Kind{cf.Auto, cf.LeastSquares} {
		if model == cf.LeastSquares {
			events = events[1300:] // whose fit takes longer
		}
		a := open(t, engine.Config{Model: model}, events[:len(events)-500])
		require.NoError(t, a.Describe(t.Context(), recommend.Product{ID: "fresh", Sellable: true, Listed: start}))
		require.NoError(t, a.Refit(t.Context()))
		var file bytes.Buffer
		require.NoError(t, a.Save(&file, "shard 3 at 1500"))

		b := open(t, engine.Config{Model: model}, nil)
		position, err := b.Load(t.Context(), &file)
		require.NoError(t, err)
		require.Equal(t, "shard 3 at 1500", position)
		require.Equal(t, a.Chosen(), b.Chosen())
		requireSame(t, a, b)

		// The log is replayed with an overlap: what is known counts once.
		require.NoError(t, a.Record(t.Context(), events[len(events)-500:]...))
		require.NoError(t, b.Record(t.Context(), events[len(events)-600:]...))
		require.NoError(t, a.Refit(t.Context()))
		require.NoError(t, b.Refit(t.Context()))
		requireSame(t, a, b)
	}
}

func TestABrokenSnapshotChangesNothing(t *testing.T) {
	t.Parallel()
	a := open(t, engine.Config{}, visits(20, 30, 300, 3))
	require.NoError(t, a.Refit(t.Context()))
	var file bytes.Buffer
	require.NoError(t, a.Save(&file, ""))
	good := file.Bytes()
	before := ask(t, a, recommend.ForYou, 1)
	for name, spoil := range map[string]func(b []byte) []byte{
		"nothing":   func([]byte) []byte { return nil },
		"head only": func(b []byte) []byte { return b[:20] },
		"cut":       func(b []byte) []byte { return b[:len(b)-5] },
		"bit":       func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
		"magic":     func(b []byte) []byte { b[0] = 'x'; return b },
		"size":      func(b []byte) []byte { binary.BigEndian.PutUint64(b[8:], 1<<60); return b },
	} {
		_, err := a.Load(t.Context(), bytes.NewReader(spoil(bytes.Clone(good))))
		require.ErrorIs(t, err, fault.Invalid, name)
		require.Equal(t, before, ask(t, a, recommend.ForYou, 1), name)
	}
	_, err := a.Load(t.Context(), io.MultiReader(bytes.NewReader(good[:60]), failing{}))
	require.ErrorIs(t, err, fault.Unavailable)
	require.ErrorIs(t, a.Save(failing{}, ""), fault.Unavailable)
}

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errors.New("the disk is gone") }
func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is gone") }

// held is a context that a fit waits for as soon as it is under way.
type held struct {
	context.Context //nolint:containedctx // it is one
	once            sync.Once
	waiting         chan struct{}
	release         chan struct{}
}

func (h *held) Err() error {
	pc := make([]uintptr, 16)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for f, more := frames.Next(); ; f, more = frames.Next() {
		if strings.Contains(f.Function, "recommend/cf.") { // the models are being fitted
			h.once.Do(func() { close(h.waiting) })
			<-h.release
		}
		if !more {
			return h.Context.Err()
		}
	}
}

// A fit that does not end keeps nobody waiting: not who asks, not who tells, not
// who saves.
func TestNobodyWaitsForAFit(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{}, visits(50, 60, 500, 4))
	require.NoError(t, e.Refit(t.Context()))
	before := e.Version()
	h := &held{Context: t.Context(), waiting: make(chan struct{}), release: make(chan struct{})}
	fitted, done := make(chan error, 1), make(chan error, 1)
	go func() { fitted <- e.Refit(h) }()
	<-h.waiting
	go func() {
		err := e.Record(t.Context(), did("late", recommend.View, recommend.Visitor{Session: "s"}, "p3", ""))
		err = errors.Join(err, e.Describe(t.Context(), recommend.Product{ID: "p1", Sellable: true}), e.Forget(t.Context(), "m3"), e.Save(io.Discard, ""))
		for _, kind := range recommend.Shelves() {
			a, failed := e.Recommend(t.Context(), recommend.Query{Shelf: kind, Visitor: recommend.Visitor{Session: "s"}, Products: []ref.ProductID{"p2"}})
			if failed == nil && len(a.Items) == 0 {
				failed = fmt.Errorf("%s is empty", kind)
			}
			err = errors.Join(err, failed)
		}
		done <- err
	}()
	select {
	case err := <-done:
		require.NoError(t, err)
		require.Equal(t, before, e.Version(), "the fit is under way")
	case <-time.After(30 * time.Second):
		t.Error("somebody waits for the fit")
	}
	close(h.release)
	require.NoError(t, <-fitted)
	require.Greater(t, e.Version(), before)
}

// Readers go on while everything is fitted again and again, and never see half
// of it; run it under the race detector.
func TestReadersGoOnWhileItLearns(t *testing.T) {
	t.Parallel()
	events := visits(50, 60, 1500, 4)
	e := open(t, engine.Config{RefitAfter: 100}, events[:500])
	require.NoError(t, e.Refit(t.Context()))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = e.Run(ctx) })
	wg.Go(func() {
		for n := 500; n < len(events); n += 25 {
			if e.Record(ctx, events[n:n+25]...) != nil {
				return
			}
		}
	})
	wg.Go(func() {
		for range 5 {
			_ = e.Refit(ctx)
			_ = e.Save(io.Discard, "")
			_ = e.Forget(ctx, "m3")
		}
	})
	var asking sync.WaitGroup
	for n := range 4 {
		asking.Go(func() {
			for i := range 150 {
				shelf := recommend.Shelves()[(i+n)%len(recommend.Shelves())]
				a, err := e.Recommend(ctx, recommend.Query{
					Shelf: shelf, Visitor: recommend.Visitor{Member: ref.MemberID(fmt.Sprintf("m%d", i%50))}, Products: []ref.ProductID{"p1"},
				})
				if err != nil || shelf == recommend.Hot && len(a.Items) == 0 {
					t.Errorf("%s: %v %v", shelf, a, err)
				}
			}
		})
	}
	asking.Wait()
	stop()
	wg.Wait()
}

func TestRunLearnsInTheBackground(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{}, visits(50, 60, 500, 5))
	require.NoError(t, e.Refit(t.Context()))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	for n := range 5 {
		who := recommend.Visitor{Session: fmt.Sprintf("s%d", n)}
		for _, p := range []ref.ProductID{"brand-new", "p3"} {
			require.NoError(t, e.Record(ctx, recommend.Event{
				ID: fmt.Sprintf("%d %s", n, p), Kind: recommend.Purchase, Visitor: who, Product: p, Basket: who.Session, At: start,
			}))
		}
	}
	require.Eventually(t, func() bool {
		a, err := e.Recommend(ctx, recommend.Query{Shelf: recommend.Together, Products: []ref.ProductID{"brand-new"}, Limit: 1})
		return err == nil && len(a.Items) == 1 && a.Items[0].Product == "p3"
	}, 10*time.Second, 5*time.Millisecond)
	stop()
	require.ErrorIs(t, <-ended, fault.Canceled)
}

func TestItTellsWhatAnswers(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{Model: cf.ItemKNN}, nil)
	require.Equal(t, recommend.Status{}, e.Status())
	past := visits(50, 60, 500, 5)
	require.NoError(t, e.Record(t.Context(), past...))
	require.NoError(t, e.Describe(t.Context(), recommend.Product{ID: "never-seen", Sellable: true}))
	require.Equal(t, len(past), e.Status().Waiting)
	require.Empty(t, e.Status().Model)
	require.NoError(t, e.Refit(t.Context()))
	s := e.Status()
	require.Equal(t, e.Version(), s.Version)
	require.Equal(t, e.Chosen().String(), s.Model)
	require.False(t, s.FittedAt.IsZero())
	require.Zero(t, s.Waiting)
	require.Positive(t, s.Interactions)
	require.Equal(t, 1, s.Sellable)
	require.Greater(t, s.Products, 1)
	require.Positive(t, s.Visitors)
	require.NotEmpty(t, s.Trials)
	chosen := 0
	for _, trial := range s.Trials {
		require.NotEmpty(t, trial.Model)
		if trial.Chosen {
			require.Equal(t, e.Chosen().NDCG, trial.NDCG)
			chosen++
		}
	}
	require.Equal(t, 1, chosen)
}

func TestOneVisitorWithEverything(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{Model: cf.ItemKNN}, nil)
	events := make([]recommend.Event, recommend.MaxEvents)
	lots := 10
	if testing.Short() {
		lots = 1
	}
	for lot := range lots {
		for n := range events {
			id := fmt.Sprintf("p%d", lot*len(events)+n)
			events[n] = recommend.Event{ID: id, Kind: recommend.View, Visitor: recommend.Visitor{Member: "robot"}, Product: ref.ProductID(id), At: start}
		}
		require.NoError(t, e.Record(t.Context(), events...))
	}
	require.NoError(t, e.Refit(t.Context()))
	a, err := e.Recommend(t.Context(), recommend.Query{Shelf: recommend.ForYou, Visitor: recommend.Visitor{Member: "robot"}})
	require.NoError(t, err)
	require.Len(t, a.Items, recommend.DefaultLimit)
}

// like knows one neighbour by content.
type like map[ref.ProductID][]ref.ProductID

func (l like) Like(_ context.Context, p ref.ProductID, _ int) ([]ref.ProductID, error) {
	if l[p] == nil {
		return nil, errors.New("the index is away")
	}
	return l[p], nil
}

func TestNewProductsGetTheirShare(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{Neighbours: like{"p5": {"p6", "fresh-7"}}}, visits(50, 60, 1000, 6))
	for n := range 20 {
		require.NoError(t, e.Describe(t.Context(), recommend.Product{ID: ref.ProductID(fmt.Sprintf("fresh-%d", n)), Listed: start, Sellable: true}))
	}
	require.NoError(t, e.Refit(t.Context()))
	discovered := func(who recommend.Visitor, seen ref.ProductID) recommend.Item {
		require.NoError(t, e.Record(t.Context(), recommend.Event{ID: who.Session, Kind: recommend.View, Visitor: who, Product: seen, At: start}))
		a, err := e.Recommend(t.Context(), recommend.Query{Shelf: recommend.ForYou, Visitor: who})
		require.NoError(t, err)
		again, err := e.Recommend(t.Context(), recommend.Query{Shelf: recommend.ForYou, Visitor: who})
		require.NoError(t, err)
		require.Equal(t, a, again, "the same within a session")
		var found []recommend.Item
		for _, item := range a.Items {
			if item.Reason.Because == recommend.Discover {
				found = append(found, item)
			}
		}
		require.Len(t, found, 1, "one of ten")
		return found[0]
	}
	got := discovered(recommend.Visitor{Session: "a"}, "p5")
	require.Equal(t, ref.ProductID("fresh-7"), got.Product)
	require.Equal(t, ref.ProductID("p5"), got.Reason.Product)

	others := map[ref.ProductID]bool{}
	for n := range 10 { // the index is away: any new product, another for another visitor
		others[discovered(recommend.Visitor{Session: fmt.Sprintf("b%d", n)}, "p9").Product] = true
	}
	require.Greater(t, len(others), 3)
}

// What nobody had touched at the fit has no weight there to divide by: the rows
// of those who get it as a neighbour later are of numbers all the same.
func TestAFirstPurchaseSpoilsNoRow(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{Model: cf.ItemKNN, RefitAfter: 1 << 30}, visits(30, 40, 1200, 10))
	require.NoError(t, e.Describe(t.Context(), recommend.Product{ID: "fresh", Listed: start, Sellable: true}))
	require.NoError(t, e.Refit(t.Context()))
	also := func() []recommend.Item {
		a, err := e.Recommend(t.Context(), recommend.Query{Shelf: recommend.AlsoBought, Products: []ref.ProductID{"p1"}})
		require.NoError(t, err)
		for _, item := range a.Items {
			require.False(t, math.IsNaN(item.Score) || math.IsInf(item.Score, 0), "%+v", item)
		}
		return a.Items
	}
	best := also()[0].Product
	note := func(who ref.MemberID, kind recommend.Kind, product ref.ProductID) {
		require.NoError(t, e.Record(t.Context(), recommend.Event{
			ID: string(who) + string(product), Kind: kind, Visitor: recommend.Visitor{Member: who}, Product: product, At: start,
		}))
		require.NoError(t, e.Refresh(t.Context()))
	}
	note("ann", recommend.Purchase, best)
	note("ann", recommend.Purchase, "fresh")
	note("bob", recommend.Purchase, best) // whose row has the fresh one by now
	require.True(t, slices.ContainsFunc(also(), func(i recommend.Item) bool { return i.Product == best }), "%s is there no more", best)
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	_, err := engine.New(engine.Config{Share: 2, Explore: 2, HalfLife: -1})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = engine.New(engine.Config{Model: "magic"})
	require.ErrorIs(t, err, fault.Invalid)
	e := open(t, engine.Config{Model: cf.Dense, MaxBytes: 1}, visits(5, 5, 50, 7))
	require.ErrorIs(t, e.Refit(t.Context()), fault.Exhausted)
	require.NotEmpty(t, ask(t, e, recommend.ForYou, 1).Items, "without a model there is what is hot")
}
