package shelf_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// broken is a store of policies that does not answer.
type broken struct{ shelf.PolicyStore }

func (broken) All(context.Context) ([]shelf.Policy, error) {
	return nil, fault.New(fault.Unavailable, "test.away", "the database does not answer")
}

// pay lets an order of a visitor be paid.
func (b *bench) pay(v recommend.Visitor, at time.Time, spent map[ref.ProductID]int64) error {
	b.Helper()
	return b.tell(b.Service, v, at, spent)
}

// tell tells a node of an order that was paid.
func (b *bench) tell(node *shelf.Service, v recommend.Visitor, at time.Time, spent map[ref.ProductID]int64) error {
	b.Helper()
	group := ref.GroupID("group " + v.Session + string(v.Member))
	id := ref.OrderID("order " + v.Session + string(v.Member))
	o := order.Order{ID: id, Group: group, Member: v.Member, Guest: v.Session}
	for p, minor := range spent {
		o.Lines = append(o.Lines, order.Line{Product: p, Amounts: order.Amounts{Gross: money.New(minor, "USD")}},
			order.Line{Product: "gift", Gift: "tea-week", Amounts: order.Amounts{Gross: money.Zero("USD")}})
	}
	b.orders[group] = order.Group{ID: group, Orders: []order.Order{o}}
	r, err := event.New("e", order.Topic, string(group), at, order.Paid{Subject: order.Subject{Group: group, Order: id, At: at}})
	require.NoError(b, err)
	return b.stores.Units.Do(b.Context(), func(ctx context.Context) error { return node.React(ctx, r) })
}

func TestWhatCameOfAShelf(t *testing.T) {
	t.Parallel()
	for _, backend := range backendtest.All() {
		t.Run(backend.Name, func(t *testing.T) {
			t.Parallel()
			b := over(t, backend.Open(t))
			ann := recommend.Visitor{Member: "ann", Segments: []recommend.Segment{"new", "region=cn"}}
			bo, cy := session(2), session(3)
			forAnn, forBo := b.Shelf(t.Context(), ask("home", ann)), b.Shelf(t.Context(), ask("home", bo))
			unseen := b.Shelf(t.Context(), ask("home", cy))
			b.clock.Advance(time.Minute)
			require.NoError(t, b.Seen(bo, forBo.Request))
			require.NoError(t, b.Seen(bo, forBo.Request, "unknown", unseen.Request), "cy's are not bo's to see")
			require.NoError(t, b.Click(ann, forAnn.Request, "pot"))
			require.NoError(t, b.Click(ann, forAnn.Request, "pot"))
			require.NoError(t, b.Click(bo, forBo.Request, "saw"), "was not shown")
			b.flush()
			b.Added(t.Context(), ref.Member("ann"), "en", []ref.ProductID{"tea", "saw"})
			b.Added(t.Context(), ref.Staff("sue"), "en", []ref.ProductID{"tea"})
			b.flush()
			require.NoError(t, b.pay(ann, b.clock.Now(), map[ref.ProductID]int64{"tea": 1250, "pot": 750, "saw": 9000}))
			require.NoError(t, b.pay(cy, start.Add(25*time.Hour), map[ref.ProductID]int64{"tea": 400}), "too late")
			require.NoError(t, b.pay(bo, start.Add(-time.Hour), map[ref.ProductID]int64{"tea": 400}), "too early")

			r := b.report(shelf.ReportQuery{})
			require.Len(t, r.Strategies, 1)
			require.InDelta(t, 1, r.Strategies[0].Coverage, 1e-9)
			require.InDelta(t, 1.585, r.Strategies[0].Novelty, .001, "a third of the slot each")
			require.Equal(t, shelf.Line{
				Slot: "home", Strategy: "for_you", Requests: 2, HitRate: .5, ClickRate: .5, CartRate: .5, Conversion: .5,
				Revenue: []money.Money{money.New(1_000_000, "USD")}, Coverage: r.Strategies[0].Coverage, Novelty: r.Strategies[0].Novelty,
			}, r.Strategies[0])
			require.Len(t, r.Segments, 2)
			require.Equal(t, recommend.Segment("new"), r.Segments[1].Segment)
			require.InDelta(t, 1, r.Segments[1].HitRate, 1e-9)
			for _, l := range r.Segments {
				require.InDelta(t, 1, l.Coverage, 1e-9)
				require.InDelta(t, 1.585, l.Novelty, .001)
			}
			require.Len(t, r.Days, 1)
			require.Equal(t, "2026-03-14", r.Days[0].Day)
			require.Empty(t, b.report(shelf.ReportQuery{Slot: "cart"}).Strategies)
			require.Empty(t, b.report(shelf.ReportQuery{From: start.AddDate(0, 0, 1), Until: start.AddDate(0, 0, 2)}).Days)
		})
	}
}

// Whoever signs in between a shelf and the payment is the one who was shown it,
// whichever node served them.
func TestAGuestWhoSignsInIsTheSameBuyer(t *testing.T) {
	t.Parallel()
	for _, backend := range backendtest.All() {
		t.Run(backend.Name, func(t *testing.T) {
			t.Parallel()
			b := over(t, backend.Open(t))
			other := b.node()
			guest, ann := ref.Guest("the browser of ann"), ref.Member("ann")
			was, is := shelf.VisitorOf(guest), shelf.VisitorOf(ann)
			early := b.Shelf(t.Context(), ask("home", was))
			require.NoError(t, b.Seen(was, early.Request))
			b.flush()
			b.clock.Advance(25 * time.Hour) // the window of that has closed
			here := b.Shelf(t.Context(), shelf.Request{Slot: "cart", Query: recommend.Query{Visitor: was}})
			require.NoError(t, b.Click(was, here.Request, "pot"))
			there := other.Shelf(t.Context(), shelf.Request{Slot: "product", Query: recommend.Query{Visitor: was, Shelf: recommend.Hot}, Seen: true})
			require.NotEmpty(t, there.Items)
			b.clock.Advance(time.Second)
			b.SignedIn(t.Context(), ann, guest)
			b.SignedIn(t.Context(), ref.Staff("sue"), guest)
			b.flush()
			require.NoError(t, other.Flush(t.Context())) // a moment after what it was for
			b.clock.Advance(time.Second)
			b.flush()
			require.NoError(t, b.pay(is, b.clock.Now(), map[ref.ProductID]int64{"pot": 700, "saw": 900}))
			require.NoError(t, b.pay(shelf.VisitorOf(ref.Member("bob")), b.clock.Now(), map[ref.ProductID]int64{"pot": 800}))
			slots := map[string]shelf.Line{}
			for _, l := range b.report(shelf.ReportQuery{}).Strategies {
				slots[l.Slot] = l
			}
			require.Zero(t, slots["home"].Conversion)
			require.InDelta(t, 1, slots["cart"].Conversion, 1e-9)
			require.Equal(t, []money.Money{money.New(700_000, "USD")}, slots["cart"].Revenue)
			require.InDelta(t, 1, slots["product"].Conversion, 1e-9)
			require.Equal(t, []money.Money{money.New(900_000, "USD")}, slots["product"].Revenue)

			b.clock.Advance(time.Minute)
			next := b.Shelf(t.Context(), shelf.Request{Slot: "search", Query: recommend.Query{Visitor: was}, Seen: true})
			b.flush()
			require.NoError(t, b.pay(is, b.clock.Now(), map[ref.ProductID]int64{"tea": 500}))
			require.NotEmpty(t, next.Items)
			for _, l := range b.report(shelf.ReportQuery{Slot: "search"}).Strategies {
				require.Zero(t, l.Conversion, "who uses the browser long after is somebody else")
			}
		})
	}
}

// One browser, several members: a guest is who signs in next, and nobody whose
// visit has ended.
func TestEachMemberHasWhatTheGuestBeforeWasShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	browser := ref.Guest("a browser that two share")
	guest, ann, bob := shelf.VisitorOf(browser), ref.Member("ann"), ref.Member("bob")
	look := func(slot string) {
		b.Shelf(t.Context(), shelf.Request{Slot: slot, Query: recommend.Query{Visitor: guest}, Seen: true})
		b.clock.Advance(time.Minute)
	}
	look("before ann")
	b.SignedIn(t.Context(), ann, browser)
	b.clock.Advance(time.Minute)
	look("before bob")
	b.SignedIn(t.Context(), bob, browser)
	b.clock.Advance(time.Minute)
	look("after both")
	b.flush() // it was away all the time
	pay := func(who ref.Scope) {
		require.NoError(t, b.pay(shelf.VisitorOf(who), b.clock.Now(), map[ref.ProductID]int64{"tea": 500}))
	}
	sold := func() map[string]float64 {
		all := map[string]float64{}
		for _, l := range b.report(shelf.ReportQuery{}).Strategies {
			all[l.Slot] = l.Conversion
		}
		return all
	}
	pay(ann)
	require.Equal(t, map[string]float64{"before ann": 1, "before bob": 0, "after both": 0}, sold())
	pay(bob)
	require.Equal(t, map[string]float64{"before ann": 1, "before bob": 1, "after both": 0}, sold())
	require.NoError(t, b.stores.Units.Do(t.Context(), func(ctx context.Context) error { return b.React(ctx, b.forgets("ann")) }))
	require.Equal(t, []ref.MemberID{"bob"}, b.shownTo(guest.Session))
}

// A buyer may be faster than what was noted is written, on this node or another
// one. The order counts all the same, and once, however often it is told.
func TestAnOrderWaitsForItsShelf(t *testing.T) {
	t.Parallel()
	for _, backend := range backendtest.All() {
		t.Run(backend.Name, func(t *testing.T) {
			t.Parallel()
			b := over(t, backend.Open(t))
			other := b.node()
			browser := ref.Guest("browser")
			guest, ann := shelf.VisitorOf(browser), shelf.VisitorOf(ref.Member("ann"))
			a := other.Shelf(t.Context(), shelf.Request{Slot: "home", Query: recommend.Query{Visitor: guest}, Seen: true})
			require.NotEmpty(t, a.Items)
			paidAt := b.clock.Now().Add(time.Second)
			b.clock.Advance(time.Minute) // the message has been under way
			other.SignedIn(t.Context(), ref.Member("ann"), browser)
			third := b.node() // has the message again, after a unit that failed at its end
			pay := func() {
				for _, node := range []*shelf.Service{b.Service, third} {
					require.NoError(t, b.tell(node, ann, paidAt, map[ref.ProductID]int64{"tea": 700, "unknown": 50}))
				}
			}
			pay()
			b.flush()
			pay()
			require.Empty(t, b.report(shelf.ReportQuery{}).Strategies)
			require.NoError(t, other.Flush(t.Context()))
			b.clock.Advance(time.Second)
			for range 3 {
				b.flush()
				require.NoError(t, third.Flush(t.Context()))
				pay()
				b.clock.Advance(time.Minute)
			}
			r := b.report(shelf.ReportQuery{}).Strategies
			require.Len(t, r, 1)
			require.InDelta(t, 1, r[0].Conversion, 1e-9)
			require.Equal(t, []money.Money{money.New(700_000, "USD")}, r[0].Revenue)
		})
	}
}

// Orders that nothing was shown to are not waited for without an end, nor at the
// cost of what visitors do.
func TestWaitingOrdersAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Buffer = 10
	b.Service = b.node()
	v := session(1)
	r := ask("home", v)
	r.Seen = true
	for range 5 {
		b.Shelf(t.Context(), r)
	}
	spent := map[ref.ProductID]int64{}
	for n := range 30 {
		spent[ref.ProductID(fmt.Sprint("product ", n))] = 1
	}
	require.NoError(t, b.pay(session(2), b.clock.Now(), spent))
	b.flush()
	require.EqualValues(t, 5, b.report(shelf.ReportQuery{}).Strategies[0].Requests)
}

// What is put into a cart counts in the segments of whoever does it.
func TestCartsCountInSegments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Added(t.Context(), ref.Guest("a browser"), "en", []ref.ProductID{"tea"})
	b.Added(t.Context(), ref.Member("ann"), "zh", []ref.ProductID{"pot"})
	b.Added(t.Context(), ref.Member("ann"), "", []ref.ProductID{"cup"})
	in := shelf.In(t.Context(), recommend.InShop("en", recommend.MemberVisitor), recommend.InRegion("us", "ca"))
	b.Added(in, ref.Member("ann"), "en", []ref.ProductID{"saw"})
	b.flush()
	all, err := b.stores.Signals.Read(t.Context(), 0, 10)
	require.NoError(t, err)
	got := map[ref.ProductID][]recommend.Segment{}
	for _, s := range all {
		got[s.Product] = s.Visitor.Segments
	}
	require.Equal(t, map[ref.ProductID][]recommend.Segment{
		"tea": {"shop=en/visitor=guest"}, "pot": {"shop=zh/visitor=member"}, "cup": nil,
		"saw": {"shop=en/visitor=member", "country=us/region=ca"},
	}, got)
}

func TestTheNewestShelfThatShowedAProductIsCredited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := session(1)
	r := ask("home", v)
	r.Seen = true
	b.Shelf(t.Context(), r)
	b.clock.Advance(time.Minute)
	r.Slot = "cart"
	b.Shelf(t.Context(), r)
	b.clock.Advance(time.Minute)
	require.NoError(t, b.Carted(v, "tea"))
	b.flush()
	lines := b.report(shelf.ReportQuery{}).Strategies
	require.Len(t, lines, 2)
	require.InDelta(t, 1, lines[0].CartRate, 1e-9, "the cart's")
	require.Zero(t, lines[1].CartRate)
}

// A page that somebody comes back to days later speaks for nothing.
func TestTheWindowClosesForEverything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	v := session(1)
	a := b.Shelf(t.Context(), ask("home", v))
	b.flush()
	b.clock.Advance(24*time.Hour + time.Second)
	require.NoError(t, b.Seen(v, a.Request))
	require.NoError(t, b.Click(v, a.Request, "tea"))
	b.flush()
	require.Empty(t, b.report(shelf.ReportQuery{}).Strategies)
}

// A click may be written before the shelf, which another node has sent.
func TestANoteWaitsForItsShelf(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.node()
	v := session(1)
	a := b.Shelf(t.Context(), ask("home", v))
	require.NoError(t, other.Click(v, a.Request, "tea"))
	require.NoError(t, other.Flush(t.Context()))
	b.flush()
	b.clock.Advance(time.Second)
	require.NoError(t, other.Flush(t.Context()))
	require.InDelta(t, 1, b.report(shelf.ReportQuery{}).Strategies[0].ClickRate, 1e-9)
}

func TestWhatCannotBeWrittenIsKept(t *testing.T) {
	t.Parallel()
	down := true
	stores := storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if down && (c.Name() == "Signals.Append" || c.Name() == "ShelfStats.Add") {
			return fault.New(fault.Unavailable, "test.away", "the database does not answer")
		}
		return next(ctx)
	})
	b := over(t, stores)
	v := session(1)
	for range 3 {
		r := ask("home", v)
		r.Seen = true
		b.Shelf(t.Context(), r)
		require.NoError(t, b.Viewed(v, "tea"))
		require.ErrorIs(t, b.Flush(t.Context()), fault.Unavailable)
	}
	down = false
	b.flush()
	got, err := stores.Signals.Read(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.EqualValues(t, 3, b.report(shelf.ReportQuery{}).Strategies[0].Requests)
}

func TestTheBufferIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Buffer = 10
	b.Service = b.node()
	for range 25 {
		require.NoError(t, b.Viewed(session(1), "tea"))
		b.Shelf(t.Context(), ask("home", session(1)))
	}
	require.NoError(t, b.Viewed(session(1), "last"))
	b.flush()
	got, err := b.stores.Signals.Read(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Len(t, got, 10)
	require.Equal(t, ref.ProductID("last"), got[9].Product)
}

func TestBadNotesAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := strings.Repeat("x", 1000)
	require.ErrorIs(t, b.Viewed(recommend.Visitor{}, "tea"), fault.Invalid)
	require.ErrorIs(t, b.Viewed(session(1), "\x00"), fault.Invalid)
	require.ErrorIs(t, b.Viewed(session(1), make([]ref.ProductID, 101)...), fault.Invalid)
	require.ErrorIs(t, b.Hide(session(1), ""), fault.Invalid)
	require.ErrorIs(t, b.Carted(session(1), ref.ProductID(long)), fault.Invalid)
	require.ErrorIs(t, b.Seen(session(1), ""), fault.Invalid)
	require.ErrorIs(t, b.Seen(session(1), long), fault.Invalid)
	require.ErrorIs(t, b.Seen(session(1), make([]string, 101)...), fault.Invalid)
	require.ErrorIs(t, b.Click(session(1), "request", "\x00"), fault.Invalid)
	b.flush()
	got, err := b.stores.Signals.Read(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = b.Report(t.Context(), ref.Staff("ann"), shelf.ReportQuery{From: start, Until: start.AddDate(2, 0, 0)})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = b.Report(t.Context(), ref.Member("ann"), shelf.ReportQuery{From: start, Until: start})
	require.ErrorIs(t, err, fault.PermissionDenied)
}

// Orders for whose impressions there is no room to wait are dropped, and said to be.
func TestDroppedOrdersAreLogged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var log strings.Builder
	b.cfg.Buffer, b.cfg.Log = 2, slog.New(slog.NewTextHandler(&log, nil))
	b.Service = b.node()
	require.NoError(t, b.Seen(session(1), "elsewhere"))
	require.NoError(t, b.pay(session(1), b.clock.Now(), map[ref.ProductID]int64{"tea": 1250, "pot": 750}))
	b.flush()
	require.Contains(t, log.String(), "dropped=2")
}

// An order counts once, in a unit or not.
func TestAnOrderCountsOutsideOfAUnit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := ask("home", session(1))
	r.Seen = true
	b.Shelf(t.Context(), r)
	b.flush()
	require.NoError(t, b.pay(session(1), b.clock.Now(), map[ref.ProductID]int64{"tea": 1250}))
	again, err := event.New("e", order.Topic, "group session 1", b.clock.Now(), order.Paid{
		Subject: order.Subject{Group: "group session 1", Order: "order session 1", At: b.clock.Now()},
	})
	require.NoError(t, err)
	require.NoError(t, b.React(t.Context(), again))
	b.flush()
	require.Equal(t, []money.Money{money.New(1_250_000, "USD")}, b.report(shelf.ReportQuery{}).Strategies[0].Revenue, "of a thousand shelves")
}

func TestOldNotesGo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := ask("home", session(1))
	r.Seen = true
	b.Shelf(t.Context(), r)
	require.NoError(t, b.Viewed(session(1), "tea"))
	b.flush()
	b.clock.Advance(40 * 24 * time.Hour)
	n, err := b.Purge(t.Context(), 100)
	require.NoError(t, err)
	require.Equal(t, 3, n, "the exposures of three products")
	n, err = b.Purge(t.Context(), 100)
	require.NoError(t, err)
	require.Zero(t, n)
	require.Len(t, b.report(shelf.ReportQuery{From: start, Until: start}).Days, 1, "the counts stay")
}

// What may not be recommended outlasts what only says what is liked, and so do
// purchases of the shop before.
func TestWhatWasHiddenOrBoughtStaysLonger(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ann := recommend.Visitor{Member: "ann", Session: "hers"}
	require.NoError(t, b.stores.Signals.Append(t.Context(), []recommend.Event{
		{ID: "old", Kind: recommend.Purchase, Visitor: ann, Product: "pot", At: start.AddDate(0, -11, 0)},
		{ID: "older", Kind: recommend.Purchase, Visitor: ann, Product: "cup", At: start.AddDate(-1, -1, 0)},
	}))
	require.NoError(t, b.Hide(ann, "tea"))
	require.NoError(t, b.Viewed(ann, "saw"))
	b.flush()
	left := func() []ref.ProductID {
		_, err := b.Purge(t.Context(), 100)
		require.NoError(t, err)
		got, err := b.stores.Signals.Read(t.Context(), 0, 100)
		require.NoError(t, err)
		var out []ref.ProductID
		for _, x := range got {
			out = append(out, x.Product)
		}
		return out
	}
	require.Equal(t, []ref.ProductID{"pot", "tea", "saw"}, left())
	b.clock.Advance(31 * 24 * time.Hour)
	require.Equal(t, []ref.ProductID{"pot", "tea"}, left())
	b.clock.Advance(3 * 365 * 24 * time.Hour)
	require.Equal(t, []ref.ProductID{"tea"}, left())
	require.NoError(t, b.Forget(t.Context(), "ann"))
	require.Empty(t, left())
}

// What is kept until its member is forgotten does not grow by saying it again.
func TestHidingAgainAddsNothing(t *testing.T) {
	t.Parallel()
	for _, backend := range backendtest.All() {
		t.Run(backend.Name, func(t *testing.T) {
			t.Parallel()
			b := over(t, backend.Open(t))
			other := b.node()
			ann := recommend.Visitor{Member: "ann", Session: "browser"}
			count := func() int {
				b.flush()
				require.NoError(t, other.Flush(t.Context()))
				got, err := b.stores.Signals.Read(t.Context(), 0, 100)
				require.NoError(t, err)
				return len(got)
			}
			for _, node := range []*shelf.Service{b.Service, other, b.Service} {
				for range 300 {
					require.NoError(t, node.Hide(ann, "tea", "tea"))
				}
				require.Equal(t, 1, count())
			}
			require.NoError(t, b.Hide(recommend.Visitor{Member: "ann", Session: "telephone"}, "tea"))
			require.Equal(t, 1, count())
			require.NoError(t, b.Hide(ann, "pot"))
			require.NoError(t, b.Hide(recommend.Visitor{Member: "bo"}, "tea"))
			require.NoError(t, b.Hide(recommend.Visitor{Session: "browser"}, "tea"))
			require.NoError(t, b.Hide(recommend.Visitor{Session: "ann"}, "tea"))
			require.Equal(t, 5, count(), "another product, or somebody else")
			b.clock.Advance(24 * time.Hour)
			require.NoError(t, b.Hide(ann, "tea"))
			require.Equal(t, 6, count(), "a recommender may have lost it")
		})
	}
}

// A hide may be written long after its member was forgotten, by a node that ends
// before it hears of it.
func TestALateHideIsPurged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.node()
	require.NoError(t, b.stores.Members.Insert(t.Context(), &member.Account{Member: member.Member{
		ID: "ann", State: member.Erased, CreatedAt: start, UpdatedAt: start,
	}}))
	require.NoError(t, other.Hide(recommend.Visitor{Member: "ann"}, "tea"))
	require.NoError(t, b.Forget(t.Context(), "ann"))
	b.clock.Advance(time.Minute)
	b.flush()
	require.NoError(t, other.Flush(t.Context()))
	left := func() []recommend.Signal {
		_, err := b.Purge(t.Context(), 100)
		require.NoError(t, err)
		got, err := b.stores.Signals.Read(t.Context(), 0, 100)
		require.NoError(t, err)
		return got
	}
	require.Len(t, left(), 1)
	b.clock.Advance(31 * 24 * time.Hour)
	require.Empty(t, left())
}

func TestVisitors(t *testing.T) {
	t.Parallel()
	guest := ref.Guest("token")
	require.Equal(t, recommend.Visitor{Session: guest.Guest()}, shelf.VisitorOf(guest))
	require.Equal(t, recommend.Visitor{Member: "ann", Session: guest.Guest()}, shelf.VisitorOf(ref.Member("ann"), guest))
	require.Equal(t, recommend.Visitor{}, shelf.VisitorOf(ref.Staff("sue")))
	require.Equal(t, []string{order.Topic, member.Topic}, shelf.Topics())
}
