package commerce_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/fault"
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
)

// TestAPriceThatMovesAtTheLastMomentIsNotCharged changes a price after Place
// has computed its quote anew: before the unit begins, and, where others can
// write meanwhile, in the middle of it.
func TestAPriceThatMovesAtTheLastMomentIsNotCharged(t *testing.T) {
	t.Parallel()
	for _, on := range backendtest.All() {
		moments := []string{"Units.Do", "Carts.Update", "Payments.Insert"}
		if on.Name == "sqlite" {
			moments = moments[:1] // it has one writer
		}
		for _, moment := range moments {
			t.Run(on.Name+"/"+moment, func(t *testing.T) {
				t.Parallel()
				testLastMoment(t, on.Open(t), moment)
			})
		}
	}
}

func testLastMoment(t *testing.T, stores storage.Stores, moment string) {
	t.Helper()
	var (
		m       *commerce.Marketplace
		armed   atomic.Bool
		changed error
	)
	hook := func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == moment && armed.CompareAndSwap(true, false) {
			_, changed = m.Prices.Set(t.Context(), staff(), []pricing.SetInput{
				{SKU: "tea-100g", Channel: commerce.DefaultChannel, Unit: money.New(1300, "USD")},
			})
		}
		return next(ctx)
	}
	bank := fakepay.New()
	m, err := commerce.New(commerce.Config{
		Stores: storage.Intercept(stores, hook), Gateways: []payment.Gateway{bank.Gateway()},
	})
	require.NoError(t, err)
	stock(t, m)
	buyer := ref.Guest("bo")
	choice, q := fill(t, m, buyer, 2)
	require.Equal(t, money.New(2500, "USD"), q.Goods)

	in := checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: "k"}
	armed.Store(true)
	_, err = m.Checkout.Place(t.Context(), buyer, in)
	require.False(t, armed.Load(), "the moment never came")
	require.NoError(t, changed)
	var refused *checkout.ChangedError
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, fault.Conflict)
	require.Equal(t, "checkout.quote_changed", fault.CodeOf(err))
	require.Equal(t, money.New(2600, "USD"), refused.Quote.Goods)

	require.Empty(t, bank.Payments())
	groups, err := m.Orders.List(t.Context(), staff(), order.Query{}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, groups.Items)
	levels, err := m.Stock.Levels(t.Context(), staff(), []ref.SKUID{"tea-100g"})
	require.NoError(t, err)
	require.Equal(t, []inventory.Level{{SKU: "tea-100g", Location: "main", OnHand: 5}}, levels)
	c, err := m.Carts.Get(t.Context(), buyer, choice.Cart)
	require.NoError(t, err)
	require.Equal(t, cart.Open, c.State)

	in.Quote = refused.Quote.ID // the same key: nothing came of it
	p, err := m.Checkout.Place(t.Context(), buyer, in)
	require.NoError(t, err)
	require.Equal(t, refused.Quote.Payable, p.Group.Payable)
	require.Empty(t, verify(t, m))
}
