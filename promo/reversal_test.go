package promo_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// Any partition and order of returns sums to what was paid, and gives each
// bearer of each promotion back what it bore.
func TestReturnsSumToWhatWasPaid(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		in := newMaker(seed).input(6)
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		sold := promo.NewSold(in.Cart, result)

		random := rand.New(rand.NewPCG(seed, 3))
		left, before := map[ref.LineID]ref.Quantity{}, map[ref.LineID]ref.Quantity{}
		var open []ref.LineID
		for _, line := range in.Cart.Lines {
			left[line.ID] = line.Quantity
			open = append(open, line.ID)
		}
		paid := map[ref.LineID]int64{}
		borne := map[string]int64{}
		note := func(allocations []promo.Allocation, sign int64) {
			for _, a := range allocations {
				sum := int64(0)
				for _, b := range a.Bearers {
					require.Positive(t, b.Amount.Minor())
					sum += b.Amount.Minor()
					borne[string(a.Promotion)+string(a.Line)+a.Shipment+string(b.Party)] += sign * b.Amount.Minor()
				}
				require.Equal(t, a.Amount.Minor(), sum)
			}
		}
		note(result.Allocations, 1)
		for len(open) > 0 {
			k := random.IntN(len(open))
			id := open[k]
			n := 1 + ref.Quantity(random.Int64N(int64(left[id])))
			got, err := sold.Reverse(promo.Return{Line: id, Before: before[id], Quantity: n})
			require.NoError(t, err)
			require.GreaterOrEqual(t, got.Refund.Minor(), int64(0))
			paid[id] += got.Refund.Minor()
			note(got.Parts[0].Allocations, -1)
			before[id] += n
			if left[id] -= n; left[id] == 0 {
				open = append(open[:k], open[k+1:]...)
			}
		}
		for _, line := range result.Lines {
			require.Equal(t, line.Net.Minor(), paid[line.Line])
		}
		for _, s := range result.Shipments {
			got, err := sold.Reverse(promo.Return{Shipment: s.Shipment})
			require.NoError(t, err)
			require.Equal(t, s.Net, got.Refund)
			note(got.Parts[0].Allocations, -1)
		}
		for key, amount := range borne {
			require.Zero(t, amount, key)
		}
	})
}

func TestReverseRefusesWhatWasNotSold(t *testing.T) {
	t.Parallel()
	sold := promo.Sold{Lines: []promo.SoldLine{{ID: "a", Quantity: 2, Unit: usd(100)}}}
	for _, r := range []promo.Return{
		{Line: "b", Quantity: 1},
		{Line: "a", Quantity: 3},
		{Line: "a", Quantity: 0},
		{Line: "a", Before: 2, Quantity: 1},
		{Line: "a", Before: -1, Quantity: 1},
		{Shipment: "s"},
	} {
		_, err := sold.Reverse(r)
		require.ErrorIs(t, err, fault.Invalid, "%+v", r)
	}
	_, err := promo.UnitShare(usd(100), 1, 2, 2)
	require.ErrorIs(t, err, fault.Invalid)
	share, err := promo.UnitShare(usd(100), 1, 2, 3)
	require.NoError(t, err)
	require.Equal(t, usd(67), share)
}

func TestRewardsGoBackInProportion(t *testing.T) {
	t.Parallel()
	g := promo.RewardGrant{Count: 10}
	require.EqualValues(t, 3, g.Back(usd(300), usd(0), usd(100)))
	require.EqualValues(t, 3, g.Back(usd(300), usd(100), usd(100)))
	require.EqualValues(t, 4, g.Back(usd(300), usd(200), usd(100)))
	require.EqualValues(t, 0, g.Back(usd(300), usd(300), usd(100)))
	require.EqualValues(t, 0, g.Back(usd(0), usd(0), usd(100)))
}

// 10 off from 100, six at 20; five come back. One alone would not have earned
// the discount: what it still carries is charged, as an entry of its own.
func TestClawBackTakesWhatTheKeptUnitsWouldNotEarn(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	p := promo.Promotion{
		ID: "p", Version: 1, OnPartialRefund: promo.RefundClawBack,
		Funding: []promo.Funding{{Party: promo.PartySite, PPM: 500_000}, {Party: promo.PartyMerchant, PPM: 500_000}},
		Benefit: promo.Benefit{Tiers: &promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Tiers: []promo.Tier{
			{Amount: usd(4000), Off: usd(200)}, {Amount: usd(10000), Off: usd(1200)},
		}}},
	}
	gift := promo.Promotion{
		ID: "g", Version: 1, OnPartialRefund: promo.RefundReturnGift,
		When:    promo.Condition{Amount: &promo.AmountCondition{Min: usd(5000)}},
		Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "cup", Quantity: 1, Value: usd(500)}}}},
	}
	in := promo.Input{Now: now(), Candidates: []promo.Candidate{{Promotion: p}, {Promotion: gift}}, Cart: promo.Cart{
		Currency: "USD", Lines: []promo.Line{{ID: "a", SKU: "a", Merchant: "m", Quantity: 6, Unit: usd(2000)}},
	}}
	result, err := engine.Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, usd(10800), result.Totals.Payable)
	require.Len(t, result.Gifts, 1)
	claw := func(kept ref.Quantity, refund int64, before int64) []promo.ClawBack {
		entries, err := engine.ClawBack(promo.ClawBackInput{
			Cart: in.Cart, Applied: in.Candidates, At: in.Now, Sold: promo.NewSold(in.Cart, result), Refund: usd(refund),
			Kept: map[ref.LineID]ref.Quantity{"a": kept},
			Before: []promo.ClawBack{{Promotion: "p", Version: 1, Amount: usd(before), Bearers: []promo.ClawBackBearer{
				{Party: promo.PartySite, Amount: usd(before / 2)}, {Party: promo.PartyMerchant, Merchant: "m", Amount: usd(before / 2)},
			}}},
		})
		require.NoError(t, err)
		return entries
	}
	require.Empty(t, claw(6, 0, 0))
	require.Empty(t, claw(5, 1800, 0), "five alone earn the discount")

	got := claw(3, 5400, 0) // three carry 600 and earn 200
	require.Len(t, got, 1)
	require.Equal(t, usd(400), got[0].Amount)
	require.Equal(t, []promo.ClawBackBearer{
		{Party: promo.PartyMerchant, Merchant: "m", Amount: usd(200)}, {Party: promo.PartySite, Amount: usd(200)},
	}, got[0].Bearers)
	require.Equal(t, usd(300), claw(3, 5400, 100)[0].Amount, "what was taken before is not taken twice")

	got = claw(1, 9000, 0) // one carries 200 and earns nothing, not even the cup
	require.Len(t, got, 2)
	require.Equal(t, usd(200), got[0].Amount)
	require.True(t, got[1].Gift)
	require.Equal(t, usd(500), got[1].Amount)
	require.Equal(t, usd(50), claw(1, 50, 0)[0].Amount, "never more than the refund")
	got = claw(0, 10800, 0)
	require.Len(t, got, 1, "nothing is kept that could carry the reduction")
	require.True(t, got[0].Gift)
	_, err = engine.ClawBack(promo.ClawBackInput{Cart: in.Cart, Kept: map[ref.LineID]ref.Quantity{"a": 7}, Refund: usd(1)})
	require.ErrorIs(t, err, fault.Invalid)
}
