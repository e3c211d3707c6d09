package checkout_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/storage"
)

// shelf offers three SKUs of two merchants in one channel.
type shelf struct {
	mu     sync.Mutex
	offers map[ref.SKUID]cart.Offer
	stock  *inventory.Service
}

func newShelf() *shelf {
	s := &shelf{offers: map[ref.SKUID]cart.Offer{}}
	for sku, o := range map[ref.SKUID]struct {
		merchant ref.MerchantID
		price    int64
	}{"tea": {"tea-house", 1250}, "pot": {"tea-house", 4999}, "silk": {"silk-road", 20000}} {
		s.offers[sku] = cart.Offer{
			SKU: sku, Product: ref.ProductID("p-" + sku), Merchant: o.merchant, Code: "C-" + string(sku),
			Title: "The " + string(sku), Options: []cart.Option{{Name: "Colour", Value: "red"}},
			UnitPrice: money.New(o.price, "USD"), PriceVersion: 1, WeightGrams: 200, Sellable: true,
		}
	}
	return s
}

func (s *shelf) Offers(ctx context.Context, _ cart.OfferQuery, skus []ref.SKUID) (map[ref.SKUID]cart.Offer, error) {
	have, err := s.stock.Available(ctx, skus)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[ref.SKUID]cart.Offer{}
	for _, sku := range skus {
		if o, ok := s.offers[sku]; ok {
			o.Available = have[sku]
			out[sku] = o
		}
	}
	return out, nil
}

func (s *shelf) reprice(sku ref.SKUID, minor int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.offers[sku]
	o.UnitPrice = money.New(minor, o.UnitPrice.Currency())
	o.PriceVersion++
	s.offers[sku] = o
}

type shop struct {
	*testing.T
	stores   storage.Stores
	clock    *clock.Manual
	shelf    *shelf
	stock    *inventory.Service
	carts    *cart.Service
	orders   *order.Service
	book     *order.Book
	payments *payment.Service
	checkout *checkout.Service
	deals    *deals
	bank     *fakepay.Bank
	cod      *offlinepay.Gateway
}

// each runs a test on every backend.
func each(t *testing.T, fn func(s *shop)) {
	t.Helper()
	eachStores(t, func(t *testing.T, stores storage.Stores) { t.Helper(); fn(newShop(t, stores)) })
}

// eachStores runs a test on the stores of every backend.
func eachStores(t *testing.T, fn func(t *testing.T, stores storage.Stores)) {
	t.Helper()
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		fn(t, b.Open(t))
	})
}

// newShop is a shop of a fake bank, of cash on delivery and of more ways to
// be paid.
func newShop(t *testing.T, stores storage.Stores, more ...payment.Gateway) *shop {
	t.Helper()
	s := &shop{
		T: t, stores: stores, shelf: newShelf(),
		clock: clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)),
	}
	var err error
	s.bank, err = fakepay.Open(t.Context(), fakepay.Config{Clock: s.clock})
	require.NoError(t, err)
	s.cod, err = offlinepay.New(offlinepay.Config{
		Kind: offlinepay.CashOnDelivery, Secrets: [][]byte{[]byte("a secret of the staff's pages")}, Clock: s.clock,
	})
	require.NoError(t, err)
	s.stock, err = inventory.NewService(inventory.Config{
		Store: stores.Inventory, Units: stores.Units, Events: stores.Events, Clock: s.clock,
	})
	require.NoError(t, err)
	s.shelf.stock = s.stock
	s.deals = &deals{shelf: s.shelf, stock: s.stock}
	s.carts, err = cart.NewService(cart.Config{
		Store: stores.Carts, Offers: s.shelf, Units: stores.Units, Clock: s.clock,
		Currencies: map[ref.ChannelID]money.Currency{"us": "USD"},
	})
	require.NoError(t, err)
	s.book, err = order.NewBook(order.BookConfig{
		Store: stores.Orders, Personal: stores.OrderPersonals, Claims: stores.Claims, Events: stores.Events,
	})
	require.NoError(t, err)
	s.orders, err = order.NewService(order.Config{
		Store: stores.Orders, Personal: stores.OrderPersonals, Book: s.book, Units: stores.Units, Clock: s.clock,
	})
	require.NoError(t, err)
	done, err := checkout.NewCompletion(checkout.CompletionConfig{
		Book: s.book, Stock: s.stock, Promotions: s.deals, Clock: s.clock,
	})
	require.NoError(t, err)
	s.payments, err = payment.NewService(payment.Config{
		Store: stores.Payments, Refunds: stores.PaymentRefunds, Notices: stores.PaymentNotices, Cases: stores.PaymentCases,
		Units: stores.Units, Events: stores.Events, Subject: done, Clock: s.clock,
		Gateways: append(more, s.bank.Gateway(), s.cod),
	})
	require.NoError(t, err)
	rates, err := shipping.NewTable(
		shipping.Method{Code: "standard", Rates: []shipping.Rate{{Base: money.New(500, "USD")}}},
		shipping.Method{Code: "express", Rates: []shipping.Rate{{Base: money.New(1500, "USD")}}},
	)
	require.NoError(t, err)
	taxes, err := pricing.NewTaxTable(pricing.TaxTableConfig{Rates: []pricing.TaxRate{{Country: "US", RatePPM: 100_000}}})
	require.NoError(t, err)
	cfg := checkout.Config{
		Channels: []pricing.Channel{{ID: "us", Name: "US", Currency: "USD", Locale: ref.English, Country: "US"}},
		Carts:    s.carts, Offers: s.shelf, Rates: rates, Taxes: taxes, Book: s.book, Stock: s.stock,
		Promotions: s.deals, Payments: s.payments, Units: stores.Units, Calls: stores.Idempotency, Clock: s.clock,
	}
	s.checkout, err = checkout.NewService(cfg)
	require.NoError(t, err)
	s.receive(map[ref.SKUID]ref.Quantity{"tea": 10, "pot": 10, "silk": 10})
	return s
}

func (s *shop) receive(n map[ref.SKUID]ref.Quantity) {
	s.Helper()
	var in inventory.CountInput
	for sku, q := range n {
		in.Counts = append(in.Counts, inventory.Count{SKU: sku, Location: "main", Quantity: q})
	}
	require.NoError(s, s.stock.Receive(s.Context(), ref.Staff("ann"), in))
}

func buyer() ref.Scope { return ref.Member("bo") }

// fill puts goods into the buyer's cart and returns the choice to order them.
func (s *shop) fill(who ref.Scope, n map[ref.SKUID]ref.Quantity) checkout.Choice {
	s.Helper()
	c, err := s.carts.Open(s.Context(), who, "us")
	require.NoError(s, err)
	in := cart.AddInput{Target: cart.Target{Cart: c.ID}}
	for _, sku := range []ref.SKUID{"tea", "pot", "silk"} {
		if n[sku] > 0 {
			in.Items = append(in.Items, cart.Item{SKU: sku, Quantity: n[sku]})
		}
	}
	_, err = s.carts.Add(s.Context(), who, in)
	require.NoError(s, err)
	return checkout.Choice{
		Cart: c.ID, Gateway: "fakepay", Email: "bo@example.com",
		ShipTo: address.Address{
			Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
			Line1: "1 Main St", PostalCode: "90001",
		},
	}
}

func (s *shop) quote(who ref.Scope, choice checkout.Choice) checkout.Quote {
	s.Helper()
	q, err := s.checkout.Quote(s.Context(), who, choice)
	require.NoError(s, err)
	require.True(s, q.Ready, "%+v", q.Problems)
	return q
}

func (s *shop) place(who ref.Scope, choice checkout.Choice, key string) checkout.Placed {
	s.Helper()
	p, err := s.checkout.Place(s.Context(), who, checkout.PlaceInput{
		Choice: choice, Quote: s.quote(who, choice).ID, Key: key,
	})
	require.NoError(s, err)
	return p
}

func (s *shop) group(id ref.GroupID) order.Group {
	s.Helper()
	g, err := s.orders.Get(s.Context(), ref.Staff("ann"), id)
	require.NoError(s, err)
	return g
}

func (s *shop) intent(g order.Group) payment.Intent {
	s.Helper()
	in, err := s.payments.Get(s.Context(), ref.Staff("ann"), g.Intent)
	require.NoError(s, err)
	return in
}

func (s *shop) level(sku ref.SKUID) inventory.Level {
	s.Helper()
	l, err := s.stock.Levels(s.Context(), ref.Staff("ann"), []ref.SKUID{sku})
	require.NoError(s, err)
	require.Len(s, l, 1)
	return l[0]
}

// sound checks every invariant that the domains can check.
func (s *shop) sound() {
	s.Helper()
	wrong, err := s.stock.Verify(s.Context(), 100)
	require.NoError(s, err)
	require.Empty(s, wrong)
	unfounded, err := s.stock.VerifyReservations(s.Context(), 100)
	require.NoError(s, err)
	require.Empty(s, unfounded)
	for v, err := range s.payments.Verify(s.Context()) {
		require.NoError(s, err)
		require.Fail(s, "violation", "%+v", v)
	}
	for v, err := range s.checkout.Verify(s.Context(), s.orders) {
		require.NoError(s, err)
		require.Fail(s, "violation", "%+v", v)
	}
}

func states(g order.Group) []string {
	out := make([]string, len(g.Orders))
	for i, o := range g.Orders {
		out[i] = string(o.State) + "/" + string(o.Payment)
	}
	return out
}
