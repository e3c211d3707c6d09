package redemption_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/exprcond"
)

// otherBanks is a shop where the buyer can also transfer, or pay at the door.
func otherBanks(t *testing.T, b backendtest.Backend) *shop {
	t.Helper()
	s := open(t, b.Open(t))
	gateways := []payment.Gateway{s.bank.Gateway()}
	for _, kind := range []offlinepay.Kind{offlinepay.Transfer, offlinepay.CashOnDelivery} {
		g, err := offlinepay.New(offlinepay.Config{Kind: kind, Secrets: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Clock: s.clock})
		require.NoError(t, err)
		gateways = append(gateways, g)
	}
	var err error
	s.Marketplace, err = commerce.New(commerce.Config{
		Stores: s.stores, Gateways: gateways, Clock: s.clock,
	})
	require.NoError(t, err)
	return s
}

// What is taken off for those who pay by one method is not kept by placing with
// it and then paying by another.
func TestAnOfferForAWayToPayIsNotKeptByAnotherWay(t *testing.T) {
	t.Parallel()
	paying := func(methods ...string) promo.Promotion {
		p := off("card", 100)
		p.When = promo.Condition{All: []promo.Condition{{Payment: methods}, {Amount: &promo.AmountCondition{Min: usd(1000)}}}}
		return p
	}
	gift := paying("fakepay")
	gift.ID, gift.Benefit = "pot", promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "pot", Quantity: 1, Value: usd(5000)}}}}
	formula := off("formula", 100)
	formula.When = promo.Condition{Custom: &promo.Custom{Kind: exprcond.Kind, Params: json.RawMessage(`{"source":"payment in ['fakepay', 'transfer']"}`)}}
	not := off("not", 100)
	not.When = promo.Condition{Not: &promo.Condition{Payment: []string{"transfer"}}}
	for name, c := range map[string]struct {
		offer promo.Promotion
		other map[string]bool // the ways that keep it
	}{
		"amount":  {paying("fakepay"), nil},
		"gift":    {gift, nil},
		"two":     {paying("fakepay", "transfer"), map[string]bool{"transfer": true}},
		"formula": {formula, map[string]bool{"transfer": true}},
		"not":     {not, map[string]bool{"cod": true}},
		"any":     {off("any", 100), map[string]bool{"transfer": true, "cod": true}},
	} {
		for _, other := range []string{"transfer", "cod"} {
			t.Run(name+" by "+other, func(t *testing.T) {
				t.Parallel()
				s := otherBanks(t, backendtest.Memory())
				s.retryElsewhere(c.offer, other, c.other[other])
			})
		}
	}
	backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		otherBanks(t, b).retryElsewhere(paying("fakepay"), "transfer", false)
	})
}

// retryElsewhere places under an offer, is declined, and tries another way.
func (s *shop) retryElsewhere(offer promo.Promotion, gateway string, kept bool) {
	s.Helper()
	s.offer(offer)
	s.bank.Plan(fakepay.Refuse)
	bo := ref.Member("bo")
	placed := s.buy(bo, s.choose(bo, want{"tea", 1}))
	require.True(s, placed.Group.Promoted)
	last, ok := placed.Intent.Last()
	require.True(s, ok)
	again := payment.RetryInput{Intent: placed.Intent.ID, After: last.ID, Gateway: gateway}
	in, err := s.Payments.Retry(s.Context(), bo, again)
	if kept {
		require.NoError(s, err)
		require.Equal(s, gateway, in.Gateway())
		s.sound()
		return
	}
	require.ErrorIs(s, err, fault.FailedPrecondition)
	require.Equal(s, "checkout.offer_lost", fault.CodeOf(err))
	in, err = s.Payments.Get(s.Context(), bo, placed.Intent.ID)
	require.NoError(s, err)
	require.Equal(s, placed.Intent, in, "nothing has changed")
	again.Gateway = "fakepay"
	in, err = s.Payments.Retry(s.Context(), bo, again)
	require.NoError(s, err)
	require.True(s, in.State.Paid())
	s.sound()
}
