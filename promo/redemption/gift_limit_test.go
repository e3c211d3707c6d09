package redemption_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// Where one gift is sold out, the one in its place is asked for its limit too:
// a quote that promised it could never be placed.
func TestAUsedUpGiftDoesNotTakeThePlaceOfOneThatIsSoldOut(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.sell("tea-house", "sieve", 700, 50)
		s.sell("tea-house", "vase", 2000, 1)
		gift := func(sku ref.SKUID, n ref.Quantity, unit int64) promo.Promotion {
			return promo.Promotion{
				ID: ref.PromotionID(sku), Name: string(sku), Redeem: promo.RedeemCode, Code: "FOR-A-" + string(sku),
				Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: sku, Quantity: n, Value: usd(unit)}}}},
			}
		}
		vases, sieve := gift("vase", 2, 2000), gift("sieve", 1, 700)
		vases.Priority, sieve.Limits = 1, promo.Limits{PerMember: 1} // one of them, by the standard groups
		s.offer(vases)
		s.offer(sieve)
		bo := ref.Member("bo")
		for _, given := range []bool{true, false} {
			choice := s.choose(bo, want{"tea", 1})
			choice.Codes = []string{vases.Code, sieve.Code}
			lines := s.buy(bo, choice).Group.Orders[0].Lines
			if given {
				require.Len(s, lines, 2)
				require.EqualValues(s, "sieve", lines[1].SKU)
			} else {
				require.Len(s, lines, 1)
			}
		}
		s.sound()
	})
}

func TestABudgetBoundsWhatTakesSomethingOff(t *testing.T) {
	t.Parallel()
	engine, err := promo.NewEngine(promo.Config{})
	require.NoError(t, err)
	for name, b := range map[string]promo.Benefit{
		"gift":   {Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "sieve", Quantity: 1, Value: usd(700)}}}},
		"points": {Reward: &promo.Reward{Kind: promo.RewardPoints, Count: 2, Every: usd(100), Max: 50}},
	} {
		p := promo.Promotion{ID: "p", Version: 1, Name: name, Benefit: b}
		require.NoError(t, engine.Validate(&p), name)
		p.Limits.Budget = money.New(10_000, "USD")
		require.ErrorContains(t, engine.Validate(&p), "limits.budget", name)
	}
}
