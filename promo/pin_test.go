package promo_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// held is a candidate with a coupon.
func held(p promo.Promotion, pinned bool) promo.Candidate {
	p.Redeem = promo.RedeemCoupon
	return promo.Candidate{Promotion: p, Coupon: &promo.Coupon{ID: ref.CouponID("c-" + p.ID)}, Pinned: pinned}
}

func gift(id ref.PromotionID, min int64, skus ...ref.SKUID) promo.Promotion {
	p := promo.Promotion{ID: id, Version: 1, Benefit: promo.Benefit{Gift: &promo.Gift{}}}
	for _, sku := range skus {
		p.Benefit.Gift.Items = append(p.Benefit.Gift.Items, promo.GiftItem{SKU: sku, Quantity: 1, Value: usd(100)})
	}
	if min > 0 {
		p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(min), Basis: promo.BasisPaid}}
	}
	return p
}

// A gift that a buyer insists on keeps out the coupon that is worth more, unless
// it cannot be given: then nothing is lost to it, and the decision says so.
func TestAPinnedGiftThatIsNotGivenKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	none := int64(0)
	half := orderLevel(offer("half", percentOff(500_000)))
	half.Groups = []promo.GroupID{}
	for name, c := range map[string]struct {
		change func(in *promo.Input)
		given  bool
		code   promo.Code
	}{
		"it is given":     {func(*promo.Input) {}, true, promo.CodeApplied},
		"it is sold out":  {func(in *promo.Input) { in.Cart.SoldOut = []ref.SKUID{"cup"} }, false, promo.CodeGiftSoldOut},
		"it is used up":   {func(in *promo.Input) { in.Candidates[0].Left.Uses = &none }, false, promo.CodeLimitGlobal},
		"too little left": {func(in *promo.Input) { in.Candidates = append(in.Candidates, promo.Candidate{Promotion: half}) }, false, promo.CodeBelowAmount},
		"as a reward": {func(in *promo.Input) {
			in.Candidates[0].Promotion.Benefit = promo.Benefit{Reward: &promo.Reward{Kind: promo.RewardPoints, Count: 1, Every: usd(9999)}}
			in.Candidates[0].Promotion.When = promo.Condition{}
			in.Cart.Buyer.ID = "bo"
		}, false, promo.CodeBelowAmount},
	} {
		in := of([]promo.Line{line("a", 2, 1000)})
		in.Candidates = []promo.Candidate{held(gift("gift", 1500, "cup"), true), held(orderLevel(offer("off", across(300))), false)}
		c.change(&in)
		got, err := engine.Evaluate(in)
		require.NoError(t, err, name)
		d := decision(got, "gift")
		require.Equal(t, c.code, d.Code, name)
		require.Equal(t, !c.given, d.Unpinned, name)
		require.Equal(t, !c.given, decision(got, "off").Applied(), name)
		require.True(t, in.Candidates[0].Pinned, "the input is the caller's")
		if c.code == promo.CodeBelowAmount {
			require.Equal(t, got.Totals.Payable, d.Params.Have, "as it is in the end, not while the other was kept out")
		}
		if c.given {
			require.Len(t, got.Gifts, 1)
			require.Equal(t, usd(300), got.Search.PinCost, "the price of insisting")
		} else {
			require.Empty(t, got.Gifts, name)
			require.True(t, got.Search.PinCost.IsZero(), name)
		}
	}
}

// wide is an input of 30 promotions on 50 lines, which all share.
func wide(seed uint64) promo.Input {
	in := newMaker(seed).input(30)
	for i := range in.Candidates {
		in.Candidates[i].Pinned, in.Candidates[i].Promotion.Sharing = false, promo.Sharing{}
	}
	lines := in.Cart.Lines
	for i := len(lines); i < 50; i++ {
		l := lines[i%len(lines)]
		l.ID, l.SKU = ref.LineID(fmt.Sprint("w", i)), ref.SKUID(fmt.Sprint("w", i))
		in.Cart.Lines = append(in.Cart.Lines, l)
	}
	return in
}

// Gifts that are insisted on take next to nothing from the nodes of the first
// search, and nothing at all where they keep nobody out.
func TestPinnedGiftsLeaveTheSearchItsNodes(t *testing.T) {
	t.Parallel()
	engine := func(nodes int) *promo.Engine {
		e, err := promo.NewEngine(promo.Config{MaxNodes: nodes})
		require.NoError(t, err)
		return e
	}
	const most = 1875 // the default for so many
	free, contested := 0, 0
	for seed := range uint64(40) {
		plain := wide(seed)
		without, err := engine(most).Evaluate(plain)
		require.NoError(t, err)
		nodes := without.Search.Nodes
		if !without.Search.Optimal || nodes < 8 {
			continue
		}
		in := plain
		in.Candidates = slices.Clone(plain.Candidates)
		for i := range 3 {
			p := gift(ref.PromotionID(fmt.Sprint("gift", i)), 0, "bowl")
			p.Groups = []promo.GroupID{}
			in.Candidates = append(in.Candidates, held(p, true))
		}
		with, err := engine(nodes + nodes/6 + 2).Evaluate(in)
		require.NoError(t, err)
		require.True(t, with.Search.Optimal, "seed %d: %d nodes", seed, nodes)
		require.Equal(t, nodes, with.Search.Nodes, "seed %d", seed)
		require.Equal(t, without.Totals, with.Totals)
		free++

		for i := range 3 { // of which one has the place, and keeps the site's coupons out
			in.Candidates[len(plain.Candidates)+i].Promotion.Groups = nil
		}
		want, err := engine(4 * most).Evaluate(in)
		require.NoError(t, err)
		if need := want.Search.Nodes; want.Search.Optimal && need >= 8 {
			got, err := engine(2 * need).Evaluate(in)
			require.NoError(t, err)
			require.True(t, got.Search.Optimal, "seed %d: %d nodes", seed, need)
			require.Equal(t, want.Totals, got.Totals)
			contested++
		}
	}
	require.Greater(t, free, 10)
	require.Greater(t, contested, 10)
}

// Of two gifts for one place the first is given, and who insists on both loses
// nothing to the other.
func TestOfTwoPinnedGiftsOneIsGiven(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	first, second := gift("first", 0, "cup"), gift("second", 0, "bowl")
	second.Sharing = promo.Sharing{Mode: promo.ShareNone}
	in := of([]promo.Line{line("a", 2, 1000)}, orderLevel(offer("off", across(300))))
	in.Candidates = append(in.Candidates, held(first, true), held(second, true))
	got, err := engine.Evaluate(in)
	require.NoError(t, err)
	require.Len(t, got.Gifts, 1)
	require.EqualValues(t, "first", got.Gifts[0].Promotion)
	require.True(t, decision(got, "off").Applied(), "which only the other keeps out")
	require.True(t, decision(got, "second").Unpinned)
	require.Equal(t, promo.CodeConflict, decision(got, "second").Code)
}
