package engine

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is an engine over products that all have a name in common, each bought
// with the next one.
func world(t *testing.T, name string, products int) *Engine {
	t.Helper()
	e, err := New(Config{Clock: clock.NewManual(began), Model: "itemknn", Explore: -1})
	require.NoError(t, err)
	for n := range products {
		require.NoError(t, e.Describe(t.Context(), recommend.Product{
			ID: ref.ProductID(fmt.Sprintf("%s-%d", name, n)), Listed: began.Add(time.Duration(n) * time.Second), Sellable: true, Merchant: "one",
		}))
		for k := range 3 {
			require.NoError(t, e.Record(t.Context(), recommend.Event{
				ID: fmt.Sprintf("%d %d", n, k), Kind: recommend.Purchase, At: began, Basket: fmt.Sprint("order ", n),
				Visitor: recommend.Visitor{Member: ref.MemberID(fmt.Sprint("m", n))}, Product: ref.ProductID(fmt.Sprintf("%s-%d", name, (n+k)%products)),
			}))
		}
	}
	require.NoError(t, e.Refit(t.Context()))
	return e
}

// What is recorded while a snapshot is encoded waits for nothing, and is not in
// it by halves.
func TestASnapshotIsOfOneMoment(t *testing.T) {
	t.Parallel()
	e := world(t, "p", 6)
	text := func(c *content) string {
		all, err := json.Marshal(c)
		require.NoError(t, err)
		return string(all)
	}
	want, later := text(e.copy("here")()), e.copy("here")
	visitor := recommend.Visitor{Member: "m1", Session: "s"}
	require.NoError(t, e.Record(t.Context(),
		recommend.Event{ID: "a", Kind: recommend.View, At: began, Visitor: visitor, Product: "p-0"},
		recommend.Event{ID: "b", Kind: recommend.Refund, At: began, Visitor: visitor, Product: "p-1", Basket: "order 1"},
		recommend.Event{ID: "c", Kind: recommend.Purchase, At: began, Visitor: visitor, Product: "p-5", Basket: "order 2"}))
	require.NoError(t, e.Describe(t.Context(), recommend.Product{ID: "p-2", Category: "new"}))
	require.NoError(t, e.Forget(t.Context(), "m3"))
	e.mu.Lock() // encoding needs no lock
	defer e.mu.Unlock()
	got := later()
	require.NoError(t, gob.NewEncoder(io.Discard).Encode(got))
	require.Equal(t, want, text(got))
}

// An answer in the making keeps the numbers of its products while a snapshot
// brings others.
func TestALoadDoesNotMixNumbers(t *testing.T) {
	t.Parallel()
	a, b := world(t, "a", 9), world(t, "b", 4)
	var file bytes.Buffer
	require.NoError(t, b.Save(&file, ""))
	q := recommend.Query{Shelf: recommend.ForYou, Visitor: recommend.Visitor{Member: "m8"}, Limit: 20}
	s := a.open(t.Context(), q)
	_, err := a.Load(t.Context(), &file)
	require.NoError(t, err)
	s.personal(s.g.main)
	s.hot()
	s.newest()
	all := s.answer()
	require.Len(t, all.Items, 6, "nine but the three that were bought")
	for _, x := range all.Items {
		require.Regexp(t, "^a-", x.Product)
		require.Regexp(t, "^(a-.)?$", x.Reason.Product)
	}
	all, err = a.Recommend(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, all.Items, 4)
	require.Regexp(t, "^b-", all.Items[0].Product)
}

// A list that has nothing but one shop is not read to its end for others.
func TestAShopOfOneMerchantIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	e, err := New(Config{Clock: clock.NewManual(began)})
	require.NoError(t, err)
	var all []recommend.Product
	for n := range 2000 {
		all = append(all, recommend.Product{ID: ref.ProductID(fmt.Sprint("p", n)), Merchant: "one", Category: "same", Sellable: true})
	}
	require.NoError(t, e.Describe(t.Context(), all...))
	s := e.open(t.Context(), recommend.Query{Shelf: recommend.Newest})
	s.newest()
	require.Less(t, s.offered, 100)
	require.Len(t, s.answer().Items, recommend.DefaultLimit)
}

// Forgetting the many sessions that never came back does not look through all
// baskets for each of them.
func TestExpiryIsCheap(t *testing.T) {
	t.Parallel()
	clk := clock.NewManual(began)
	e, err := New(Config{Clock: clk})
	require.NoError(t, err)
	const sessions = 20_000
	events := make([]recommend.Event, sessions)
	for n := range events {
		name := fmt.Sprint("guest ", n)
		events[n] = recommend.Event{
			ID: name, Kind: recommend.Purchase, At: began, Visitor: recommend.Visitor{Session: name}, Product: "tea", Basket: name,
		}
	}
	since := time.Now()
	for len(events) > 0 {
		require.NoError(t, e.Record(t.Context(), events[:recommend.MaxEvents]...))
		events = events[recommend.MaxEvents:]
	}
	recording := time.Since(since)
	clk.Advance(31 * 24 * time.Hour)
	since = time.Now()
	e.expire(clk.Now().Unix())
	require.Less(t, time.Since(since), 20*recording)
	require.Zero(t, e.Status().Visitors)
	require.Equal(t, sessions, e.Status().Baskets)
	clk.Advance(400 * 24 * time.Hour)
	e.expire(clk.Now().Unix())
	require.Zero(t, e.Status().Baskets)
}

// Listing, delisting and moving products keep the lists of all and of each
// category as making them anew would.
func TestTheNewestStayInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory(newPast(), nil, nil)
		some := func(name string) ref.CategoryID {
			return rapid.SampledFrom([]ref.CategoryID{"", "tea", "pot", "all"}).Draw(t, name)
		}
		for range rapid.IntRange(1, 20).Draw(t, "calls") {
			all := make([]recommend.Product, rapid.IntRange(0, 30).Draw(t, "products"))
			for n := range all {
				all[n] = recommend.Product{
					ID: ref.ProductID(fmt.Sprint("p", rapid.IntRange(0, 40).Draw(t, "id"))), Sellable: rapid.Bool().Draw(t, "sellable"),
					Category: some("category"), Above: []ref.CategoryID{some("above"), some("above")},
					Channels: []ref.ChannelID{"en", "zh"}[:rapid.IntRange(0, 2).Draw(t, "channels")],
					Listed:   began.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "hour")) * time.Hour),
				}
			}
			m.describe(all...)
			want := listed{} // places that are no more are not kept
			for item, p := range m.facts {
				for _, c := range places(p) {
					want[c] = append(want[c], int32(item))
				}
			}
			young := listed{}
			for c, list := range want {
				slices.SortFunc(list, m.byAge)
				young.set(c, slices.DeleteFunc(slices.Clone(list), m.grown))
			}
			require.Equal(t, want, m.listed)
			read := listed{} // as who passes over the others
			for c, list := range m.young {
				read.set(c, slices.DeleteFunc(slices.Clone(list), m.grown))
			}
			require.Equal(t, young, read)
			for range rapid.IntRange(0, 9).Draw(t, "touches") {
				if item := int32(rapid.IntRange(0, 40).Draw(t, "touched")); int(item) < len(m.facts) {
					m.past.Touched[item]++
					m.grow(item)
				}
			}
			for _, p := range all {
				n := m.past.number[p.ID]
				require.Equal(t, m.facts[n].Sellable, slices.Contains(m.listed[everybody], n))
			}
		}
	})
}

// Where few products are of a storefront or a category, looking at those alone
// finds what looking at everything would.
func TestFewAreLookedAtForTheSameAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const items = 30
		e, err := New(Config{Clock: clock.NewManual(began)})
		require.NoError(t, err)
		ann := recommend.Visitor{Member: "ann"}
		for n := range items {
			p := recommend.Product{
				ID: ref.ProductID(fmt.Sprint("p", n)), Sellable: rapid.IntRange(0, 4).Draw(t, "sellable") > 0,
				Channels: [][]ref.ChannelID{nil, {"en"}, {"en"}, {"en", "outlet"}}[rapid.IntRange(0, 3).Draw(t, "channels")],
				Category: rapid.SampledFrom([]ref.CategoryID{"", "tea", "pot", "pot"}).Draw(t, "category"),
			}
			if how := rapid.IntRange(0, 5).Draw(t, "how"); how > 0 {
				require.NoError(t, e.Describe(t.Context(), p))
			} else {
				require.NoError(t, e.Record(t.Context(), recommend.Event{ID: string(p.ID), Kind: recommend.View, At: began, Visitor: recommend.Visitor{Session: "s"}, Product: p.ID}))
			}
			if kind := rapid.SampledFrom([]recommend.Kind{"", "", "", recommend.View, recommend.Purchase, recommend.Hide}).Draw(t, "kind"); kind != "" {
				require.NoError(t, e.Record(t.Context(), recommend.Event{ID: "ann " + string(p.ID), Kind: kind, At: began, Visitor: ann, Product: p.ID}))
			}
		}
		var scores cf.Scores
		scores.Reset(items)
		for n := range items {
			if rapid.IntRange(0, 9).Draw(t, "scored") > 0 {
				scores.Add(int32(n), float32(rapid.IntRange(-1, 4).Draw(t, "score")))
			}
		}
		q := recommend.Query{
			Shelf: recommend.ForYou, Visitor: ann, Limit: rapid.IntRange(1, 3).Draw(t, "limit"),
			Channel:  rapid.SampledFrom([]ref.ChannelID{"", "outlet", "nowhere"}).Draw(t, "channel"),
			Category: rapid.SampledFrom([]ref.CategoryID{"", "", "tea"}).Draw(t, "in"),
		}
		s, plain := e.open(t.Context(), q), e.open(t.Context(), q)
		matched := false
		for n := range int32(items) {
			matched = matched || scores.Get(n) > 0 && !s.profile.Has(n)
		}
		want := scores.Top(nil, (1+waits)*q.Limit, func(item int32) bool {
			_, ok := plain.allowed(item)
			return !ok || scores.Get(item) <= 0 || s.profile.Has(item)
		})
		require.Equal(t, want, s.best(&scores, s.profile))
		require.Equal(t, matched, s.matched)
	})
}

// However much is new, all its rows are computed, some at a time, and no fit is due
// before enough has happened.
func TestManyRowsMakeNoFit(t *testing.T) {
	t.Parallel()
	e := world(t, "p", 20)
	for len(e.wake) > 0 {
		<-e.wake
	}
	var events []recommend.Event
	for n := range 4 * refreshRows {
		for k := range 2 { // each pair by a visitor of its own
			product := ref.ProductID(fmt.Sprint("new ", n, k))
			events = append(events, recommend.Event{
				ID: string(product), Kind: recommend.View, At: began, Visitor: recommend.Visitor{Session: fmt.Sprint(n)}, Product: product,
			})
		}
	}
	require.NoError(t, e.Record(t.Context(), events...))
	<-e.wake
	before := e.model.Load()
	require.NoError(t, e.step(t.Context()))
	after := e.model.Load()
	require.Equal(t, before.seen, after.seen, "no fit")
	require.Equal(t, before.version+8, after.version)
	require.Empty(t, e.wake)
	require.Empty(t, e.mem.dirty)
	for _, n := range []int{0, 2000, 3999} {
		seen, like := events[n].Product, events[n^1].Product
		a, err := e.Recommend(t.Context(), recommend.Query{Shelf: recommend.Similar, Products: []ref.ProductID{seen}, Visitor: recommend.Visitor{Session: "x"}})
		require.NoError(t, err)
		require.Equal(t, like, a.Items[0].Product)
	}
}

// Who is to be forgotten does not wait until many rows are computed that the fit
// computes anyway.
func TestAFitThatIsDueIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	e := world(t, "p", 20)
	var events []recommend.Event
	for n := range 3 * refreshRows {
		id := fmt.Sprint("new ", n)
		events = append(events, recommend.Event{ID: id, Kind: recommend.View, At: began, Visitor: recommend.Visitor{Session: id}, Product: ref.ProductID(id)})
	}
	require.NoError(t, e.Record(t.Context(), events...))
	<-e.wake
	version := e.Version()
	require.NoError(t, e.refreshUnless(t.Context(), func() bool {
		require.NoError(t, e.Forget(t.Context(), "m3"))
		return e.due()
	}))
	require.Equal(t, version+1, e.Version())
	require.Len(t, e.wake, 1)
	require.NoError(t, e.step(t.Context()))
	require.False(t, e.mem.removed)
	require.Empty(t, e.mem.dirty)
}

// What a fit that failed leaves undone is done without another event.
func TestAFitThatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	e := world(t, "p", 6)
	require.NoError(t, e.Forget(t.Context(), "m3"))
	<-e.wake
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, e.step(gone), fault.Canceled)
	require.Len(t, e.wake, 1)
	require.NoError(t, e.step(t.Context()))
	require.False(t, e.mem.removed)

	require.NoError(t, e.Record(t.Context(), recommend.Event{ID: "late", Kind: recommend.View, At: began, Visitor: recommend.Visitor{Session: "s"}, Product: "p-1"}))
	for len(e.wake) > 0 {
		<-e.wake
	}
	require.ErrorIs(t, e.Refresh(gone), fault.Canceled)
	require.Len(t, e.wake, 1)
}

// A snapshot of before the first fit is fitted where it is loaded, without
// waiting for an event.
func TestALoadIsWorkedOn(t *testing.T) {
	t.Parallel()
	a, err := New(Config{Clock: clock.NewManual(began)})
	require.NoError(t, err)
	require.NoError(t, a.Record(t.Context(), recommend.Event{ID: "1", Kind: recommend.View, At: began, Visitor: recommend.Visitor{Session: "s"}, Product: "tea"}))
	var file bytes.Buffer
	require.NoError(t, a.Save(&file, ""))
	b, err := New(Config{Clock: clock.NewManual(began)})
	require.NoError(t, err)
	_, err = b.Load(t.Context(), &file)
	require.NoError(t, err)
	require.Len(t, b.wake, 1)
	require.NoError(t, b.step(t.Context()))
	require.NotEmpty(t, b.Status().Model)
}

// A kind of model that outgrew the memory gives way while the engine runs: who
// is forgotten leaves the rows all the same.
func TestAModelThatOutgrewTheMemoryGivesWay(t *testing.T) {
	t.Parallel()
	e := world(t, "p", 12)
	e.c.Model, e.c.MaxBytes = cf.Dense, 4*11*11
	require.NoError(t, e.Forget(t.Context(), "m3"))
	require.ErrorIs(t, e.Refit(t.Context()), fault.Exhausted)
	require.True(t, e.mem.removed)
	require.NoError(t, e.Settle(t.Context()))
	require.False(t, e.mem.removed)
	require.Equal(t, cf.ItemKNN, e.Chosen().Kind)
}

// What is kept of a visitor beyond the newest is bounded, and what bars nothing
// any more leaves it.
func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	clk := clock.NewManual(began)
	e, err := New(Config{Clock: clk})
	require.NoError(t, err)
	p := e.mem.past
	for n := range int32(mostKept + 2*cf.UserCap) {
		item, at := p.item(ref.ProductID(fmt.Sprint("p", n))), began.Unix()+int64(n)
		p.put("m ann", Trace{Item: item, At: at, Bought: at, Orders: 1, Hidden: n%2 == 0})
	}
	require.Len(t, p.Visitors["m ann"], cf.UserCap)
	require.Len(t, p.Kept["m ann"], mostKept)
	require.Equal(t, int32(cf.UserCap), p.Kept["m ann"][0].Item, "the first went")
	p.put("m ann", Trace{Item: cf.UserCap, At: began.Unix() + 1<<20, Most: 1})
	require.True(t, p.traceOf("m ann", cf.UserCap).Hidden, "one trace for one item")
	require.Equal(t, int32(cf.UserCap+1), p.Kept["m ann"][0].Item)
	clk.Advance(400 * 24 * time.Hour)
	e.expire(clk.Now().Unix())
	require.Len(t, p.Kept["m ann"], mostKept/2, "what is hidden")
	p.drop("m ann")
	require.Empty(t, p.Kept)
}

// Made-up segments crowd out neither categories and storefronts nor segments of
// which much is known.
func TestMadeUpSegmentsCrowdNothingOut(t *testing.T) {
	t.Parallel()
	e, err := New(Config{Clock: clock.NewManual(began)})
	require.NoError(t, err)
	n := 0
	view := func(product ref.ProductID, in recommend.Segment) {
		n++
		require.NoError(t, e.Record(t.Context(), recommend.Event{
			ID: fmt.Sprint(n), Kind: recommend.View, At: began, Product: product, Visitor: recommend.Visitor{Session: "s", Segments: []recommend.Segment{in}},
		}))
	}
	for range 3 {
		view("tea", "country=us/region=ca")
	}
	for k := range maxSegments + 500 {
		view("tea", recommend.Segment(fmt.Sprint("country=made-up-", k)))
	}
	require.NoError(t, e.Describe(t.Context(), recommend.Product{ID: "pot", Category: "pots", Channels: []ref.ChannelID{"outlet"}, Sellable: true}))
	view("pot", "country=no")
	view("pot", "country=no")
	for _, group := range []string{everybody, categorySet + "pots", channelSet + "outlet", segmentSet + "country=no", segmentSet + "country=us", segmentSet + "country=us/region=ca"} {
		require.Contains(t, e.mem.hot, group)
	}
	require.LessOrEqual(t, e.mem.segments, maxSegments)
	require.Len(t, e.mem.hot, e.mem.segments+3)
	require.Len(t, e.mem.hot, e.mem.fresh, "none was ranked yet")
	require.Len(t, e.mem.changed, e.mem.fresh)
	require.Equal(t, e.mem.segments, newMemory(newPast(), nil, e.mem.hot).segments)
}

// The places of new products do not run dry while there are any, however many
// were looked at before.
func TestThereAreNewProductsAsLongAsThereAreAny(t *testing.T) {
	t.Parallel()
	e, err := New(Config{Clock: clock.NewManual(began)})
	require.NoError(t, err)
	const products = 1000
	var all []recommend.Product
	for n := range products {
		all = append(all, recommend.Product{ID: ref.ProductID(fmt.Sprint("p", n)), Listed: began.Add(-time.Duration(n) * time.Minute), Sellable: true})
	}
	require.NoError(t, e.Describe(t.Context(), all...))
	times := 0
	look := func(from, to int) { // a robot looks at everything
		times++
		var events []recommend.Event
		for _, p := range all[from:to] {
			events = append(events, recommend.Event{ID: fmt.Sprint(p.ID, " ", times), Kind: recommend.View, At: began, Visitor: recommend.Visitor{Session: "robot"}, Product: p.ID})
		}
		require.NoError(t, e.Record(t.Context(), events...))
	}
	discovered := func() int {
		a, err := e.Recommend(t.Context(), recommend.Query{Shelf: recommend.ForYou, Visitor: recommend.Visitor{Member: "ann"}})
		require.NoError(t, err)
		found := 0
		for _, x := range a.Items {
			if x.Reason.Because == recommend.Discover {
				require.NotEqual(t, ref.ProductID("p999"), x.Product, "which she knows")
				found++
			}
		}
		return found
	}
	require.NoError(t, e.Record(t.Context(), recommend.Event{ID: "ann", Kind: recommend.View, At: began, Visitor: recommend.Visitor{Member: "ann"}, Product: "p999"}))
	require.Equal(t, 1, discovered())
	look(0, products)
	require.Equal(t, 1, discovered(), "a look makes nothing known")
	for range few {
		look(0, products-2)
	}
	require.Equal(t, 1, discovered(), "one is left")
	require.Less(t, len(e.mem.young[everybody]), products, "those that are no more are not kept")
	for range few {
		look(0, products)
	}
	require.Zero(t, discovered())
}

// Who goes through the whole memory lets others in between.
func TestAWalkLetsOthersIn(t *testing.T) {
	t.Parallel()
	e, err := New(Config{})
	require.NoError(t, err)
	all := map[int]int{}
	for n := range 3 * batch {
		all[n] = n
	}
	visits, between, done := 0, 0, make(chan struct{})
	walk(e, all, func(int, int) {
		if visits++; visits > 1 {
			return
		}
		go func() {
			defer close(done)
			e.mu.Lock()
			defer e.mu.Unlock()
			between = visits
		}()
		for e.mu.TryRLock() { // until it waits
			e.mu.RUnlock()
			runtime.Gosched()
		}
	})
	<-done
	require.Equal(t, 3*batch, visits)
	require.Equal(t, batch, between)
}

// Of somebody who only gave something back nothing is kept with the next fit.
func TestSessionsOfNobodyAreDropped(t *testing.T) {
	t.Parallel()
	e := world(t, "p", 6)
	require.NoError(t, e.Record(t.Context(), recommend.Event{
		ID: "back", Kind: recommend.Refund, At: began, Visitor: recommend.Visitor{Member: "ann", Session: "s"}, Product: "p-1",
	}))
	require.NotEmpty(t, e.mem.past.Sessions)
	require.NoError(t, e.Refit(t.Context()))
	require.Empty(t, e.mem.past.Sessions)
}

// The newest of a storefront are found without reading what others sell.
func TestTheNewestOfAStorefront(t *testing.T) {
	t.Parallel()
	e, err := New(Config{Clock: clock.NewManual(began)})
	require.NoError(t, err)
	const products = 3000
	var want []ref.ProductID
	for n := range products {
		p := recommend.Product{ID: ref.ProductID(fmt.Sprint("p", n)), Listed: began.Add(-time.Duration(n) * time.Minute), Sellable: true}
		switch {
		case n%500 == 499: // in every storefront
			want = append(want, p.ID)
		case n%300 == 299:
			p.Channels = []ref.ChannelID{"outlet", "en"}
			want = append(want, p.ID)
		default:
			p.Channels = []ref.ChannelID{"en"}
		}
		require.NoError(t, e.Describe(t.Context(), p))
	}
	s := e.open(t.Context(), recommend.Query{Shelf: recommend.Newest, Channel: "outlet"})
	s.newest()
	require.Equal(t, 10, s.offered)
	var got []ref.ProductID
	for _, x := range s.answer().Items {
		got = append(got, x.Product)
	}
	require.Equal(t, want[:10], got)
}
