package promo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// Of coupons that do the same the one that expires first is used, however they
// are named.
func TestUsesTheCouponThatExpiresFirst(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	coupon := func(id string, benefit promo.Benefit, in time.Duration) promo.Candidate {
		p := orderLevel(offer(id, benefit))
		if benefit.Price != nil {
			p.Level = promo.LevelPrice
		}
		p.Redeem = promo.RedeemCoupon
		c := promo.Candidate{Promotion: p, Coupon: &promo.Coupon{ID: ref.CouponID("of-" + id)}}
		if in > 0 {
			c.Coupon.Expires = now().Add(in)
		}
		return c
	}
	ten := percentOff(100_000)
	price := promo.Benefit{Price: &promo.Price{Unit: usd(900)}}
	for name, c := range map[string]struct {
		candidates []promo.Candidate
		used       []ref.PromotionID
	}{
		"the first by name":    {[]promo.Candidate{coupon("a", ten, time.Hour), coupon("b", ten, 2*time.Hour)}, []ref.PromotionID{"a"}},
		"the last by name":     {[]promo.Candidate{coupon("a", ten, 2*time.Hour), coupon("b", ten, time.Hour)}, []ref.PromotionID{"b"}},
		"one that never does":  {[]promo.Candidate{coupon("a", ten, 0), coupon("b", ten, time.Hour)}, []ref.PromotionID{"b"}},
		"at the same time":     {[]promo.Candidate{coupon("b", ten, time.Hour), coupon("a", ten, time.Hour)}, []ref.PromotionID{"a"}},
		"one that is worth it": {[]promo.Candidate{coupon("a", ten, time.Hour), coupon("b", percentOff(110_000), 2*time.Hour)}, []ref.PromotionID{"b"}},
		"of a price":           {[]promo.Candidate{coupon("a", price, 2*time.Hour), coupon("b", price, time.Hour)}, []ref.PromotionID{"b"}},
		"in another way": {
			[]promo.Candidate{coupon("a", ten, 3*time.Hour), coupon("b", across(100), time.Hour), coupon("c", ten, 2*time.Hour)},
			[]ref.PromotionID{"b"},
		},
	} {
		in := of([]promo.Line{line("l", 1, 1000)})
		in.Candidates = c.candidates
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		var used []ref.PromotionID
		for _, d := range result.Decisions {
			if d.Applied() {
				used = append(used, d.Promotion)
			}
		}
		require.Equal(t, c.used, used, name)
	}
}
