package engine

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
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
			for _, list := range want {
				slices.SortFunc(list, m.byAge)
			}
			require.Equal(t, want, m.listed)
			for _, p := range all {
				n := m.past.number[p.ID]
				require.Equal(t, m.facts[n].Sellable, slices.Contains(m.listed[everybody], n))
			}
		}
	})
}
