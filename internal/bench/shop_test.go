package bench_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
)

// The shop sells in one channel; product n belongs to merchant n % merchants
// and costs n + 1 dollars.
const (
	channel   = ref.ChannelID("us")
	currency  = money.Currency("USD")
	location  = ref.LocationID("main")
	merchants = 5
)

func staff() ref.Scope { return ref.Staff("ann") }

func skuOf(n int) ref.SKUID { return ref.SKUID(fmt.Sprintf("sku-%05d", n)) }

// plenty is more than any benchmark sells.
const plenty = ref.MaxQuantity

// shop is a marketplace with a stocked catalogue.
type shop struct{ *commerce.Marketplace }

// newShop opens a marketplace with products of all merchants, all in stock.
func newShop(tb testing.TB, stores storage.Stores, products int) *shop {
	tb.Helper()
	bank, err := fakepay.Open(tb.Context(), fakepay.Config{})
	require.NoError(tb, err)
	rates, err := shipping.NewTable(shipping.Method{Code: "standard", Rates: []shipping.Rate{{Base: money.New(500, currency)}}})
	require.NoError(tb, err)
	taxes, err := pricing.NewTaxTable(pricing.TaxTableConfig{Rates: []pricing.TaxRate{{Country: "US", RatePPM: 100_000}}})
	require.NoError(tb, err)
	m, err := commerce.New(commerce.Config{
		Stores: stores, Gateways: []payment.Gateway{bank.Gateway()},
		Channels: []pricing.Channel{{ID: channel, Name: "US", Currency: currency, Locale: ref.English, Country: "US"}},
		Catalog:  commerce.CatalogConfig{Taxes: taxes}, Checkout: commerce.CheckoutConfig{Delivery: rates},
	})
	require.NoError(tb, err)
	s := &shop{m}
	s.stockUp(tb, products)
	return s
}

// stockUp registers the merchants and fills the catalogue.
func (s *shop) stockUp(tb testing.TB, products int) {
	tb.Helper()
	ctx := tb.Context()
	for m := range merchants {
		_, err := s.Merchants.Register(ctx, staff(), merchant.RegisterInput{
			ID: ref.MerchantID(fmt.Sprintf("merchant-%d", m)), Name: fmt.Sprintf("Merchant %d", m),
		})
		require.NoError(tb, err)
	}
	var rows []catalog.CreateInput
	var costs []pricing.SetInput
	var counts inventory.CountInput
	for n := range products {
		sku := skuOf(n)
		rows = append(rows, catalog.CreateInput{
			ID: ref.ProductID(fmt.Sprintf("product-%05d", n)), Merchant: ref.MerchantID(fmt.Sprintf("merchant-%d", n%merchants)),
			Publish: []ref.ChannelID{channel},
			ProductInput: catalog.ProductInput{
				Title: catalog.Text{ref.English: fmt.Sprintf("Hand-thrown stoneware teapot, number %d", n)}, WeightGrams: 200,
				SKUs: []catalog.SKUInput{{ID: sku, Code: fmt.Sprintf("POT-%05d", n)}},
			},
		})
		costs = append(costs, pricing.SetInput{SKU: sku, Channel: channel, Unit: money.New(int64(n+1)*100, currency)})
		counts.Counts = append(counts.Counts, inventory.Count{SKU: sku, Location: location, Quantity: plenty})
	}
	made, err := s.Catalog.ImportProducts(ctx, staff(), rows)
	require.NoError(tb, err)
	for _, r := range made {
		require.NoError(tb, r.Err)
	}
	set, err := s.Prices.Set(ctx, staff(), costs)
	require.NoError(tb, err)
	for _, r := range set {
		require.NoError(tb, r.Err)
	}
	require.NoError(tb, s.Stock.Receive(ctx, staff(), counts))
}

// buyer is somebody with a full cart who has accepted its quote.
type buyer struct {
	scope ref.Scope
	input checkout.PlaceInput
}

// fill puts one piece of each of the SKUs into the cart
// of a new buyer, and asks for the quote.
func (s *shop) fill(tb testing.TB, name string, skus ...ref.SKUID) buyer {
	tb.Helper()
	b := buyer{scope: ref.Member(ref.MemberID(name))}
	c, err := s.Carts.Open(tb.Context(), b.scope, channel)
	require.NoError(tb, err)
	in := cart.AddInput{Target: cart.Target{Cart: c.ID}}
	for _, sku := range skus {
		in.Items = append(in.Items, cart.Item{SKU: sku, Quantity: 1})
	}
	_, err = s.Carts.Add(tb.Context(), b.scope, in)
	require.NoError(tb, err)
	b.input = checkout.PlaceInput{Key: "once", Choice: checkout.Choice{
		Cart: c.ID, Gateway: "fakepay", Email: name + "@example.com",
		ShipTo: address.Address{
			Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
			Line1: "1 Main St", PostalCode: "90001",
		},
	}}
	q, err := s.Checkout.Quote(tb.Context(), b.scope, b.input.Choice)
	require.NoError(tb, err)
	require.True(tb, q.Ready, "%+v", q.Problems)
	b.input.Quote = q.ID
	return b
}

// skus names the first n SKUs.
func skus(n int) []ref.SKUID {
	out := make([]ref.SKUID, n)
	for i := range out {
		out[i] = skuOf(i)
	}
	return out
}

// buy places and pays what the buyer has accepted.
func (s *shop) buy(ctx context.Context, b buyer) error {
	p, err := s.Checkout.Place(ctx, b.scope, b.input)
	switch {
	case err != nil:
		return err
	case p.Replayed || p.Intent.State != payment.IntentCaptured:
		return fmt.Errorf("the payment is %s, replayed %v", p.Intent.State, p.Replayed)
	}
	for i := range p.Group.Orders {
		if o := &p.Group.Orders[i]; o.Payment != order.PaymentPaid {
			return fmt.Errorf("order %s is %s", o.Number, o.Payment)
		}
	}
	return nil
}

func open(tb testing.TB, url string, opts *bunstore.Options) *bunstore.DB {
	tb.Helper()
	db, err := bunstore.Open(tb.Context(), url, opts)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	require.NoError(tb, db.Migrate(tb.Context()))
	return db
}
