package cart_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

var (
	noon  = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	ann   = ref.Member("ann")
	guest = ref.Guest("token")
	staff = ref.Staff("eve")
)

// shelf is what is sold; a test changes it as it likes.
type shelf struct {
	mu    sync.Mutex
	sells map[ref.SKUID]cart.Offer
	asked int
}

func (s *shelf) Offers(_ context.Context, q cart.OfferQuery, skus []ref.SKUID) (map[ref.SKUID]cart.Offer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	out := map[ref.SKUID]cart.Offer{}
	for _, id := range skus {
		if o, ok := s.sells[id]; ok && q.Channel == "en" {
			out[id] = o
		}
	}
	return out, nil
}

func (s *shelf) put(sku ref.SKUID, price int64, available ref.Quantity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sells[sku] = cart.Offer{
		SKU: sku, Product: "p", Merchant: "m", Title: string(sku), UnitPrice: money.New(price, "USD"),
		Available: available, Sellable: true,
	}
}

type shop struct {
	*cart.Service
	stores storage.Stores
	shelf  *shelf
	clock  *clock.Manual
}

func setup(t *testing.T, tune ...func(*cart.Config)) shop {
	t.Helper()
	s := shop{
		stores: memory.New().Stores(), shelf: &shelf{sells: map[ref.SKUID]cart.Offer{}}, clock: clock.NewManual(noon),
	}
	s.shelf.put("tea", 1_000, 10)
	s.shelf.put("cup", 500, 3)
	s.shelf.put("pot", 3_000, 0)
	cfg := cart.Config{
		Store: s.stores.Carts, Offers: s.shelf, Units: s.stores.Units,
		Currencies: map[ref.ChannelID]money.Currency{"en": "USD", "zh": "CNY"}, Clock: s.clock,
	}
	for _, fn := range tune {
		fn(&cfg)
	}
	var err error
	s.Service, err = cart.NewService(cfg)
	require.NoError(t, err)
	return s
}

func (s shop) open(t *testing.T, scope ref.Scope, items ...cart.Item) cart.Cart {
	t.Helper()
	c, err := s.Open(t.Context(), scope, "en")
	require.NoError(t, err)
	if len(items) > 0 {
		c, err = s.Add(t.Context(), scope, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: items})
		require.NoError(t, err)
	}
	return c
}

func contents(c cart.Cart) string {
	var out []string
	for _, l := range c.Lines {
		out = append(out, fmt.Sprintf("%s%s=%d", l.SKU, l.Tag, l.Quantity))
	}
	return strings.Join(out, " ")
}

func TestNewServiceNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := cart.NewService(cart.Config{MaxLines: cart.LineCeiling + 1, MaxQuantity: -1, GuestLife: -1})
	for _, field := range []string{"Store", "Offers", "Units", "Currencies", "MaxLines", "MaxQuantity", "life"} {
		require.ErrorContains(t, err, field)
	}
}

func TestABuyerHasOneOpenCartPerChannel(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, scope := range []ref.Scope{ann, guest} {
		_, err := s.Find(t.Context(), scope, "en")
		require.ErrorIs(t, err, fault.NotFound)
		first := s.open(t, scope)
		require.Equal(t, money.Currency("USD"), first.Currency)
		require.Equal(t, first, s.open(t, scope))
		zh, err := s.Open(t.Context(), scope, "zh")
		require.NoError(t, err)
		require.Equal(t, money.Currency("CNY"), zh.Currency)
		require.NotEqual(t, first.ID, zh.ID)
	}
	_, err := s.Open(t.Context(), ann, "fr")
	require.ErrorIs(t, err, fault.Invalid)
	for _, scope := range []ref.Scope{{}, staff, ref.Merchant("m")} {
		_, err = s.Open(t.Context(), scope, "en")
		require.ErrorIs(t, err, fault.PermissionDenied)
		_, err = s.Find(t.Context(), scope, "en")
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
}

func TestOpeningAtOnceGivesOneCart(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ids := make([]cart.ID, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			c, err := s.Open(t.Context(), ann, "en")
			if err == nil {
				ids[i] = c.ID
			}
		})
	}
	wg.Wait()
	require.NotEmpty(t, ids[0])
	require.Len(t, slices.Compact(ids), 1)
}

func TestAddChangeRemove(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.open(t, guest, cart.Item{SKU: "tea", Quantity: 2}, cart.Item{SKU: "cup", Quantity: 1, Tag: "gift"})
	c := s.open(t, guest, cart.Item{SKU: "tea", Quantity: 1}, cart.Item{SKU: "cup", Quantity: 1})
	require.Equal(t, "tea=3 cupgift=1 cup=1", contents(c))
	require.Equal(t, map[ref.SKUID]ref.Quantity{"tea": 3, "cup": 2}, c.Demand())
	require.Equal(t, []ref.SKUID{"cup", "tea"}, c.SKUs())
	require.EqualValues(t, 5, c.Pieces())

	c, err := s.Change(t.Context(), guest, cart.ChangeInput{
		Target: cart.Target{Cart: c.ID, Version: c.Version}, Line: c.Lines[0].ID, Quantity: 7,
	})
	require.NoError(t, err)
	require.Equal(t, "tea=7 cupgift=1 cup=1", contents(c))
	c, err = s.Remove(t.Context(), guest, cart.RemoveInput{
		Target: cart.Target{Cart: c.ID}, Lines: []cart.LineID{c.Lines[1].ID},
	})
	require.NoError(t, err)
	require.Equal(t, "tea=7 cup=1", contents(c))
	c, err = s.Remove(t.Context(), guest, cart.RemoveInput{Target: cart.Target{Cart: c.ID}})
	require.NoError(t, err)
	require.Empty(t, c.Lines)

	_, err = s.Change(t.Context(), guest, cart.ChangeInput{Target: cart.Target{Cart: c.ID}, Line: "none", Quantity: 1})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Remove(t.Context(), guest, cart.RemoveInput{Target: cart.Target{Cart: c.ID}, Lines: []cart.LineID{"none"}})
	require.ErrorIs(t, err, fault.NotFound)
	for _, n := range []ref.Quantity{0, -1, ref.MaxQuantity + 1} {
		_, err = s.Change(t.Context(), guest, cart.ChangeInput{Target: cart.Target{Cart: c.ID}, Line: "x", Quantity: n})
		require.ErrorIs(t, err, fault.Invalid)
	}
}

func TestAddNamesEveryWrongItem(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.shelf.put("hidden", 1, 1)
	hidden := s.shelf.sells["hidden"]
	hidden.Sellable, hidden.Unsold = false, cart.UnsoldMerchant
	s.shelf.sells["hidden"] = hidden
	c := s.open(t, ann, cart.Item{SKU: "tea", Quantity: 1})
	addAs := func(scope ref.Scope, items ...cart.Item) []string {
		_, err := s.Add(t.Context(), scope, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: items})
		require.ErrorIs(t, err, fault.Invalid)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		var paths []string
		for _, fd := range f.Fields {
			path := fd.Path + " " + fd.Code
			if why, ok := fd.Params["reason"].(string); ok {
				path += ": " + why
			}
			paths = append(paths, path)
		}
		return paths
	}
	add := func(items ...cart.Item) []string { return addAs(ann, items...) }
	require.Equal(t, []string{"items required"}, add())
	require.Equal(t, []string{
		"items[1].sku required", "items[1].quantity out_of_range", "items[2].sku malformed",
		"items[2].quantity out_of_range", "items[2].tag too_long",
	}, add(
		cart.Item{SKU: "tea", Quantity: 1}, cart.Item{},
		cart.Item{SKU: "\xff", Quantity: -5, Tag: strings.Repeat("x", cart.MaxTag+1)},
	))
	items := []cart.Item{{SKU: "tea", Quantity: 1}, {SKU: "none", Quantity: 1}, {SKU: "hidden", Quantity: 1}}
	require.Equal(t, []string{"items[1].sku unavailable: unknown", "items[2].sku unavailable: unknown"}, add(items...),
		"a buyer does not learn that there is such a thing")
	require.Equal(t, []string{"items[1].sku unavailable: unknown", "items[2].sku unavailable: merchant"}, addAs(staff, items...))
	require.Equal(t, []string{"items too_many"}, add(make([]cart.Item, cart.LineCeiling+1)...))
	got, err := s.Get(t.Context(), ann, c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got, "nothing of it was added")
}

// Why something is not sold is told to whom it is not to be hidden from.
func TestWhyItIsNotSoldIsToldByScope(t *testing.T) {
	t.Parallel()
	buyers := []ref.Scope{{}, ann, guest, ref.Merchant("other")}
	insiders := []ref.Scope{staff, ref.System(), ref.Merchant("m")}
	for why, told := range map[cart.Unsold]cart.Unsold{
		cart.UnsoldUnknown: cart.UnsoldUnknown, cart.UnsoldMerchant: cart.UnsoldUnknown,
		cart.UnsoldUnpublished: cart.UnsoldUnknown, "": cart.UnsoldUnknown, "recalled": cart.UnsoldUnknown,
		cart.UnsoldArchived: cart.UnsoldArchived, cart.UnsoldUnpriced: cart.UnsoldUnpriced,
	} {
		o := cart.Offer{SKU: "tea", Merchant: "m", Unsold: why}
		for _, scope := range buyers {
			require.Equal(t, told, o.UnsoldFor(scope), "%s to %s", why, scope)
		}
		for _, scope := range insiders {
			require.Equal(t, why, o.UnsoldFor(scope), "%s to %s", why, scope)
		}
	}
	sold := cart.Offer{SKU: "tea", Sellable: true}
	require.Empty(t, sold.UnsoldFor(ann))
	nobodys := cart.Offer{Unsold: cart.UnsoldMerchant}
	require.Equal(t, cart.UnsoldUnknown, nobodys.UnsoldFor(ann), "no merchant is not everybody's")

	s := setup(t)
	c := s.open(t, ann, cart.Item{SKU: "tea", Quantity: 1})
	tea := s.shelf.sells["tea"]
	tea.Sellable, tea.Unsold = false, cart.UnsoldUnpublished
	s.shelf.sells["tea"] = tea
	for scope, told := range map[ref.Scope]cart.Unsold{ann: cart.UnsoldUnknown, staff: cart.UnsoldUnpublished} {
		v, err := s.View(t.Context(), scope, cart.ViewInput{Cart: c.ID})
		require.NoError(t, err)
		require.Equal(t, told, v.Lines[0].Offer.Unsold)
		require.Equal(t, "tea", v.Lines[0].Offer.Title, "which was in the cart before")
		require.Equal(t, []cart.Problem{{
			Code: cart.ProblemUnavailable, Params: fault.Params{"sku": "tea", "reason": string(told)},
		}}, v.Lines[0].Problems)
	}
}

func TestCaps(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *cart.Config) { c.MaxLines, c.MaxQuantity = 2, 10 })
	c := s.open(t, ann, cart.Item{SKU: "tea", Quantity: 6})
	_, err := s.Add(t.Context(), ann, cart.AddInput{
		Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 5, Tag: "another line, the same tea"}},
	})
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, "cart.quantity_cap", fault.CodeOf(err))
	_, err = s.Change(t.Context(), ann, cart.ChangeInput{Target: cart.Target{Cart: c.ID}, Line: c.Lines[0].ID, Quantity: 11})
	require.ErrorIs(t, err, fault.Exhausted)
	_, err = s.Add(t.Context(), ann, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: []cart.Item{
		{SKU: "cup", Quantity: 1}, {SKU: "pot", Quantity: 1},
	}})
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, "cart.line_cap", fault.CodeOf(err))
}

func TestVersions(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.open(t, ann, cart.Item{SKU: "tea", Quantity: 1})
	seen := c.Version
	s.open(t, ann, cart.Item{SKU: "cup", Quantity: 1})
	target := cart.Target{Cart: c.ID, Version: seen}
	calls := map[string]error{}
	_, calls["add"] = s.Add(t.Context(), ann, cart.AddInput{Target: target, Items: []cart.Item{{SKU: "tea", Quantity: 1}}})
	_, calls["change"] = s.Change(t.Context(), ann, cart.ChangeInput{Target: target, Line: c.Lines[0].ID, Quantity: 1})
	_, calls["remove"] = s.Remove(t.Context(), ann, cart.RemoveInput{Target: target})
	_, calls["accept"] = s.AcceptPrices(t.Context(), ann, cart.AcceptInput{Target: target})
	_, calls["convert"] = s.Convert(t.Context(), ann, c, "g1")
	for name, err := range calls {
		require.ErrorIs(t, err, fault.Conflict, name)
		require.Equal(t, "cart.changed", fault.CodeOf(err), name)
	}
}

// Without a version every parallel change takes effect; none overwrites
// another.
func TestParallelChangesAreNotLost(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.open(t, ann)
	const n = 3
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() {
			_, errs[i] = s.Add(t.Context(), ann, cart.AddInput{
				Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 1}},
			})
		})
	}
	wg.Wait()
	want := 0
	for _, err := range errs {
		if err == nil {
			want++
		} else {
			require.ErrorIs(t, err, fault.Conflict)
		}
	}
	got, err := s.Get(t.Context(), ann, c.ID)
	require.NoError(t, err)
	require.EqualValues(t, want, got.Pieces())
	require.Positive(t, want)
}

func TestAForeignCartIsMissing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.open(t, ann, cart.Item{SKU: "tea", Quantity: 1})
	target := cart.Target{Cart: c.ID}
	for _, scope := range []ref.Scope{{}, ref.Member("bob"), guest, ref.Merchant("m")} {
		calls := map[string]error{}
		_, calls["get"] = s.Get(t.Context(), scope, c.ID)
		_, none := s.Get(t.Context(), scope, "none")
		_, calls["view"] = s.View(t.Context(), scope, cart.ViewInput{Cart: c.ID})
		_, calls["add"] = s.Add(t.Context(), scope, cart.AddInput{Target: target, Items: []cart.Item{{SKU: "tea", Quantity: 1}}})
		_, calls["change"] = s.Change(t.Context(), scope, cart.ChangeInput{Target: target, Line: c.Lines[0].ID, Quantity: 1})
		_, calls["remove"] = s.Remove(t.Context(), scope, cart.RemoveInput{Target: target})
		_, calls["accept"] = s.AcceptPrices(t.Context(), scope, cart.AcceptInput{Target: target})
		_, calls["convert"] = s.Convert(t.Context(), scope, c, "g1")
		for name, err := range calls {
			require.ErrorIs(t, err, fault.NotFound, "%s as %s", name, scope)
			require.Equal(t, fault.CodeOf(none), fault.CodeOf(err))
		}
	}
	_, err := s.Get(t.Context(), staff, c.ID)
	require.NoError(t, err)
}

func TestView(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.shelf.put("gone", 100, 5)
	c := s.open(t, ann,
		cart.Item{SKU: "tea", Quantity: 2}, cart.Item{SKU: "cup", Quantity: 2}, cart.Item{SKU: "cup", Quantity: 2, Tag: "gift"},
		cart.Item{SKU: "pot", Quantity: 1}, cart.Item{SKU: "gone", Quantity: 1},
	)
	s.shelf.put("tea", 900, 10)
	delete(s.shelf.sells, "gone")
	s.shelf.asked = 0
	v, err := s.View(t.Context(), ann, cart.ViewInput{Cart: c.ID})
	require.NoError(t, err)
	require.Equal(t, 1, s.shelf.asked)
	require.False(t, v.Ready)
	require.True(t, v.Changed)
	require.Equal(t, money.New(1_800, "USD"), v.Subtotal)

	tea := v.Lines[0]
	require.True(t, tea.Changed)
	require.Equal(t, money.New(1_000, "USD"), tea.Before)
	require.Equal(t, money.New(1_800, "USD"), tea.Total)
	require.Empty(t, tea.Problems)
	short := []cart.Problem{{Code: cart.ProblemInsufficient, Params: fault.Params{"want": ref.Quantity(4), "have": ref.Quantity(3)}}}
	require.Equal(t, short, v.Lines[1].Problems, "two lines of one article are counted together")
	require.Equal(t, short, v.Lines[2].Problems)
	require.Equal(t, cart.ProblemSoldOut, v.Lines[3].Problems[0].Code)
	gone := cart.Problem{Code: cart.ProblemUnavailable, Params: fault.Params{"sku": "gone", "reason": "unknown"}}
	require.Equal(t, []cart.Problem{gone}, v.Lines[4].Problems)
	require.True(t, v.Lines[4].Total.IsZero())

	accepted, err := s.AcceptPrices(t.Context(), ann, cart.AcceptInput{Target: cart.Target{Cart: c.ID, Version: c.Version}})
	require.NoError(t, err)
	_, err = s.Remove(t.Context(), ann, cart.RemoveInput{Target: cart.Target{Cart: c.ID}, Lines: []cart.LineID{
		accepted.Lines[2].ID, accepted.Lines[3].ID, accepted.Lines[4].ID,
	}})
	require.NoError(t, err)
	v, err = s.View(t.Context(), ann, cart.ViewInput{Cart: c.ID})
	require.NoError(t, err)
	require.True(t, v.Ready)
	require.False(t, v.Changed)
	require.Equal(t, money.New(2_800, "USD"), v.Subtotal)
}

func TestAnEmptyCartIsNotReady(t *testing.T) {
	t.Parallel()
	s := setup(t)
	v, err := s.View(t.Context(), ann, cart.ViewInput{Cart: s.open(t, ann).ID})
	require.NoError(t, err)
	require.False(t, v.Ready)
	require.Zero(t, s.shelf.asked)
}

func TestConverting(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.open(t, ann, cart.Item{SKU: "tea", Quantity: 1})
	done, err := s.Convert(t.Context(), ann, c, "g1")
	require.NoError(t, err)
	require.Equal(t, cart.Converted, done.State)
	require.Equal(t, ref.GroupID("g1"), done.Group)
	_, err = s.Convert(t.Context(), ann, done, "g2")
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = s.Convert(t.Context(), ann, c, "g2")
	require.ErrorIs(t, err, fault.Conflict, "the cart has moved on")
	_, err = s.Add(t.Context(), ann, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 1}}})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, "cart.closed", fault.CodeOf(err))
	require.NotEqual(t, c.ID, s.open(t, ann).ID, "the next cart is a new one")
}

func TestPurging(t *testing.T) {
	t.Parallel()
	s := setup(t)
	mine, theirs := s.open(t, ann), s.open(t, guest)
	_, err := s.Purge(t.Context(), ann, 10)
	require.ErrorIs(t, err, fault.PermissionDenied)
	s.clock.Advance(20 * 24 * time.Hour)
	s.open(t, guest, cart.Item{SKU: "tea", Quantity: 1})
	s.clock.Advance(20 * 24 * time.Hour)
	n, err := s.Purge(t.Context(), staff, 10)
	require.NoError(t, err)
	require.Zero(t, n, "a change keeps a cart")
	s.clock.Advance(10 * 24 * time.Hour)
	n, err = s.Purge(t.Context(), staff, 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = s.Get(t.Context(), guest, theirs.ID)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Get(t.Context(), ann, mine.ID)
	require.NoError(t, err)
}
