package crashtest_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
)

const tea = ref.SKUID("tea-100g")

// ahead is the machine's clock, ahead by what the test has skipped; processes
// that are told how much live in one time.
type ahead struct{ by atomic.Int64 }

func (a *ahead) Now() time.Time { return clock.System{}.Now().Add(time.Duration(a.by.Load())) }

func (a *ahead) skip(d time.Duration) { a.by.Add(int64(d)) }

// shop is one process of a shop, over stores and a bank that outlive it.
type shop struct {
	*commerce.Marketplace
	stores   storage.Stores
	bank     *fakepay.Bank
	clock    *ahead
	channels []ref.ChannelID
}

func newShop(stores storage.Stores, bank *fakepay.Bank, c *ahead, channels ...pricing.Channel) (*shop, error) {
	m, err := commerce.New(commerce.Config{
		Stores: stores, Gateways: []payment.Gateway{bank.Gateway()}, Clock: c, Channels: channels,
	})
	s := &shop{Marketplace: m, stores: stores, bank: bank, clock: c, channels: []ref.ChannelID{commerce.DefaultChannel}}
	if len(channels) > 0 {
		s.channels = nil
		for _, ch := range channels {
			s.channels = append(s.channels, ch.ID)
		}
	}
	return s, err
}

func openDB(t *testing.T, url string) *bunstore.DB {
	t.Helper()
	db, err := bunstore.Open(t.Context(), url, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() }) // a test may have closed it
	return db
}

// stockUp lets the shop sell tea.
func (s *shop) stockUp(t *testing.T) {
	t.Helper()
	ctx, staff := t.Context(), ref.Staff("ann")
	_, err := s.Merchants.Register(ctx, staff, merchant.RegisterInput{ID: "tea-house", Name: "Tea House"})
	require.NoError(t, err)
	_, err = s.Catalog.CreateProduct(ctx, staff, catalog.CreateInput{
		ID: "tea", Merchant: "tea-house", Publish: s.channels,
		ProductInput: catalog.ProductInput{
			Title: catalog.Text{ref.English: "Tea"}, SKUs: []catalog.SKUInput{{ID: tea, Code: "TEA"}},
		},
	})
	require.NoError(t, err)
	for _, ch := range s.channels {
		set, err := s.Prices.Set(ctx, staff, []pricing.SetInput{{SKU: tea, Channel: ch, Unit: money.New(1250, "USD")}})
		require.NoError(t, err)
		require.NoError(t, set[0].Err)
	}
	require.NoError(t, s.Stock.Receive(ctx, staff, inventory.CountInput{
		Counts: []inventory.Count{{SKU: tea, Location: "main", Quantity: ref.MaxQuantity}},
	}))
	require.NoError(t, s.Drain(ctx))
}

// choose fills a buyer's cart and accepts the quote.
func (s *shop) choose(ctx context.Context, who ref.Scope, pieces ref.Quantity, key string) (checkout.PlaceInput, error) {
	c, err := s.Carts.Open(ctx, who, commerce.DefaultChannel)
	if err != nil {
		return checkout.PlaceInput{}, err
	}
	if len(c.Lines) == 0 { // the try before may have filled it
		if c, err = s.Carts.Add(ctx, who, cart.AddInput{
			Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: tea, Quantity: pieces}},
		}); err != nil {
			return checkout.PlaceInput{}, err
		}
	}
	in := request(c.ID, "", key)
	q, err := s.Checkout.Quote(ctx, who, in.Choice)
	if err == nil && !q.Ready {
		err = fault.New(fault.FailedPrecondition, "test.not_ready", fmt.Sprint(q.Problems))
	}
	in.Quote = q.ID
	return in, err
}

// request is what a buyer sends, and sends again.
func request(id cart.ID, quote, key string) checkout.PlaceInput {
	return checkout.PlaceInput{Quote: quote, Key: key, Choice: checkout.Choice{
		Cart: id, Gateway: "fakepay", ShipTo: address.Address{
			Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
			Line1: "1 Main St", PostalCode: "90001",
		},
	}}
}

// paid reports whether every order of a group is paid.
func paid(g order.Group) bool {
	for i := range g.Orders {
		if g.Orders[i].Payment != order.PaymentPaid {
			return false
		}
	}
	return len(g.Orders) > 0
}

// number is what the bank knows the newest try to pay by.
func number(in payment.Intent) string { return in.Attempts[len(in.Attempts)-1].Number }

// sound requires that every invariant holds and that no event was given up.
func (s *shop) sound(t *testing.T) {
	t.Helper()
	for v, err := range s.Verify(t.Context()) {
		require.NoError(t, err)
		t.Errorf("violation: %+v", v)
	}
	letters, err := s.stores.Letters.List(t.Context(), event.LetterQuery{}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, letters.Items)
}

// onlyGroup returns the one group of a buyer.
func (s *shop) onlyGroup(t *testing.T, who ref.Scope) order.Group {
	t.Helper()
	p, err := s.Orders.List(t.Context(), who, order.Query{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 1, "one effect of %s", who)
	g, err := s.Orders.Get(t.Context(), who, p.Items[0].Group)
	require.NoError(t, err)
	return g
}

// intents returns all payments.
func (s *shop) intents(t *testing.T) []payment.Intent {
	t.Helper()
	var out []payment.Intent
	for r := (page.Request{Limit: page.MaxLimit}); ; {
		p, err := s.Payments.List(t.Context(), ref.System(), payment.Query{}, r)
		require.NoError(t, err)
		out = append(out, p.Items...)
		if p.Next == "" {
			return out
		}
		r.After = p.Next
	}
}

// onePaymentEach requires that the bank took each group's money once.
func (s *shop) onePaymentEach(t *testing.T) {
	t.Helper()
	want := map[string]int64{}
	for _, in := range s.intents(t) {
		require.Equal(t, payment.IntentCaptured, in.State)
		require.Len(t, in.Attempts, 1)
		want[number(in)] = in.Payable.Minor()
	}
	got := map[string]int64{}
	for _, p := range s.bank.Payments() {
		got[p.Number] = p.Taken
	}
	require.Equal(t, want, got)
	require.Empty(t, s.bank.Refunds())
}
