package commerce_test

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/recommend/feed"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// more adds products to a shop.
func more(t *testing.T, m *commerce.Marketplace, ids ...string) {
	t.Helper()
	for _, id := range ids {
		sku := ref.SKUID(id + "-1")
		_, err := m.Catalog.CreateProduct(t.Context(), staff(), catalog.CreateInput{
			ID: ref.ProductID(id), Merchant: "tea-house", Publish: []ref.ChannelID{commerce.DefaultChannel},
			ProductInput: catalog.ProductInput{Title: catalog.Text{ref.English: id}, SKUs: []catalog.SKUInput{{ID: sku, Code: id}}},
		})
		require.NoError(t, err)
		_, err = m.Prices.Set(t.Context(), staff(), []pricing.SetInput{{SKU: sku, Channel: commerce.DefaultChannel, Unit: money.New(500, "USD")}})
		require.NoError(t, err)
		require.NoError(t, m.Stock.Receive(t.Context(), staff(), inventory.CountInput{
			Counts: []inventory.Count{{SKU: sku, Location: "main", Quantity: 5}},
		}))
	}
}

// shown returns the products of a visitor's shelf with the reasons.
func shown(t *testing.T, m *commerce.Marketplace, kind recommend.Shelf, v recommend.Visitor) map[ref.ProductID]recommend.Because {
	t.Helper()
	a := m.Recommend.Shelf(t.Context(), shelf.Request{Slot: "home", Query: recommend.Query{Shelf: kind, Visitor: v}, Seen: true})
	out := map[ref.ProductID]recommend.Because{}
	for _, x := range a.Items {
		out[x.Product] = x.Reason.Because
	}
	return out
}

// A node that starts long after, without a snapshot, recommends as little as any other
// what a member hid or bought, in this shop or the one before.
func TestAStartKnowsWhatWasHiddenAndBought(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rebuy time.Duration
		days  int
	}{
		"half a year later":                     {0, 200},
		"what was bought may not be for longer": {500 * 24 * time.Hour, 400},
		"what was bought may never be again":    {-1, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, now := atNoon(memory.New().Stores())
			cfg.Recommend.Engine.RebuyAfter = test.rebuy
			m, err := commerce.New(cfg)
			require.NoError(t, err)
			stock(t, m)
			more(t, m, "cup", "pot", "jar")
			ann := shelf.VisitorOf(ref.Member("ann"))
			buy(t, m, ref.Member("ann"), 1) // tea
			require.NoError(t, cfg.Stores.Signals.Append(t.Context(), []recommend.Event{
				{ID: "before", Kind: recommend.Purchase, Visitor: ann, Product: "jar", At: now.Now()},
			}))
			require.NoError(t, m.Recommend.Hide(ann, "cup"))
			require.NoError(t, m.Drain(t.Context()))
			now.Advance(time.Duration(test.days) * 24 * time.Hour)
			require.NoError(t, m.Drain(t.Context()))

			later, err := commerce.New(cfg)
			require.NoError(t, err)
			require.NoError(t, later.Drain(t.Context()))
			mine := shown(t, later, recommend.ForYou, ann)
			require.Contains(t, mine, ref.ProductID("pot"))
			require.NotContains(t, mine, ref.ProductID("cup"), "it was hidden")
			require.NotContains(t, mine, ref.ProductID("tea"), "it was bought")
			require.NotContains(t, mine, ref.ProductID("jar"), "it was bought before")
		})
	}
}

// What is put into a cart and paid for changes what is recommended, and is
// counted for the shelf that brought it, on every node.
func TestRecommendationsFollowTheShop(t *testing.T) {
	t.Parallel()
	for _, backend := range backendtest.All() {
		t.Run(backend.Name, func(t *testing.T) {
			t.Parallel()
			cfg, now := atNoon(backend.Open(t))
			m, err := commerce.New(cfg)
			require.NoError(t, err)
			stock(t, m)
			more(t, m, "cup", "pot")
			require.NoError(t, m.Drain(t.Context()))
			buyer := ref.Guest("bo")
			first := shown(t, m, recommend.ForYou, shelf.VisitorOf(buyer))
			require.Equal(t, map[ref.ProductID]recommend.Because{
				"tea": recommend.JustListed, "cup": recommend.JustListed, "pot": recommend.JustListed,
			}, first)
			now.Advance(time.Minute)
			p := buy(t, m, buyer, 1)
			require.NoError(t, m.Drain(t.Context()))

			other, err := commerce.New(cfg) // a node that starts later
			require.NoError(t, err)
			require.NoError(t, other.Drain(t.Context()))
			for _, node := range []*commerce.Marketplace{m, other} {
				mine := shown(t, node, recommend.ForYou, shelf.VisitorOf(buyer))
				require.NotContains(t, mine, ref.ProductID("tea"), "it was bought")
				hot := shown(t, node, recommend.Hot, recommend.Visitor{Session: "cy"})
				require.Equal(t, recommend.HotAll, hot["tea"])
			}
			r, err := m.Recommend.Report(t.Context(), staff(), shelf.ReportQuery{From: now.Now(), Until: now.Now()})
			require.NoError(t, err)
			require.Len(t, r.Strategies, 1)
			line := r.Strategies[0]
			require.EqualValues(t, 1, line.Requests)
			require.InDelta(t, 1, line.CartRate, 1e-9)
			require.InDelta(t, 1, line.Conversion, 1e-9)
			require.InDelta(t, 1, line.Coverage, 1e-9)
			require.Equal(t, []money.Money{money.New(1_250_000, "USD")}, line.Revenue)

			_, err = m.Checkout.Cancel(t.Context(), staff(), checkout.CancelInput{Group: p.Group.ID, Reason: "changed_mind"})
			require.NoError(t, err)
			require.NoError(t, m.Drain(t.Context()))
			mine := shown(t, m, recommend.ForYou, shelf.VisitorOf(buyer))
			require.Contains(t, mine, ref.ProductID("tea"), "it was given back")

			require.NoError(t, m.Stock.Adjust(t.Context(), staff(), inventory.CountInput{
				Counts: []inventory.Count{{SKU: "cup-1", Location: "main", Quantity: -5}},
			}))
			require.NoError(t, m.Drain(t.Context()))
			mine = shown(t, m, recommend.ForYou, shelf.VisitorOf(buyer))
			require.NotContains(t, mine, ref.ProductID("cup"), "it is sold out")
		})
	}
}

// What a guest was shown brought what the member pays for who signs in
// meanwhile, even with an empty cart, and carts count where purchases do.
func TestSigningInBreaksNoThread(t *testing.T) {
	t.Parallel()
	cfg, now := atNoon(memory.New().Stores())
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	stock(t, m)
	require.NoError(t, m.Drain(t.Context()))
	guest, ann := ref.Guest("a browser"), ref.Member("ann")
	require.NotEmpty(t, shown(t, m, recommend.ForYou, shelf.VisitorOf(guest)))
	now.Advance(time.Minute)
	_, err = m.Carts.SignIn(t.Context(), ann, guest)
	require.NoError(t, err)
	require.NoError(t, m.Drain(t.Context()))
	buy(t, m, ann, 1)
	require.NoError(t, m.Drain(t.Context()))
	r, err := m.Recommend.Report(t.Context(), staff(), shelf.ReportQuery{From: now.Now(), Until: now.Now()})
	require.NoError(t, err)
	require.Len(t, r.Strategies, 1)
	require.InDelta(t, 1, r.Strategies[0].CartRate, 1e-9)
	require.InDelta(t, 1, r.Strategies[0].Conversion, 1e-9)
	all, err := cfg.Stores.Signals.Read(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, []recommend.Segment{recommend.InShop(commerce.DefaultChannel, recommend.MemberVisitor)}, all[0].Visitor.Segments)
}

// With the workers running, an order changes the next answer within two
// seconds, and a view does; all of them end with the marketplace.
func TestAnOrderChangesTheNextAnswerWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	m, err := commerce.New(commerce.Config{})
	require.NoError(t, err)
	stock(t, m)
	more(t, m, "cup")
	require.NoError(t, m.Start(t.Context()))
	buyer, looker := ref.Guest("bo"), recommend.Visitor{Session: "cy"}
	require.Eventually(t, func() bool {
		all := shown(t, m, recommend.ForYou, looker)
		return len(all) == 2
	}, 20*time.Second, 20*time.Millisecond, "the catalogue is known")

	buy(t, m, buyer, 1)
	since := time.Now()
	require.Eventually(t, func() bool {
		mine := shown(t, m, recommend.ForYou, shelf.VisitorOf(buyer))
		_, there := mine["tea"]
		return !there
	}, 20*time.Second, 10*time.Millisecond)
	took := time.Since(since)
	t.Logf("the order was known after %s", took)
	require.Less(t, took, 2*time.Second*slowness(), "from the commit to the answer")

	require.NoError(t, m.Recommend.Viewed(looker, "cup"))
	require.Eventually(t, func() bool {
		hot := shown(t, m, recommend.Hot, recommend.Visitor{Session: "di"})
		return hot["cup"] == recommend.HotAll
	}, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, m.Recommend.Viewed(looker, "tea"), "in the last second")
	require.NoError(t, m.Stop(t.Context()))
	all := make([]byte, 1<<20)
	require.NotContains(t, string(all[:runtime.Stack(all, true)]), "TestAnOrderChangesTheNextAnswerWithinTwoSeconds.func", "nothing of it goes on")
}

// slowness is how much longer things may take where tests share the processors.
func slowness() time.Duration {
	if testing.Short() {
		return 5
	}
	return 1
}

// What is hot where somebody lives is not what is hot everywhere: purchases count
// where they are sent to, views where the page says that the visitor is.
func TestRegionsHaveHotListsOfTheirOwn(t *testing.T) {
	t.Parallel()
	cfg, _ := atNoon(memory.New().Stores())
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	stock(t, m)
	more(t, m, "cup", "pot")
	for _, guest := range []string{"ann", "bo", "cy"} {
		buy(t, m, ref.Guest(guest), 1) // sends tea to California
	}
	in := func(session string, region string) recommend.Visitor {
		return recommend.Visitor{Session: session, Segments: []recommend.Segment{
			recommend.InShop(commerce.DefaultChannel, recommend.NewVisitor), recommend.InRegion("US", region),
		}}
	}
	for n := range 12 {
		require.NoError(t, m.Recommend.Viewed(in(strings.Repeat("n", n+1), "NY"), "cup"))
	}
	require.NoError(t, m.Drain(t.Context()))
	hottest := func(v recommend.Visitor) recommend.Item {
		a := m.Recommend.Shelf(t.Context(), shelf.Request{Slot: "home", Query: recommend.Query{Shelf: recommend.Hot, Visitor: v}})
		require.NotEmpty(t, a.Items)
		return a.Items[0]
	}
	whole := hottest(recommend.Visitor{Session: "di"})
	require.Equal(t, ref.ProductID("tea"), whole.Product)
	require.Equal(t, recommend.HotAll, whole.Reason.Because)
	east := in("di", "NY")
	east.Segments = east.Segments[1:]
	require.Equal(t, ref.ProductID("cup"), hottest(east).Product)
	require.Equal(t, recommend.Reason{Because: recommend.HotSegment, Segment: "country=us/region=ny"}, hottest(east).Reason)
	west := in("di", "CA")
	west.Segments = west.Segments[1:]
	require.Equal(t, recommend.Reason{Because: recommend.HotSegment, Segment: "country=us/region=ca"}, hottest(west).Reason)
	require.Equal(t, ref.ProductID("tea"), hottest(west).Product)
}

// A node that starts goes on from the snapshot of another one.
func TestANodeStartsFromASnapshot(t *testing.T) {
	t.Parallel()
	cfg, now := atNoon(memory.New().Stores())
	cfg.Recommend.Snapshots = feed.File{Path: filepath.Join(t.TempDir(), "recommend.snapshot")}
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	stock(t, m)
	buy(t, m, ref.Guest("bo"), 1)
	require.NoError(t, m.Recommend.Viewed(recommend.Visitor{Session: "cy"}, "tea"))
	require.NoError(t, m.Drain(t.Context()))
	now.Advance(2 * time.Hour)
	require.NoError(t, m.Drain(t.Context()))

	reads := 0
	cfg.Stores = storage.Intercept(cfg.Stores, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == "Orders.List" {
			reads++
		}
		return next(ctx)
	})
	other, err := commerce.New(cfg)
	require.NoError(t, err)
	more(t, m, "cup")
	buy(t, m, ref.Guest("di"), 1)
	require.NoError(t, other.Drain(t.Context()))
	require.Zero(t, reads, "the orders were not read once more")
	for _, guest := range []string{"bo", "di"} {
		mine := shown(t, other, recommend.ForYou, shelf.VisitorOf(ref.Guest(guest)))
		require.NotContains(t, mine, ref.ProductID("tea"))
		require.Contains(t, mine, ref.ProductID("cup"), "it came after the snapshot")
	}
}

// A forgotten member is gone from what was kept and from what others are
// recommended.
func TestAForgottenMemberIsGone(t *testing.T) {
	t.Parallel()
	cfg, _ := atNoon(memory.New().Stores())
	cfg.Recommend.Engine = engine.Config{RefitAfter: 1}
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	stock(t, m)
	more(t, m, "cup", "pot")
	ann, err := m.Members.Register(t.Context(), ref.Guest("x"), member.RegisterInput{Email: "ann@shop.example", Password: "four wet tea leaves", Name: "Ann"})
	require.NoError(t, err)
	v := shelf.VisitorOf(ref.Member(ann.ID))
	require.NoError(t, m.Recommend.Viewed(v, "tea", "cup"))
	require.NoError(t, m.Drain(t.Context()))
	like := func(node *commerce.Marketplace) recommend.Because {
		a := node.Recommend.Shelf(t.Context(), shelf.Request{Slot: "product", Query: recommend.Query{
			Shelf: recommend.Similar, Visitor: recommend.Visitor{Session: "cy"}, Products: []ref.ProductID{"tea"},
		}})
		for _, x := range a.Items {
			if x.Product == "cup" {
				return x.Reason.Because
			}
		}
		return ""
	}
	require.Equal(t, recommend.Likeness, like(m))
	require.NoError(t, m.Members.Forget(t.Context(), ref.Member(ann.ID), ann.ID))
	require.NoError(t, m.Drain(t.Context()))
	require.NotEqual(t, recommend.Likeness, like(m))
	left, err := cfg.Stores.Signals.Read(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Empty(t, left)
	other, err := commerce.New(cfg)
	require.NoError(t, err)
	require.NoError(t, other.Drain(t.Context()))
	require.NotEqual(t, recommend.Likeness, like(other), "nor does a node that starts learn of it")
}

// A node that could not write while a member was forgotten holds on to nothing of the
// member, and leaves nothing in the stores.
func TestEveryNodeForgets(t *testing.T) {
	t.Parallel()
	cfg, now := atNoon(memory.New().Stores())
	here, err := commerce.New(cfg)
	require.NoError(t, err)
	there, err := commerce.New(cfg)
	require.NoError(t, err)
	stock(t, here)
	more(t, here, "cup", "pot")
	ann, err := here.Members.Register(t.Context(), ref.Guest("x"), member.RegisterInput{Email: "ann@shop.example", Password: "four wet tea leaves", Name: "Ann"})
	require.NoError(t, err)
	for _, node := range []*commerce.Marketplace{here, there} {
		require.NoError(t, node.Drain(t.Context()))
	}
	v := shelf.VisitorOf(ref.Member(ann.ID))
	require.NoError(t, there.Recommend.Hide(v, "tea"))
	require.NotEmpty(t, shown(t, there, recommend.ForYou, v))
	_, err = there.Search.Search(t.Context(), search.Request{
		Channel: commerce.DefaultChannel, Visitor: search.Visitor(ref.Member(ann.ID)), Query: search.Query{Text: "green tea"},
	})
	require.NoError(t, err)
	require.NoError(t, here.Members.Forget(t.Context(), ref.Member(ann.ID), ann.ID))
	for range 2 { // as long as a node is waited for
		require.NoError(t, here.Drain(t.Context()))
		now.Advance(time.Minute)
	}

	require.NoError(t, there.Drain(t.Context()))
	left, err := cfg.Stores.Signals.Read(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, cfg.Stores.Units.Do(t.Context(), func(ctx context.Context) error {
		left, err := cfg.Stores.Impressions.Take(ctx, shelf.Sought{
			Members: []ref.MemberID{ann.ID}, Products: []ref.ProductID{"cup"}, Since: now.Now().Add(-time.Hour),
		})
		require.Empty(t, left)
		return err
	}))
	asked, err := here.Search.Queries(t.Context(), staff(), search.ReportQuery{Channel: commerce.DefaultChannel}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, asked.Items)
}

func TestAShopWithoutRecommendations(t *testing.T) {
	t.Parallel()
	cfg, _ := atNoon(memory.New().Stores())
	whole := cfg.Stores
	cfg.Stores.Signals = nil
	_, err := commerce.New(cfg)
	require.ErrorContains(t, err, "commerce.Config.Stores.Signals is missing")
	cfg.Stores.ShelfPolicies, cfg.Stores.Impressions, cfg.Stores.ShelfStats = nil, nil, nil
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	require.Nil(t, m.Recommend)
	stock(t, m)
	buy(t, m, ref.Guest("bo"), 1)
	require.NoError(t, m.Drain(t.Context()))
	require.NoError(t, m.Start(t.Context()))
	require.NoError(t, m.Stop(t.Context()))

	cfg.Stores, cfg.Recommend.Engine.Share = whole, 7
	_, err = commerce.New(cfg)
	require.ErrorContains(t, err, "engine")
	cfg.Recommend.Engine.Share = 0
	cfg.Recommend.Strategies = []shelf.Strategy{{Name: strings.Repeat("x", 1000)}}
	_, err = commerce.New(cfg)
	require.ErrorContains(t, err, "Strategies[0].Name")
}
