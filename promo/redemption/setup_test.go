package redemption_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

func ann() ref.Scope { return ref.Staff("ann") }

func usd(minor int64) money.Money { return money.New(minor, "USD") }

// shop is a marketplace of two merchants: tea-house sells tea at 12.50 and
// pots at 50.00, pottery cups at 9.00.
type shop struct {
	*testing.T
	*commerce.Marketplace
	stores storage.Stores
	clock  *clock.Manual
	bank   *fakepay.Bank
}

// each runs a test on every backend.
func each(t *testing.T, fn func(s *shop)) {
	t.Helper()
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		fn(open(t, b.Open(t)))
	})
}

func open(t *testing.T, stores storage.Stores) *shop {
	t.Helper()
	s := &shop{T: t, stores: stores, clock: clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))}
	s.bank = fakepay.NewAt(s.clock)
	var err error
	s.Marketplace, err = commerce.New(commerce.Config{Stores: stores, Gateways: []payment.Gateway{s.bank.Gateway()}, Clock: s.clock})
	require.NoError(t, err)
	for _, g := range []struct {
		by    ref.MerchantID
		sku   ref.SKUID
		minor int64
	}{{"tea-house", "tea", 1250}, {"tea-house", "pot", 5000}, {"pottery", "cup", 900}} {
		s.sell(g.by, g.sku, g.minor, 500)
	}
	return s
}

func (s *shop) sell(by ref.MerchantID, sku ref.SKUID, minor int64, n ref.Quantity) {
	s.Helper()
	ctx := s.Context()
	_, _ = s.Merchants.Register(ctx, ann(), merchant.RegisterInput{ID: by, Name: string(by)})
	_, err := s.Catalog.CreateProduct(ctx, ann(), catalog.CreateInput{
		ID: "of-" + ref.ProductID(sku), Merchant: by, Publish: []ref.ChannelID{commerce.DefaultChannel},
		ProductInput: catalog.ProductInput{
			Title: catalog.Text{ref.English: "The " + string(sku)}, SKUs: []catalog.SKUInput{{ID: sku, Code: string(sku)}},
		},
	})
	require.NoError(s, err)
	_, err = s.Prices.Set(ctx, ann(), []pricing.SetInput{{SKU: sku, Channel: commerce.DefaultChannel, Unit: usd(minor)}})
	require.NoError(s, err)
	require.NoError(s, s.Stock.Receive(ctx, ann(), inventory.CountInput{Counts: []inventory.Count{{SKU: sku, Location: "main", Quantity: n}}}))
}

// offer puts a promotion live.
func (s *shop) offer(p promo.Promotion) campaign.Campaign {
	s.Helper()
	c, err := s.Campaigns.Save(s.Context(), ann(), campaign.SaveInput{Promotion: p})
	require.NoError(s, err)
	c, err = s.Campaigns.Activate(s.Context(), ann(), c.ID, c.Version)
	require.NoError(s, err)
	return c
}

// off is a fixed amount off an order.
func off(id campaign.ID, minor int64) promo.Promotion {
	return promo.Promotion{
		ID: id, Name: "off " + string(id), Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: usd(minor), Per: promo.PerOrder}},
	}
}

// want is how many of a SKU go into a cart.
type want struct {
	sku ref.SKUID
	n   ref.Quantity
}

// choose fills a buyer's cart.
func (s *shop) choose(buyer ref.Scope, wants ...want) checkout.Choice {
	s.Helper()
	c, err := s.Carts.Open(s.Context(), buyer, commerce.DefaultChannel)
	require.NoError(s, err)
	in := cart.AddInput{Target: cart.Target{Cart: c.ID}}
	for _, w := range wants {
		in.Items = append(in.Items, cart.Item{SKU: w.sku, Quantity: w.n})
	}
	_, err = s.Carts.Add(s.Context(), buyer, in)
	require.NoError(s, err)
	return checkout.Choice{Cart: c.ID, Gateway: "fakepay", ShipTo: address.Address{
		Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
		Line1: "1 Main St", PostalCode: "90001",
	}}
}

func (s *shop) quote(buyer ref.Scope, choice checkout.Choice) checkout.Quote {
	s.Helper()
	q, err := s.Checkout.Quote(s.Context(), buyer, choice)
	require.NoError(s, err)
	require.True(s, q.Ready, "%+v", q.Problems)
	return q
}

func (s *shop) place(ctx context.Context, buyer ref.Scope, choice checkout.Choice, quote string) (checkout.Placed, error) {
	return s.Checkout.Place(ctx, buyer, checkout.PlaceInput{Choice: choice, Quote: quote, Key: "k-" + quote})
}

// buy places and pays what a buyer is quoted.
func (s *shop) buy(buyer ref.Scope, choice checkout.Choice) checkout.Placed {
	s.Helper()
	p, err := s.place(s.Context(), buyer, choice, s.quote(buyer, choice).ID)
	require.NoError(s, err)
	return p
}

func (s *shop) used(id campaign.ID) campaign.Used {
	s.Helper()
	all, err := s.Campaigns.Used(s.Context(), ann(), []campaign.ID{id})
	require.NoError(s, err)
	return all[id]
}

func (s *shop) sound() {
	s.Helper()
	require.NoError(s, s.Drain(s.Context()))
	for v, err := range s.Verify(s.Context()) {
		require.NoError(s, err)
		require.Fail(s, "violation", "%+v", v)
	}
}

// race lets buyers place what they were quoted at once, and returns who could.
func (s *shop) race(buyers []ref.Scope, choices []checkout.Choice) (placed []checkout.Placed, changed int) {
	s.Helper()
	quotes := make([]string, len(buyers))
	for i := range buyers {
		quotes[i] = s.quote(buyers[i], choices[i]).ID
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := make(chan struct{})
	var failed []error
	for i := range buyers {
		wg.Go(func() {
			<-start
			p, err := s.place(s.Context(), buyers[i], choices[i], quotes[i])
			var c *checkout.ChangedError
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				placed = append(placed, p)
			case errors.As(err, &c):
				changed++
			default:
				failed = append(failed, err)
			}
		})
	}
	close(start)
	wg.Wait()
	require.NoError(s, errors.Join(failed...))
	return placed, changed
}

func members(n int) []ref.Scope {
	out := make([]ref.Scope, n)
	for i := range out {
		out[i] = ref.Member(ref.MemberID(fmt.Sprintf("bo-%d", i)))
	}
	return out
}
