package promo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// A budget is asked for what is really taken off, beside all that applies.
func TestABudgetHoldsWhatIsTakenOff(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	evaluate := func(in promo.Input) (promo.Result, map[ref.PromotionID]promo.Decision) {
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		require.True(t, result.Search.Optimal)
		decisions := map[ref.PromotionID]promo.Decision{}
		for _, d := range result.Decisions {
			decisions[d.Promotion] = d
		}
		return result, decisions
	}
	price := offer("price", promo.Benefit{Price: &promo.Price{Unit: usd(500)}})
	ten := orderLevel(offer("ten", percentOff(100_000)))
	in := of([]promo.Line{line("a", 1, 1000)}, price, ten)
	limit := func(i int, minor int64) {
		left := usd(minor)
		in.Candidates[i].Left.Budget = &left
	}

	limit(1, 50)
	result, decisions := evaluate(in)
	require.True(t, decisions["ten"].Applied(), "100 of the list price, but 50 of what is left")
	require.Equal(t, usd(450), result.Totals.Payable)
	limit(1, 49)
	result, decisions = evaluate(in)
	require.Equal(t, promo.CodeBudget, decisions["ten"].Code)
	require.Equal(t, promo.Params{Have: usd(49), Need: usd(50)}, decisions["ten"].Params)
	require.Equal(t, usd(500), result.Totals.Payable, "not a part of it either")

	in.Candidates[1].Pinned = true
	_, decisions = evaluate(in)
	require.Equal(t, promo.CodeBudget, decisions["ten"].Code)
	limit(1, 100)
	limit(0, 499)
	result, decisions = evaluate(in)
	require.Equal(t, promo.CodeBudget, decisions["price"].Code, "of a price, too")
	require.Equal(t, promo.Params{Have: usd(499), Need: usd(500)}, decisions["price"].Params)
	require.True(t, decisions["ten"].Applied())
	require.Equal(t, usd(900), result.Totals.Payable)
}

// A price whose budget holds some of its lines applies where others take the
// rest from it.
func TestABudgetOfAPriceCountsTheLinesItKeeps(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	both := offer("both", promo.Benefit{Price: &promo.Price{Unit: usd(600)}})
	other := offer("other", promo.Benefit{Price: &promo.Price{Unit: usd(500)}})
	other.Lines.SKUs = []ref.SKUID{"b"}
	in := of([]promo.Line{line("a", 1, 1000), line("b", 1, 1000)}, both, other)
	left := usd(400)
	in.Candidates[0].Left.Budget = &left
	result, err := engine.Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, usd(1100), result.Totals.Payable)
	in.Candidates = in.Candidates[:1]
	result, err = engine.Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, usd(2000), result.Totals.Payable, "alone it takes 800")
	require.Equal(t, promo.CodeBudget, result.Decisions[0].Code)
	require.Equal(t, promo.Params{Have: usd(400), Need: usd(800)}, result.Decisions[0].Params)
}

// A pinned coupon whose budget is used up does not keep the buyer from another
// that is pinned.
func TestAShortBudgetUnpinsOnlyItself(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	coupon := func(id string, off int64, pinned bool) promo.Candidate {
		p := offer(id, across(off))
		p.Redeem, p.Groups = promo.RedeemCoupon, []promo.GroupID{}
		return promo.Candidate{Promotion: p, Coupon: &promo.Coupon{ID: ref.CouponID(id)}, Pinned: pinned}
	}
	in := of([]promo.Line{line("a", 1, 1000)})
	in.Candidates = []promo.Candidate{coupon("empty", 300, true), coupon("small", 100, true), coupon("large", 400, false)}
	for i := 1; i < 3; i++ {
		in.Candidates[i].Promotion.Groups = nil // one coupon of the site
	}
	left := usd(200)
	in.Candidates[0].Left.Budget = &left
	result, err := engine.Evaluate(in)
	require.NoError(t, err)
	codes := map[ref.PromotionID]promo.Code{}
	for _, d := range result.Decisions {
		codes[d.Promotion] = d.Code
	}
	require.Equal(t, map[ref.PromotionID]promo.Code{
		"empty": promo.CodeBudget, "small": promo.CodeApplied, "large": promo.CodeLostInGroup,
	}, codes)
}
