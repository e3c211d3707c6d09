package shop_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage"
)

// learned lets the recommender learn all that was done.
func (h *house) learned() *house {
	h.t.Helper()
	require.NoError(h.t, h.market.Recommend.Flush(h.t.Context()))
	require.NoError(h.t, h.market.Drain(h.t.Context()))
	return h
}

// seen returns what was reported of the shelves so far.
func (h *house) seen() []shelf.Line {
	h.t.Helper()
	require.NoError(h.t, h.market.Recommend.Flush(h.t.Context()))
	r, err := h.market.Recommend.Report(h.t.Context(), staff(), shelf.ReportQuery{From: h.clock.Now(), Until: h.clock.Now()})
	require.NoError(h.t, err)
	return r.Strategies
}

// shelves returns the slugs on the shelves of a page, by the places they stand
// at.
func shelvesOf(a answer) map[string][]string {
	out := map[string][]string{}
	for _, section := range strings.Split(a.body, `<section class="shelf"`)[1:] {
		section, _, _ = strings.Cut(section, "</section>")
		id := regexp.MustCompile(`id="h-([a-z_]+)"`).FindStringSubmatch(section)[1]
		for _, m := range regexp.MustCompile(`href="/\w+/p/([^?"]+)\?shelf=`).FindAllStringSubmatch(section, -1) {
			out[id] = append(out[id], m[1])
		}
	}
	return out
}

// shelfLink finds a link on a shelf of the English shop.
const shelfLink = `<h3><a href="/en(/p/[^"]+\?shelf=[^"]+)" rel="nofollow">`

func TestShelvesFollowTheVisitor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.learned()
		v := h.visitor("en")
		home := v.get("/")
		require.Contains(t, home.body, "Popular right now")
		require.NotContains(t, home.body, "For you")
		for place, slugs := range shelvesOf(home) {
			require.GreaterOrEqual(t, len(slugs), 2, place)
		}
		p := h.products("en")[0]
		product := v.get("/p/" + p.Slug)
		require.Contains(t, product.body, `data-unseen="`+p.Code+`"`, "a robot or somebody new")
		require.Equal(t, 204, v.post("/shelves/seen", "product", p.Code).status)
		require.NotContains(t, v.get("/p/"+p.Slug).body, "data-unseen")
		h.learned()
		home = v.get("/")
		require.Contains(t, home.body, "For you")
		require.Contains(t, home.body, "Because you looked at "+p.Name)
		require.NotContains(t, h.visitor("en").get("/").body, "Because you looked")

		zh := h.visitor("zh").get("/")
		require.Contains(t, zh.body, "正在热卖")
		for place, slugs := range shelvesOf(zh) {
			for _, slug := range slugs {
				require.Equal(t, 200, h.visitor("zh").get("/p/"+slug).status, "%s recommends what the shop sells", place)
			}
		}
		hot := v.get("/c/" + p.Category)
		require.Contains(t, hot.body, ">Popular in ")
		require.NotContains(t, hot.body, `class="card-why"`, "the title says it all")
		require.NotContains(t, v.get("/c/"+p.Category+"?in_stock=yes").body, `class="shelf"`)
	})
}

func TestShelvesGoWithProductsAndCarts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	v, all := h.visitor("en"), h.products("en")
	for n := range 6 { // who buy the same two in one cart, and one who looks at the first
		who := recommend.Visitor{Session: "pair " + string(rune('a'+n))}
		var events []recommend.Event
		for _, p := range all[:2] {
			events = append(events, recommend.Event{
				ID: who.Session + p.Code, Kind: recommend.Purchase, Visitor: who, Product: ref.ProductID(p.Code), Basket: who.Session, At: h.clock.Now(),
			})
		}
		require.NoError(t, h.stores.Signals.Append(t.Context(), events))
	}
	h.learned()
	page := v.get("/p/" + all[0].Slug)
	require.Contains(t, page.body, "Often bought together")
	on := shelvesOf(page)
	require.Contains(t, on["product_together"], all[1].Slug)
	seen := map[string]bool{all[0].Slug: true}
	for place, slugs := range on {
		for _, slug := range slugs {
			require.False(t, seen[slug], "%s stands twice, in %s", slug, place)
			seen[slug] = true
		}
	}
	require.Equal(t, "/en/cart", v.post("/cart/lines", "sku", all[0].Variants[0].Code, "quantity", "1").path)
	cart := v.get("/cart")
	require.Contains(t, cart.body, "Goes with your cart")
	require.Contains(t, shelvesOf(cart)["cart"], all[1].Slug)
	require.NotContains(t, shelvesOf(cart)["cart"], all[0].Slug)
	require.NotContains(t, v.part("/p/"+all[0].Slug, "product").body, `class="shelf"`)
}

func TestShelvesAreCountedForPeople(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.learned()
		robot := h.visitor("en")
		home := robot.get("/")
		for _, m := range regexp.MustCompile(shelfLink).FindAllStringSubmatch(home.body, 3) {
			robot.get(m[1])
		}
		require.Empty(t, h.seen(), "following links is nothing that somebody does")

		v, other := h.visitor("en"), h.visitor("en")
		home = v.get("/")
		request := home.find(t, `data-shelf="([^"]+)"`)
		require.Equal(t, 204, v.post("/shelves/seen", "shelves", request+" "+request).status)
		lines := h.seen()
		require.Len(t, lines, 1)
		require.EqualValues(t, 1, lines[0].Requests)
		require.Zero(t, lines[0].ClickRate)

		home = v.get("/") // the shop knows the browser now
		link := home.find(t, shelfLink)
		request = home.find(t, `data-shelf="([^"]+)"`)
		other.post("/shelves/seen", "shelves", request)
		other.get(link)
		require.EqualValues(t, 1, h.seen()[0].Requests, "somebody else's shelf")
		prefetched(v, link)
		require.Zero(t, h.seen()[0].ClickRate, "nobody asked for it yet")
		for range 3 {
			require.Equal(t, 200, v.get(link).status)
		}
		path, _, _ := strings.Cut(link, "?")
		for _, made := range []string{"x", "%00", strings.Repeat("y", 5000), "a&shelf=b"} {
			require.Contains(t, []int{200, 422}, v.get(path+"?shelf="+made).status, made)
		}
		lines = h.seen()
		require.EqualValues(t, 2, lines[0].Requests)
		require.InDelta(t, .5, lines[0].ClickRate, 1e-9, "a click counts once")

		fresh := h.visitor("en") // whose first page leads to a product
		link = fresh.get("/").find(t, shelfLink)
		product := fresh.get(link).find(t, `data-unseen="([^"]+)"`)
		_, request, _ = strings.Cut(link, "?shelf=")
		require.Equal(t, 204, fresh.post("/shelves/seen", "product", product, "clicked", request).status)
		lines = h.seen()
		require.EqualValues(t, 3, lines[0].Requests)
		require.InDelta(t, 2./3, lines[0].ClickRate, 1e-9, "the browser says so itself")
	})
}

// prefetched fetches a page as a browser does before anybody asked for it.
func prefetched(v *visitor, path string) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.url+v.at(path), nil)
	require.NoError(v.t, err)
	req.Header.Set("Sec-Purpose", "prefetch;prerender")
	require.Equal(v.t, 200, v.do(req).status)
}

func TestAVisitorHidesAProduct(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).learned()
	v := h.visitor("en")
	home := v.get("/")
	slug, code := shelvesOf(home)["home"][0], home.find(t, `name="product" value="([^"]+)"`)
	said := v.post("/shelves/hide", "product", code, "back", "/en/?from=here")
	require.Equal(t, "/en/?from=here", said.path)
	require.Contains(t, said.body, "You will not see it on your shelves again.")
	for _, slugs := range shelvesOf(said) {
		require.NotContains(t, slugs, slug, "at once")
	}
	h.learned()
	for _, slugs := range shelvesOf(v.get("/")) {
		require.NotContains(t, slugs, slug)
	}
	for _, away := range []string{"//elsewhere.example/", "https://elsewhere.example", "/zh/", "/staff/orders", ""} {
		require.Equal(t, "/en/", v.post("/shelves/hide", "product", code, "back", away).path)
	}
	require.Contains(t, h.visitor("en").get("/").body, "/en/p/"+slug, "of others it is not hidden")
}

func TestShelvesTakeAnyInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).learned()
	v := h.visitor("en")
	for _, unknown := range []string{"nowhere", strings.Repeat("x", 3000), "\x00", "../p"} {
		require.Equal(t, 404, v.post("/shelves/seen", "product", unknown).status, unknown)
		require.Equal(t, 404, v.post("/shelves/hide", "product", unknown).status, unknown)
	}
	require.Equal(t, 404, v.post("/shelves/hide").status)
	zh := h.products("zh")[0]
	require.Equal(t, 404, v.post("/shelves/seen", "product", zh.Code).status, "it is sold in another shop")
	require.Equal(t, 422, v.send("/shelves/seen", "shelves=%ff").status)
	require.Equal(t, 422, v.send("/shelves/seen", "shelves=a&shelves=b").status)
	require.Equal(t, 422, v.post("/shelves/seen", "shelves", strings.Repeat("x ", 101)).status)
	require.Equal(t, 422, v.post("/shelves/seen", "shelves", strings.Repeat("x", 500)).status)
	require.Equal(t, 204, v.post("/shelves/seen").status)
	require.Equal(t, 204, v.post("/shelves/seen", "shelves", "made-up").status)
	require.Equal(t, 422, v.post("/shelves/seen", "product", h.products("en")[0].Code, "clicked", strings.Repeat("x", 500)).status)
	require.Equal(t, 405, v.get("/shelves/seen").status)
	require.Empty(t, h.seen())
}

// oracle is a recommender of a test's own.
type oracle struct {
	products []ref.ProductID
	err      error
	slow     bool
	broken   bool
}

func (*oracle) Record(context.Context, ...recommend.Event) error     { return nil }
func (*oracle) Describe(context.Context, ...recommend.Product) error { return nil }
func (*oracle) Forget(context.Context, ...ref.MemberID) error        { return nil }

func (o *oracle) Recommend(ctx context.Context, q recommend.Query) (recommend.Answer, error) {
	switch {
	case o.broken:
		panic("a defect")
	case o.slow:
		<-ctx.Done()
		return recommend.Answer{}, fault.Wrap(ctx.Err(), fault.Canceled, "test.slow", "it takes too long")
	case o.err != nil:
		return recommend.Answer{}, o.err
	}
	a := recommend.Answer{Strategy: "oracle", Version: 1}
	for i, p := range o.products {
		because := []recommend.Because{recommend.HotAll, recommend.YouBought, recommend.InOneCart, recommend.HotSegment, recommend.Discover}[i%5]
		a.Items = append(a.Items, recommend.Item{Product: p, Reason: recommend.Reason{Because: because, Product: o.products[(i+1)%len(o.products)]}})
	}
	if len(a.Items) == 0 {
		a.Empty = recommend.NoProducts
	}
	return a, nil
}

func with(o *oracle) func(*commerce.Config) {
	return func(c *commerce.Config) { c.Recommend.Recommender = o }
}

func TestNoRecommenderFailsAPage(t *testing.T) {
	t.Parallel()
	stores := openMemory()
	require.NoError(t, stock(t.Context(), stores))
	p := "/p/" + firstSlug(t)
	for name, o := range map[string]*oracle{
		"slow": {slow: true}, "broken": {broken: true}, "away": {err: fault.New(fault.Unavailable, "test.away", "it is away")},
		"odd": {err: errors.New("odd")}, "silent": {}, "of goods that are gone": {products: []ref.ProductID{"gone", "gone-too", "gone-as-well"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := openHouse(t, stores, with(o)).visitor("en")
			for _, path := range []string{"/", p, "/c/cases"} {
				begun := time.Now()
				a := v.get(path)
				require.Equal(t, 200, a.status, path)
				require.NotContains(t, a.body, `class="shelf"`, path)
				require.Less(t, time.Since(begun), 5*time.Second, path)
			}
			require.Contains(t, v.get("/").body, "Bought most often", "what needs no recommender stays")
			v.fill(1)
			require.Equal(t, 200, v.get("/cart").status)
		})
	}
	bare := stores
	bare.Signals, bare.ShelfPolicies, bare.Impressions, bare.ShelfStats = nil, nil, nil, nil
	h := openHouse(t, bare)
	require.Nil(t, h.market.Recommend)
	v := h.visitor("en")
	require.Equal(t, 200, v.get("/").status)
	require.Equal(t, 200, v.get(p).status)
	require.Equal(t, 404, v.post("/shelves/seen", "shelves", "x").status)
	require.Equal(t, 404, v.post("/shelves/hide", "product", "x").status)
}

// firstSlug is that of a product of the English shop.
func firstSlug(t *testing.T) string {
	t.Helper()
	data, err := some()
	require.NoError(t, err)
	for _, s := range data.Shops {
		if s.Channel == "en" {
			return url.PathEscape(s.Products[0].Slug)
		}
	}
	t.Fatal("there is no English shop")
	return ""
}

// What a page reads does not depend on how much stands on its shelves.
func TestShelvesAreReadAtOnce(t *testing.T) {
	t.Parallel()
	plain := openMemory()
	require.NoError(t, stock(t.Context(), plain))
	var calls atomic.Int64
	counted := storage.Intercept(plain, func(ctx context.Context, _ storage.Call, next func(context.Context) error) error {
		calls.Add(1)
		return next(ctx)
	})
	o := &oracle{}
	h := openHouse(t, counted, with(o))
	v := h.visitor("en")
	v.fill(1)
	v.get("/") // which reads the directory and the policies
	slug := h.products("en")[1].Slug
	for _, path := range []string{"/", "/p/" + slug, "/c/cases", "/cart"} {
		read := map[int]int64{}
		for _, n := range []int{2, 3, 10} {
			o.products = nil
			for _, s := range h.data.Shops {
				for _, p := range s.Products {
					if s.Channel == "en" && len(o.products) < n {
						o.products = append(o.products, ref.ProductID(p.Code))
					}
				}
			}
			before := calls.Load()
			require.Contains(t, v.get(path).body, `class="shelf"`, path)
			read[n] = calls.Load() - before
		}
		require.Equal(t, read[2], read[10], path)
		require.Equal(t, read[3], read[10], path)
	}
}

// What is noted of visitors counts where the shop knows that they are: in the
// storefront, in the region of the address that they gave, and for the member
// who goes on where a guest was.
func TestVisitorsAreWhatTheShopKnowsOfThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory()).learned()
	v, path := h.visitor("en"), "/p/"+h.products("en")[1].Slug
	noted := func() recommend.Visitor {
		t.Helper()
		require.Equal(t, 200, v.get(path).status)
		require.NoError(t, h.market.Recommend.Flush(t.Context()))
		var last recommend.Visitor
		for after := int64(0); ; {
			all, err := h.stores.Signals.Read(t.Context(), after, 100)
			require.NoError(t, err)
			if len(all) == 0 {
				return last
			}
			after, last = all[len(all)-1].Position, all[len(all)-1].Visitor
		}
	}
	v.fill(1)
	guest := noted()
	require.NotEmpty(t, guest.Session)
	require.Equal(t, []recommend.Segment{"shop=en/visitor=guest"}, guest.Segments)
	v.review("fakepay")
	require.Equal(t, []recommend.Segment{"shop=en/visitor=guest", "country=us/region=ca"}, noted().Segments)
	v.signedIn()
	member := noted()
	require.NotEmpty(t, member.Member)
	require.Equal(t, guest.Session, member.Session, "who was a guest until now")
	require.Equal(t, []recommend.Segment{"shop=en/visitor=member", "country=us/region=ca"}, member.Segments)
	v.post("/sign-out")
	require.Empty(t, v.get(path).find(t, `data-unseen="[^"]+"()`), "and somebody else after that")

	robot := h.visitor("en")
	robot.post("/shelves/seen")
	before := len(h.seen())
	link := robot.get("/").find(t, shelfLink)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, robot.url+robot.at(link), nil)
	require.NoError(t, err)
	require.Equal(t, 200, robot.do(req).status)
	require.Len(t, h.seen(), before, "who asks for the head of a page looks at nothing")
}
