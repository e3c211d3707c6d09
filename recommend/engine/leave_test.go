package engine_test

import (
	"bytes"
	"fmt"
	"slices"
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

// did makes an event of somebody.
func did(id string, kind recommend.Kind, who recommend.Visitor, product, basket string) recommend.Event {
	return recommend.Event{ID: id, Kind: kind, Visitor: who, Product: ref.ProductID(product), Basket: basket, At: start.Add(-time.Hour)}
}

func products(a recommend.Answer) []ref.ProductID {
	var out []ref.ProductID
	for _, x := range a.Items {
		out = append(out, x.Product)
	}
	return out
}

// shelf asks for one, for somebody, of a few products.
func shelf(t *testing.T, e *engine.Engine, kind recommend.Shelf, who recommend.Visitor, of ...ref.ProductID) recommend.Answer {
	t.Helper()
	a, err := e.Recommend(t.Context(), recommend.Query{Shelf: kind, Visitor: who, Products: of, Limit: 50})
	require.NoError(t, err)
	return a
}

func TestWhatComesLateOfAForgottenMemberIsNotTaken(t *testing.T) {
	t.Parallel()
	clk := clock.NewManual(start)
	e := open(t, engine.Config{Clock: clk}, nil)
	browser := recommend.Visitor{Session: "browser"}
	ann, home := recommend.Visitor{Member: "ann"}, recommend.Visitor{Member: "ann", Session: "browser"}
	require.NoError(t, e.Record(t.Context(),
		did("1", recommend.View, browser, "tea", ""), did("2", recommend.Purchase, browser, "cup", "order"),
		did("3", recommend.View, home, "pot", "")))
	require.NotContains(t, products(shelf(t, e, recommend.Hot, ann)), ref.ProductID("cup"), "bought before signing in")
	require.NoError(t, e.Record(t.Context(), did("4", recommend.View, browser, "saw", "")))
	require.NoError(t, e.Forget(t.Context(), "ann"))
	gone := func(e *engine.Engine) {
		t.Helper()
		require.NoError(t, e.Record(t.Context(),
			did("5", recommend.View, home, "tea", ""), did("6", recommend.Purchase, ann, "tea", "late"), did("7", recommend.View, browser, "tea", "")))
		require.Zero(t, e.Status().Visitors)
		require.Zero(t, e.Status().Baskets)
	}
	gone(e)
	var file bytes.Buffer
	require.NoError(t, e.Save(&file, ""))
	other := open(t, engine.Config{Clock: clk}, nil)
	_, err := other.Load(t.Context(), &file)
	require.NoError(t, err)
	gone(other)

	clk.Advance(time.Minute)
	again := did("8", recommend.View, browser, "tea", "")
	again.At = clk.Now()
	require.NoError(t, e.Record(t.Context(), again))
	require.Equal(t, 1, e.Status().Visitors, "somebody else may use the browser")
}

func TestASessionBecomesItsMembers(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{Model: cf.ItemKNN}, nil)
	for n := range 5 {
		who := recommend.Visitor{Member: ref.MemberID(fmt.Sprint("m", n))}
		for _, p := range []string{"tea", "pot"} {
			require.NoError(t, e.Record(t.Context(), did(fmt.Sprint(n, p), recommend.Purchase, who, p, fmt.Sprint("o", n))))
		}
	}
	require.NoError(t, e.Refit(t.Context()))
	require.NoError(t, e.Record(t.Context(),
		did("1", recommend.View, recommend.Visitor{Session: "phone"}, "tea", ""),
		did("2", recommend.View, recommend.Visitor{Session: "phone", Member: "ann"}, "saw", "")))
	a := shelf(t, e, recommend.ForYou, recommend.Visitor{Member: "ann"})
	require.Equal(t, recommend.Reason{Because: recommend.YouViewed, Product: "tea"}, a.Items[0].Reason, "on another device")
	require.Equal(t, ref.ProductID("pot"), a.Items[0].Product)
}

// Guests buy as much as members: what was bought at once stays known longer
// than they do.
func TestBasketsOutliveTheSessionsOfGuests(t *testing.T) {
	t.Parallel()
	clk := clock.NewManual(start)
	e := open(t, engine.Config{Clock: clk}, nil)
	for n := range 5 {
		who := recommend.Visitor{Session: fmt.Sprint("guest ", n)}
		for _, p := range []string{"tea", "pot"} {
			require.NoError(t, e.Record(t.Context(), did(fmt.Sprint(n, p), recommend.Purchase, who, p, fmt.Sprint("o", n))))
		}
	}
	clk.Advance(60 * 24 * time.Hour)
	require.NoError(t, e.Refit(t.Context()))
	require.Zero(t, e.Status().Visitors)
	require.Equal(t, []ref.ProductID{"pot"}, products(shelf(t, e, recommend.Together, recommend.Visitor{}, "tea")))
	clk.Advance(365 * 24 * time.Hour)
	require.NoError(t, e.Refit(t.Context()))
	require.Empty(t, products(shelf(t, e, recommend.Together, recommend.Visitor{}, "tea")))
}

func TestHistoriesAreBounded(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{MaxVisitors: 3, MaxBaskets: 2}, nil)
	for n := range 6 {
		x := did(fmt.Sprint(n), recommend.Purchase, recommend.Visitor{Member: ref.MemberID(fmt.Sprint("m", n))}, "tea", fmt.Sprint("o", n))
		x.At = x.At.Add(-time.Duration(n) * time.Minute)
		require.NoError(t, e.Record(t.Context(), x))
	}
	require.NoError(t, e.Refit(t.Context()))
	require.Equal(t, 3, e.Status().Visitors)
	require.Equal(t, 2, e.Status().Baskets)
	for n := range 6 {
		got := products(shelf(t, e, recommend.Hot, recommend.Visitor{Member: ref.MemberID(fmt.Sprint("m", n))}))
		require.Equal(t, n < 3, len(got) == 0, "who was there last knows that they bought it: %d", n)
	}
	_, err := engine.New(engine.Config{MaxVisitors: -1, BasketLife: -1})
	require.ErrorIs(t, err, fault.Invalid)
}

// A purchase that came back leaves nothing but that somebody looked, in whatever
// order both are told.
func TestRefunds(t *testing.T) {
	t.Parallel()
	past := visits(20, 30, 400, 12)
	ann := recommend.Visitor{Member: "m1", Segments: []recommend.Segment{"country=us"}}
	buy, back := did("buy", recommend.Purchase, ann, "harp", "o1"), did("back", recommend.Refund, ann, "harp", "o1")
	looked := did("look", recommend.View, ann, "harp", "")
	in := func(events ...recommend.Event) *engine.Engine {
		e := open(t, engine.Config{Model: cf.ItemKNN}, append(past[:len(past):len(past)], events...))
		require.NoError(t, e.Refit(t.Context()))
		return e
	}
	first, second := in(buy, back), in(back, buy)
	requireSame(t, first, second)
	someone := recommend.Visitor{Member: "nobody", Segments: ann.Segments}
	require.Contains(t, products(shelf(t, in(looked), recommend.Trending, someone)), ref.ProductID("harp"))
	for _, e := range []*engine.Engine{first, second} {
		for _, kind := range []recommend.Shelf{recommend.Hot, recommend.Trending} {
			require.NotContains(t, products(shelf(t, e, kind, someone)), ref.ProductID("harp"), "%s", kind)
		}
		require.Empty(t, products(shelf(t, e, recommend.Together, someone, "harp")))
	}

	// Of two orders one comes back: the other stands. It may have been a guest's.
	guest := recommend.Visitor{Session: "phone"}
	e := in(did("1", recommend.Purchase, guest, "harp", "o1"), did("2", recommend.Purchase, ann, "harp", "o2"),
		did("3", recommend.View, recommend.Visitor{Session: "phone", Member: "m1"}, "saw", ""), did("4", recommend.Refund, ann, "harp", "o1"))
	require.NotContains(t, products(shelf(t, e, recommend.Hot, ann)), ref.ProductID("harp"), "the second one is theirs")
	require.Contains(t, products(shelf(t, e, recommend.Trending, someone)), ref.ProductID("harp"))
	require.NoError(t, e.Record(t.Context(), did("5", recommend.Refund, ann, "harp", "o2"), did("6", recommend.Refund, ann, "harp", "o3")))
	require.NoError(t, e.Refit(t.Context()))
	require.NotContains(t, products(shelf(t, e, recommend.Trending, someone)), ref.ProductID("harp"))
}

// The product that a reason names is one that speaks for the item, whatever the
// model; one that is the same for everybody names none.
func TestReasonsAreTrue(t *testing.T) {
	t.Parallel()
	var past []recommend.Event
	for n := range 40 { // who like tools or tea, never both
		group := []string{"tea", "tool"}[n%2]
		for k := range 6 {
			if (n/2+k)%4 == 0 {
				continue
			}
			past = append(past, did(fmt.Sprint(n, " ", k), recommend.Purchase, recommend.Visitor{Member: ref.MemberID(fmt.Sprint("m", n))}, fmt.Sprint(group, k), ""))
		}
	}
	ann := recommend.Visitor{Member: "ann"}
	past = append(past, did("a", recommend.CartAdd, ann, "tea0", ""), did("b", recommend.View, ann, "tool0", ""))
	for _, model := range []cf.Kind{cf.ItemKNN, cf.Dense, cf.LeastSquares, cf.MostPopular} {
		e := open(t, engine.Config{Model: model, Explore: -1}, past)
		require.NoError(t, e.Refit(t.Context()))
		named := 0
		for _, x := range shelf(t, e, recommend.ForYou, ann).Items {
			switch {
			case model == cf.MostPopular:
				require.Equal(t, recommend.Reason{Because: recommend.HotAll}, x.Reason)
			case x.Reason.Product != "":
				named++
				require.Equal(t, x.Product[:3], x.Reason.Product[:3], "%s: %s because of %s", model, x.Product, x.Reason.Product)
				require.Equal(t, x.Reason.Product == "tea0", x.Reason.Because == recommend.YouCarted)
			}
		}
		require.Equal(t, model != cf.MostPopular, named > 3, "%s", model)
		near := shelf(t, e, recommend.Similar, recommend.Visitor{}, "tea1")
		require.Equal(t, model == cf.MostPopular, len(near.Items) == 0, "%s", model)
	}
}

func TestWhyAShelfIsEmpty(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{}, nil)
	require.Equal(t, recommend.NoProducts, shelf(t, e, recommend.Similar, recommend.Visitor{}, "unknown").Empty)
	require.NoError(t, e.Describe(t.Context(), recommend.Product{ID: "tea", Sellable: true}))
	require.Equal(t, recommend.NoMatch, shelf(t, e, recommend.Similar, recommend.Visitor{}, "unknown").Empty)
	require.NoError(t, e.Describe(t.Context(), recommend.Product{ID: "tea"}))
	require.Equal(t, recommend.Filtered, shelf(t, e, recommend.Newest, recommend.Visitor{}).Empty)
}

// A segment without a list of its own has its parent's, and one visitor's
// segments count together.
func TestSegmentsLeanAndAddUp(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{}, nil)
	n := 0
	sell := func(times int, product string, in ...recommend.Segment) {
		for range times {
			n++
			require.NoError(t, e.Record(t.Context(), did(fmt.Sprint(n), recommend.Purchase, recommend.Visitor{Session: fmt.Sprint(n), Segments: in}, product, "")))
		}
	}
	sell(40, "everywhere", "shop=zh/visitor=guest")
	sell(12, "english", "shop=en/visitor=member")
	sell(14, "polar", "shop=zh/visitor=guest", "country=no")
	sell(9, "both", "shop=en/visitor=member", "country=no")
	first := func(in ...recommend.Segment) recommend.Item {
		return shelf(t, e, recommend.Hot, recommend.Visitor{Session: "x", Segments: in}).Items[0]
	}
	require.Equal(t, ref.ProductID("everywhere"), first().Product)
	got := first("shop=en/visitor=new")
	require.Equal(t, ref.ProductID("english"), got.Product)
	require.Equal(t, recommend.Reason{Because: recommend.HotSegment, Segment: "shop=en"}, got.Reason)
	require.Equal(t, ref.ProductID("polar"), first("country=no/region=oslo").Product)
	require.Equal(t, ref.ProductID("everywhere"), first("country=fr").Product)
	require.Equal(t, ref.ProductID("both"), first("shop=en/visitor=member", "country=no").Product)
}

// The row of an item that very many have is not made of some of them.
func TestARefreshKeepsTheRowsOfThePopular(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{Model: cf.ItemKNN, RefitAfter: 1 << 30}, nil)
	var events []recommend.Event
	for n := range 8000 {
		who := recommend.Visitor{Member: ref.MemberID(fmt.Sprint("m", n))}
		events = append(events, did(fmt.Sprint(n, "a"), recommend.View, who, "big", ""), did(fmt.Sprint(n, "b"), recommend.View, who, fmt.Sprint("p", n%40), ""))
	}
	require.NoError(t, e.Record(t.Context(), events[:recommend.MaxEvents]...))
	require.NoError(t, e.Record(t.Context(), events[recommend.MaxEvents:]...))
	require.NoError(t, e.Refit(t.Context()))
	score := func() float64 { return shelf(t, e, recommend.Similar, recommend.Visitor{}, "p7").Items[0].Score }
	before := score()
	require.NoError(t, e.Record(t.Context(), did("late", recommend.View, recommend.Visitor{Session: "x"}, "big", "")))
	require.NoError(t, e.Refresh(t.Context()))
	require.InEpsilon(t, before, score(), .01)
}

// Who looks around a lot is not shown what they bought or hid before, on this
// node or on one that read its snapshot; what came back they may be shown.
func TestBoughtAndHiddenStayOutOfWhoLooksAroundALot(t *testing.T) {
	t.Parallel()
	clk := clock.NewManual(start)
	c := engine.Config{Clock: clk, Model: cf.MostPopular}
	e := open(t, c, nil)
	ann, guest := recommend.Visitor{Member: "ann"}, recommend.Visitor{Session: "guest"}
	for n := range 3 {
		for _, p := range []string{"tea", "pot", "cup", "saw"} {
			who := recommend.Visitor{Session: fmt.Sprint("other ", n)}
			require.NoError(t, e.Record(t.Context(), did(fmt.Sprint(p, n), recommend.Purchase, who, p, fmt.Sprint("o", n))))
		}
	}
	require.NoError(t, e.Record(t.Context(), did("1", recommend.Purchase, guest, "tea", "mine"), did("2", recommend.Hide, guest, "pot", ""),
		did("3", recommend.Purchase, guest, "cup", "mine")))
	look := func(from, to int) {
		var events []recommend.Event
		for n := from; n < to; n++ {
			x := did(fmt.Sprint("look ", n), recommend.View, guest, fmt.Sprint("thing ", n), "")
			x.At = clk.Now().Add(-time.Minute)
			events = append(events, x)
		}
		require.NoError(t, e.Record(t.Context(), events...))
	}
	shown := func(e *engine.Engine, who recommend.Visitor) []ref.ProductID {
		q := recommend.Query{Shelf: recommend.Hot, Visitor: who, Limit: recommend.MaxLimit}
		a, err := e.Recommend(t.Context(), q)
		require.NoError(t, err)
		return slices.DeleteFunc(products(a), func(id ref.ProductID) bool { return len(id) > 3 })
	}
	look(0, 600)
	require.Equal(t, []ref.ProductID{"saw"}, shown(e, guest))
	require.NoError(t, e.Record(t.Context(), did("in", recommend.View, recommend.Visitor{Member: "ann", Session: "guest"}, "thing 1", "")))
	require.Equal(t, []ref.ProductID{"saw"}, shown(e, ann), "signing in takes it along")
	require.NoError(t, e.Refit(t.Context()))
	var file bytes.Buffer
	require.NoError(t, e.Save(&file, ""))
	other := open(t, c, nil)
	_, err := other.Load(t.Context(), &file)
	require.NoError(t, err)
	require.Equal(t, []ref.ProductID{"saw"}, shown(other, ann))

	require.NoError(t, e.Record(t.Context(), did("4", recommend.Refund, ann, "cup", "mine")))
	require.ElementsMatch(t, []ref.ProductID{"saw", "cup"}, shown(e, ann))
	require.NoError(t, other.Forget(t.Context(), "ann"))
	require.Len(t, shown(other, ann), 4)
	clk.Advance(366 * 24 * time.Hour)
	require.NoError(t, e.Refit(t.Context()))
	require.NotContains(t, shown(e, ann), ref.ProductID("pot"), "hidden for good")
}

// Every item of a large order was bought, and each can come back.
func TestALargeBasketWasBought(t *testing.T) {
	t.Parallel()
	e := open(t, engine.Config{Model: cf.ItemKNN}, nil)
	ann := recommend.Visitor{Member: "ann"}
	const items = cf.UserCap + 100
	var events []recommend.Event
	for n := range items {
		events = append(events, did(fmt.Sprint(n), recommend.Purchase, ann, fmt.Sprint("p", n), "large"))
	}
	require.NoError(t, e.Record(t.Context(), events...))
	require.NoError(t, e.Refit(t.Context()))
	require.Empty(t, shelf(t, e, recommend.Hot, ann).Items)
	for n, product := range []string{"p3", fmt.Sprint("p", items-1)} {
		require.NoError(t, e.Record(t.Context(), did(fmt.Sprint("back ", n), recommend.Refund, ann, product, "large")))
		for _, other := range []string{"1", "2"} { // so that it is hot
			name := fmt.Sprint("other ", n, other)
			require.NoError(t, e.Record(t.Context(), did(name, recommend.Purchase, recommend.Visitor{Session: name}, product, name)))
		}
	}
	require.ElementsMatch(t, []ref.ProductID{"p3", ref.ProductID(fmt.Sprint("p", items-1))}, products(shelf(t, e, recommend.Hot, ann)))
}
