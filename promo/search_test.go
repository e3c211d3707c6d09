package promo_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

func newEngine(tb testing.TB) *promo.Engine {
	tb.Helper()
	engine, err := promo.NewEngine(promo.Config{MaxNodes: 1_000_000})
	require.NoError(tb, err)
	return engine
}

func TestEqualsBruteForce(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	const shards = 20
	for shard := range shards {
		t.Run(fmt.Sprint(shard), func(t *testing.T) {
			t.Parallel()
			few, many := 20_000/shards, 1_000/shards
			switch {
			case testing.Short(): // nothing happens side by side here
				few, many = few/50, many/50
			case os.Getenv("SOUK_NIGHTLY") != "":
				few, many = 20*few, 20*many
			}
			for k := range few + many {
				seed := uint64(shard*1_000_000 + k)
				m := newMaker(seed)
				n := 1 + m.IntN(9)
				if k >= few {
					n = 10 + m.IntN(3)
				}
				compare(t, engine, m.input(n), seed)
			}
		})
	}
}

// compare requires that the engine finds what trying everything finds, and
// takes off each line what playing its choice takes off.
func compare(t *testing.T, engine *promo.Engine, in promo.Input, seed uint64) {
	t.Helper()
	got, err := engine.Evaluate(in)
	require.NoError(t, err)
	ends := endings(in)
	end := slices.IndexFunc(ends, func(e ending) bool { return e.reaches(in, got) })
	if end < 0 {
		t.Fatalf("seed %d: saved %s and %s, insisting on other gifts or with other amounts than %d and %v",
			seed, got.Totals.Discount, got.Totals.ShippingDiscount, ends[0].want.saved, ends[0].given)
	}
	b, want := ends[end].brute, ends[end].want

	for _, d := range got.Decisions {
		if d.Code == promo.CodeInvalid || d.Code == "" {
			t.Fatalf("seed %d: %s is %q: %s", seed, d.Promotion, d.Code, d.Params.Rule)
		}
	}
	saved := got.Totals.Discount.Minor() + got.Totals.ShippingDiscount.Minor()
	if !got.Search.Optimal || saved != want.saved {
		t.Fatalf("seed %d: saved %d of %d, optimal %v", seed, saved, want.saved, got.Search.Optimal)
	}
	var applied []promo.Candidate
	coupons := 0
	for _, c := range b.cands {
		for _, d := range got.Decisions {
			if d.Promotion == c.Promotion.ID && d.Applied() && !gives(c) {
				applied = append(applied, c)
				if c.Coupon != nil {
					coupons++
				}
			}
		}
	}
	if !b.legal(applied) {
		t.Fatalf("seed %d: the choice is not legal", seed)
	}
	if coupons != want.coupons {
		t.Fatalf("seed %d: %d coupons instead of %d", seed, coupons, want.coupons)
	}
	played := b.play(applied)
	if !slices.Equal(played.used, want.used) {
		t.Fatalf("seed %d: uses the coupons %v instead of %v", seed, played.used, want.used)
	}
	n := 0
	for _, a := range got.Allocations {
		key := string(a.Line) + a.Shipment
		if played.alloc[string(a.Promotion)][key] != a.Amount.Minor() {
			t.Fatalf("seed %d: %s takes %d off %s instead of %d", seed, a.Promotion, a.Amount.Minor(), key, played.alloc[string(a.Promotion)][key])
		}
		n++
	}
	for _, amounts := range played.alloc {
		n -= len(amounts)
	}
	if n != 0 {
		t.Fatalf("seed %d: %d allocations too many", seed, n)
	}

	var given []string
	for _, g := range got.Gifts {
		given = append(given, fmt.Sprint(g.Promotion, " ", g.SKU, g.Quantity))
	}
	for _, r := range got.Rewards {
		given = append(given, fmt.Sprint(r.Promotion, " ", r.Kind, r.Count))
	}
	grants, of := b.grants(applied)
	slices.Sort(grants)
	slices.Sort(given)
	if !slices.Equal(grants, given) {
		t.Fatalf("seed %d: gives %v instead of %v", seed, given, grants)
	}
	for _, c := range b.after {
		if c.Pinned && !b.unfixed && !of[string(c.Promotion.ID)] {
			t.Fatalf("seed %d: %s keeps others out in vain", seed, c.Promotion.ID)
		}
	}
}

// The units of a bundle are the dearest. Once those that have a floor are
// cheaper than others that have none, a bundle takes off more.
func TestBundleGainsByDiscountsOfFlooredLines(t *testing.T) {
	t.Parallel()
	offer := func(id ref.PromotionID, level promo.Level, b promo.Benefit) promo.Candidate {
		return promo.Candidate{Promotion: promo.Promotion{
			ID: id, Version: 1, Merchant: "m1", Level: level, Groups: []promo.GroupID{}, Benefit: b,
		}}
	}
	price := offer("price", promo.LevelPrice, promo.Benefit{Fixed: &promo.Fixed{Off: usd(319), Per: promo.PerUnit}})
	less := offer("less", promo.LevelLine, promo.Benefit{Percent: &promo.Percent{PPM: 253_921}})
	more := offer("more", promo.LevelLine, promo.Benefit{Percent: &promo.Percent{PPM: 419_914}})
	more.Promotion.Sharing = promo.Sharing{Mode: promo.ShareWith, Owners: []ref.MerchantID{""}}
	bundle := offer("bundle", "", promo.Benefit{Bundle: &promo.Bundle{Parts: []promo.Part{{Quantity: 2}}, Price: usd(73), Times: 1}})
	bundle.Promotion.Merchant = ""
	compare(t, newEngine(t), promo.Input{
		Cart: promo.Cart{Currency: "USD", Lines: []promo.Line{
			{ID: "l0", SKU: "s0", Merchant: "m0", Quantity: 2, Unit: usd(965)},
			{ID: "l1", SKU: "s1", Merchant: "m1", Quantity: 2, Unit: usd(1100), Floor: usd(374)},
		}},
		Candidates: []promo.Candidate{price, less, more, bundle},
	}, 0)
}

// Where both take a line to its floor, the first of two pinned prices keeps it,
// though the other takes more off in all.
func TestPinnedPricesKeepALineEach(t *testing.T) {
	t.Parallel()
	whole := promo.Promotion{ID: "whole", Version: 1, Level: promo.LevelPrice, Redeem: promo.RedeemCoupon}
	whole.Benefit.Percent = &promo.Percent{PPM: 1_000_000}
	some := promo.Promotion{ID: "some", Version: 1, Level: promo.LevelPrice, Redeem: promo.RedeemCoupon, Priority: 1}
	some.Benefit.Fixed = &promo.Fixed{Off: usd(379), Per: promo.PerUnit}
	compare(t, newEngine(t), promo.Input{
		Cart: promo.Cart{Currency: "USD", Lines: []promo.Line{
			{ID: "l0", SKU: "s0", Merchant: "m", Quantity: 1, Unit: usd(400)},
			{ID: "l1", SKU: "s1", Merchant: "m", Quantity: 1, Unit: usd(325), Floor: usd(11)},
		}},
		Candidates: []promo.Candidate{
			{Promotion: whole, Coupon: &promo.Coupon{ID: "a"}, Pinned: true},
			{Promotion: some, Coupon: &promo.Coupon{ID: "b"}, Pinned: true},
		},
	}, 0)
}

// Evaluations use the memory of others again, and yet share nothing.
func TestEvaluationsAtOnceDoNotMix(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	for shard := range 4 {
		t.Run(fmt.Sprint(shard), func(t *testing.T) {
			t.Parallel()
			var got, want []promo.Result
			carts := 100
			if testing.Short() {
				carts = 20
			}
			for k := range carts {
				in := newMaker(uint64(shard*1_000 + k)).input(1 + k%9)
				result, err := engine.Evaluate(in)
				require.NoError(t, err)
				got = append(got, result)
				result, err = newEngine(t).Evaluate(in)
				require.NoError(t, err)
				want = append(want, result)
			}
			require.Equal(t, want, got)
		})
	}
}
