package redemption_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/promo"
)

// Where a tenth of tax comes on top, whoever keeps a pot of 50.00 and returns the
// cups that made the offer has paid what the pot alone costs with its tax.
func TestAClawBackTakesTheTaxToo(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		s := open(t, b.Open(t))
		taxes, err := pricing.NewTaxTable(pricing.TaxTableConfig{Rates: []pricing.TaxRate{{Country: "US", RatePPM: 100_000}}})
		require.NoError(t, err)
		s.Marketplace, err = commerce.New(commerce.Config{
			Stores: s.stores, Gateways: []payment.Gateway{s.bank.Gateway()}, Clock: s.clock, Catalog: commerce.CatalogConfig{Taxes: taxes},
		})
		require.NoError(t, err)
		p := off("ten", 680)
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(6000)}}
		p.OnPartialRefund = promo.RefundClawBack
		s.offer(p)
		bo := ref.Member("bo")
		g := s.buy(bo, s.choose(bo, want{"pot", 1}, want{"cup", 2})).Group
		require.Equal(t, usd(6732), g.Payable)
		back := func(m ref.MerchantID) checkout.Refunded {
			o, err := g.Order(s.part(g, m))
			require.NoError(t, err)
			r, err := s.Checkout.Refund(t.Context(), ann(), checkout.RefundInput{
				Group: g.ID, Order: o.ID, Key: string(m), Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: o.Lines[0].Quantity}},
			})
			require.NoError(t, err)
			return r
		}
		cups := back("pottery")
		require.Equal(t, usd(6732-5500), cups.Units.Amount)
		require.Len(t, cups.Units.ClawBacks, 1)
		require.Equal(t, usd(500+50), cups.Units.ClawBacks[0].Amount)
		s.sound()
		back("tea-house")
		require.Zero(t, s.bank.Net("USD"))
		s.sound()
	})
}
