package commerce_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func staff() ref.Scope { return ref.Staff("ann") }

func TestNewNamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	stores := memory.New().Stores()
	stores.Merchants, stores.Orders = nil, nil
	_, err := commerce.New(commerce.Config{Stores: stores, Channels: []pricing.Channel{{ID: "eu"}}})
	require.EqualError(t, err, `commerce.Config.Gateways is required with stores that last
commerce.Config.Stores.Merchants is missing
commerce.Config.Stores.Orders is missing
commerce.Config.Channels: pricing.channels_invalid: the channels are not valid ([0].currency: required, [0].locale: required, [0].country: required)`)
}

// stock fills a shop with one product of one merchant.
func stock(t *testing.T, m *commerce.Marketplace) {
	t.Helper()
	_, err := m.Merchants.Register(t.Context(), staff(), merchant.RegisterInput{ID: "tea-house", Name: "Tea House"})
	require.NoError(t, err)
	_, err = m.Catalog.CreateProduct(t.Context(), staff(), catalog.CreateInput{
		ID: "tea", Merchant: "tea-house", Publish: []ref.ChannelID{commerce.DefaultChannel},
		ProductInput: catalog.ProductInput{
			Title: catalog.Text{ref.English: "Green tea"}, SKUs: []catalog.SKUInput{{ID: "tea-100g", Code: "TEA-100"}},
		},
	})
	require.NoError(t, err)
	_, err = m.Prices.Set(t.Context(), staff(), []pricing.SetInput{
		{SKU: "tea-100g", Channel: commerce.DefaultChannel, Unit: money.New(1250, "USD")},
	})
	require.NoError(t, err)
	require.NoError(t, m.Stock.Receive(t.Context(), staff(), inventory.CountInput{
		Counts: []inventory.Count{{SKU: "tea-100g", Location: "main", Quantity: 5}},
	}))
}

// fill puts tea into the buyer's cart and quotes it.
func fill(t *testing.T, m *commerce.Marketplace, buyer ref.Scope, n ref.Quantity) (checkout.Choice, checkout.Quote) {
	t.Helper()
	c, err := m.Carts.Open(t.Context(), buyer, commerce.DefaultChannel)
	require.NoError(t, err)
	_, err = m.Carts.Add(t.Context(), buyer, cart.AddInput{
		Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: "tea-100g", Quantity: n}},
	})
	require.NoError(t, err)
	choice := checkout.Choice{
		Cart: c.ID, Gateway: "fakepay", ShipTo: address.Address{
			Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
			Line1: "1 Main St", PostalCode: "90001",
		},
	}
	q, err := m.Checkout.Quote(t.Context(), buyer, choice)
	require.NoError(t, err)
	require.True(t, q.Ready, "%+v", q.Problems)
	return choice, q
}

func buy(t *testing.T, m *commerce.Marketplace, buyer ref.Scope, n ref.Quantity) checkout.Placed {
	t.Helper()
	choice, q := fill(t, m, buyer, n)
	p, err := m.Checkout.Place(t.Context(), buyer, checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: "k"})
	require.NoError(t, err)
	return p
}

func TestTheZeroConfigIsAMarketplace(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		cfg := commerce.Config{}
		if on.Name != "memory" {
			cfg = open(t, on)
		}
		m, err := commerce.New(cfg)
		require.NoError(t, err)
		stock(t, m)
		p := buy(t, m, ref.Guest("g"), 2)
		require.Equal(t, payment.IntentCaptured, p.Intent.State)
		require.Equal(t, order.StateConfirmed, p.Group.Orders[0].State)

		require.NoError(t, m.Drain(t.Context()))
		rows, err := m.Listing.List(t.Context(), listing.Query{
			Channel: commerce.DefaultChannel, Currency: "USD", Sort: listing.Newest,
		}, page.Request{})
		require.NoError(t, err)
		require.Len(t, rows.Items, 1)
		require.Equal(t, "Green tea", rows.Items[0].Title)
		require.True(t, rows.Items[0].InStock)
		require.EqualValues(t, 2, rows.Items[0].Sold)
		for v, err := range m.Verify(t.Context()) {
			require.NoError(t, err)
			require.Fail(t, "violation", "%+v", v)
		}
	})
}

func TestStartFollowsByItselfAndStops(t *testing.T) {
	t.Parallel()
	m, err := commerce.New(commerce.Config{Events: commerce.EventsConfig{Poll: time.Millisecond}})
	require.NoError(t, err)
	require.NoError(t, m.Start(t.Context()))
	require.ErrorIs(t, m.Start(t.Context()), fault.FailedPrecondition)
	stock(t, m)
	require.Eventually(t, func() bool {
		rows, err := m.Listing.List(t.Context(), listing.Query{
			Channel: commerce.DefaultChannel, Currency: "USD", Sort: listing.Newest,
		}, page.Request{})
		return err == nil && len(rows.Items) == 1 && rows.Items[0].InStock
	}, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, m.Stop(t.Context()))
	require.NoError(t, m.Stop(t.Context()), "again")
	require.NoError(t, m.Start(t.Context()), "and it starts again")
	require.NoError(t, m.Stop(t.Context()))
}

func TestItStartsAgainAfterItsContextEnded(t *testing.T) {
	t.Parallel()
	m, err := commerce.New(commerce.Config{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, m.Start(ctx))
	cancel()
	require.Eventually(t, func() bool { return m.Start(t.Context()) == nil }, 20*time.Second, time.Millisecond)
	require.NoError(t, m.Stop(t.Context()))
}

func TestOldSignInAttemptsGo(t *testing.T) {
	t.Parallel()
	now := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	cfg := commerce.Config{
		Clock: now, Stores: memory.New().Stores(), Gateways: []payment.Gateway{fakepay.New().Gateway()},
	}
	attempts := cfg.Stores.SignInAttempts
	m, err := commerce.New(cfg)
	require.NoError(t, err)
	_, err = m.Members.SignIn(t.Context(), member.SignInInput{Email: "bo@example.com", Password: "wrong password"})
	require.ErrorIs(t, err, fault.Unauthenticated)
	now.Advance(time.Hour)
	require.NoError(t, m.Drain(t.Context()))
	left, err := attempts.Purge(t.Context(), now.Now(), 10)
	require.NoError(t, err)
	require.Zero(t, left)
}

// What no store can keep names nothing: an id out of an address bar is never
// an error of the database, on no backend.
func TestAnImpossibleIDNamesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, cfg commerce.Config) {
		t.Helper()
		m, err := commerce.New(cfg)
		require.NoError(t, err)
		for _, id := range []string{"\xff", "a\x00b"} {
			for what, err := range impossible(t, m, id) {
				require.ErrorIs(t, err, fault.NotFound, "%s %q", what, id)
			}
			for what, err := range refusedText(t, m, id) {
				require.ErrorIs(t, err, fault.Invalid, "%s %q", what, id)
			}
			levels, err := m.Stock.Levels(t.Context(), staff(), []ref.SKUID{ref.SKUID(id)})
			require.NoError(t, err)
			require.Empty(t, levels)
			free, err := m.Stock.Available(t.Context(), []ref.SKUID{"x", ref.SKUID(id), "y"})
			require.NoError(t, err)
			require.Empty(t, free)
			held, err := m.Stock.Reservations(t.Context(), id)
			require.NoError(t, err)
			require.Empty(t, held)
		}
	})
}

// impossible asks for objects by an id that no store can keep.
func impossible(t *testing.T, m *commerce.Marketplace, id string) map[string]error {
	t.Helper()
	ctx, out := t.Context(), map[string]error{}
	_, out["payment"] = m.Payments.Get(ctx, staff(), ref.IntentID(id))
	_, out["payment send"] = m.Payments.Send(ctx, staff(), ref.IntentID(id))
	_, out["payment withdraw"] = m.Payments.Withdraw(ctx, staff(), ref.IntentID(id), payment.CancelShop)
	_, out["payment cancel"] = m.Payments.Cancel(ctx, staff(), ref.IntentID(id), payment.CancelShop)
	_, out["refund"] = m.Payments.Refund(ctx, staff(), payment.RefundInput{
		Intent: ref.IntentID(id), Key: "k", Reason: payment.ReasonGoodwill, Amount: money.New(1, "USD"),
	})
	_, out["refund send"] = m.Payments.SendRefund(ctx, staff(), payment.RefundID(id))
	_, out["case"] = m.Payments.CloseCase(ctx, staff(), payment.CaseInput{Case: payment.CaseID(id)}, "done")
	_, out["ledger"] = m.Stock.Ledger(ctx, staff(), inventory.LedgerQuery{SKU: ref.SKUID(id)}, page.Request{})
	_, out["merchant"] = m.Merchants.Get(ctx, staff(), ref.MerchantID(id))
	_, out["member"] = m.Members.Get(ctx, staff(), ref.MemberID(id))
	_, out["staff"] = m.Staff.Get(ctx, ref.System(), ref.StaffID(id))
	_, out["order"] = m.Orders.Get(ctx, staff(), ref.GroupID(id))
	_, out["cart"] = m.Carts.Get(ctx, staff(), ref.CartID(id))
	return out
}

// refusedText hands in texts and filters that no store can keep.
func refusedText(t *testing.T, m *commerce.Marketplace, text string) map[string]error {
	t.Helper()
	ctx, out := t.Context(), map[string]error{}
	_, out["cases"] = m.Payments.Cases(ctx, staff(), payment.CaseQuery{Intent: ref.IntentID(text)}, page.Request{})
	_, out["payments"] = m.Payments.List(ctx, staff(), payment.Query{Group: ref.GroupID(text)}, page.Request{})
	_, out["assignee"] = m.Payments.AssignCase(ctx, staff(), payment.CaseInput{Case: "c"}, ref.StaffID(text))
	_, out["movements"] = m.Stock.Ledger(ctx, staff(), inventory.LedgerQuery{Kind: inventory.Kind(text)}, page.Request{})
	receive := func(sku ref.SKUID, at ref.LocationID, document string) error {
		return m.Stock.Receive(ctx, staff(), inventory.CountInput{
			Counts: []inventory.Count{{SKU: sku, Location: at, Quantity: 1}}, Ref: document,
		})
	}
	out["count"] = receive(ref.SKUID(text), "main", "")
	out["location"] = receive("tea", ref.LocationID(text), "")
	out["document"] = receive("tea", "main", text)
	out["reserve"] = m.Stock.Reserve(ctx, inventory.ReserveInput{Demands: []inventory.Demand{{Owner: text, SKU: "tea", Quantity: 1}}})
	return out
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := commerce.New(commerce.Config{Stores: storage.Stores{Units: backendtest.SQLite().Open(t).Units}})
	require.ErrorContains(t, err, "Gateways")
	require.ErrorContains(t, err, "Stores.Orders")
	require.ErrorContains(t, err, "Stores.Payments")
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := commerce.New(commerce.Config{}); err != nil {
			b.Fatal(err)
		}
	}
	require.Less(b, b.Elapsed()/time.Duration(b.N), 20*time.Millisecond)
}
