package promo_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// The sums of a result are exact: by promotion, by line, by bearer.
func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		in := newMaker(rapid.Uint64().Draw(t, "seed")).input(8)
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		byLine, byPromotion, byParty := map[string]int64{}, map[ref.PromotionID]int64{}, map[string]int64{}
		sum := int64(0)
		for _, a := range result.Allocations {
			require.Positive(t, a.Amount.Minor())
			rows := int64(0)
			for _, b := range a.Bearers {
				require.Positive(t, b.Amount.Minor())
				rows += b.Amount.Minor()
				byParty[string(a.Promotion)+string(b.Party)] += b.Amount.Minor()
			}
			require.Equal(t, a.Amount.Minor(), rows)
			byLine[string(a.Line)+"/"+a.Shipment] += a.Amount.Minor()
			byPromotion[a.Promotion] += a.Amount.Minor()
			sum += a.Amount.Minor()
		}
		payable := int64(0)
		for i, line := range result.Lines {
			require.Equal(t, line.Discount.Minor(), byLine[string(line.Line)+"/"])
			require.GreaterOrEqual(t, line.Net.Minor(), int64(0))
			require.Equal(t, line.List.Minor()-line.Discount.Minor(), line.Net.Minor())
			floor := in.Cart.Lines[i].Floor.Minor() * int64(in.Cart.Lines[i].Quantity)
			require.GreaterOrEqual(t, line.Net.Minor(), min(floor, line.List.Minor()))
			payable += line.Net.Minor()
		}
		for _, s := range result.Shipments {
			require.Equal(t, s.Discount.Minor(), byLine["/"+s.Shipment])
			require.GreaterOrEqual(t, s.Net.Minor(), int64(0))
			payable += s.Net.Minor()
		}
		require.Equal(t, payable, result.Totals.Payable.Minor())
		require.Equal(t, sum, result.Totals.Discount.Minor()+result.Totals.ShippingDiscount.Minor())
		for _, d := range result.Decisions {
			if !d.Applied() || d.Working == nil { // a gift or a reward
				require.Zero(t, byPromotion[d.Promotion])
				continue
			}
			require.Equal(t, d.Working.Amount.Minor(), byPromotion[d.Promotion])
			require.Equal(t, d.Working.Raw.Minor(), d.Working.Amount.Minor()+d.Working.Cut.Minor())
		}
		for _, c := range in.Candidates {
			funding := c.Promotion.Funding
			for i, f := range funding {
				got, exact := byParty[string(c.Promotion.ID)+string(f.Party)], byPromotion[c.Promotion.ID]*f.PPM
				if i == 0 && !f.Cap.IsZero() {
					require.LessOrEqual(t, got, f.Cap.Minor())
				} else if funding[0].Cap.IsZero() {
					require.InDelta(t, 0, got*1_000_000-exact, 1_000_000)
				}
			}
		}
	})
}

func TestOrderOfLinesAndCandidatesChangesNothing(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		in := newMaker(seed).input(8)
		want, err := engine.Evaluate(in)
		require.NoError(t, err)
		random := rand.New(rand.NewPCG(seed, 5))
		lines, ships, candidates := slices.Clone(in.Cart.Lines), slices.Clone(in.Cart.Shipments), slices.Clone(in.Candidates)
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		random.Shuffle(len(ships), func(i, j int) { ships[i], ships[j] = ships[j], ships[i] })
		random.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
		slices.Reverse(in.Groups)
		in.Cart.Lines, in.Cart.Shipments, in.Candidates = lines, ships, candidates
		got, err := engine.Evaluate(in)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// Where groups pick the best and no gift or reward is insisted on, one more offer
// never makes a cart dearer, if what is insisted on has a place before and after.
func TestAnotherOfferNeverRaisesThePayable(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		in := newMaker(rapid.Uint64().Draw(t, "seed")).input(8)
		for i := range in.Groups {
			in.Groups[i].Pick = promo.ChooseBest
		}
		for i := range in.Candidates {
			c := &in.Candidates[i]
			c.Pinned = c.Pinned && !gives(*c)
		}
		slices.SortStableFunc(in.Candidates, func(c, o promo.Candidate) int { // which stay
			switch {
			case c.Pinned == o.Pinned:
				return 0
			case c.Pinned:
				return -1
			}
			return 1
		})
		all := in.Candidates
		last := int64(-1)
		for n := len(all); n >= 0 && (n == len(all) || !all[n].Pinned); n-- {
			in.Candidates = all[:n]
			result, err := engine.Evaluate(in)
			require.NoError(t, err)
			require.True(t, result.Search.Optimal)
			if slices.ContainsFunc(result.Decisions, func(d promo.Decision) bool { return d.Unpinned }) {
				last = -1 // a discount has no place, and keeps nobody out
				continue
			}
			require.GreaterOrEqual(t, result.Totals.Payable.Minor(), last)
			last = result.Totals.Payable.Minor()
		}
	})
}

// It may where a gift is insisted on, which the new offer lets be given: then the
// gift keeps out again what it excludes.
func TestAnotherOfferMayGiveThePinnedGift(t *testing.T) {
	t.Parallel()
	on := func(p promo.Promotion, sku ref.SKUID, groups ...promo.GroupID) promo.Promotion {
		p.Lines.SKUs, p.Groups = []ref.SKUID{sku}, append([]promo.GroupID{}, groups...)
		return p
	}
	a := on(gift("a", 800, "cup"), "l1")
	a.Sharing = promo.Sharing{Mode: promo.ShareWith, Classes: []promo.Class{promo.ClassLine, promo.ClassReduction}}
	r := orderLevel(offer("r", across(500)))
	r.Groups, r.Redeem = []promo.GroupID{}, promo.RedeemCoupon
	d, y := on(offer("d", across(300)), "l1", "one"), on(offer("y", across(301)), "l2", "one")
	in := of([]promo.Line{line("l1", 1, 1000), line("l2", 1, 1000)}, d)
	in.Groups = []promo.Group{{ID: "one", Per: promo.OneOrder}}
	in.Candidates = append(in.Candidates, held(a, true), held(r, false))
	engine := newEngine(t)
	evaluate := func() promo.Result {
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		require.True(t, result.Search.Optimal)
		compare(t, engine, in, 0)
		return result
	}
	before := evaluate()
	require.Equal(t, usd(1200), before.Totals.Payable)
	require.True(t, decision(before, "a").Unpinned)
	in.Candidates = append(in.Candidates, promo.Candidate{Promotion: y})
	after := evaluate()
	require.Equal(t, usd(1699), after.Totals.Payable)
	require.Len(t, after.Gifts, 1)
	require.Equal(t, usd(500), after.Search.PinCost)
}

// So it does where pins are left that a search to the end might have eased.
func TestACutSearchWithPinsBoundsItsGap(t *testing.T) {
	t.Parallel()
	exact := newEngine(t)
	cut, off := 0, 0
	for seed := range uint64(3_000) {
		m := newMaker(seed)
		in := m.input(8)
		for i := range 3 {
			c := m.after(10 + i)
			c.Promotion.Redeem, c.Pinned, c.Coupon = promo.RedeemCoupon, true, &promo.Coupon{ID: ref.CouponID(c.Promotion.ID)}
			c.Promotion.When = promo.Condition{Amount: &promo.AmountCondition{Min: m.amount(1, 4000), Basis: promo.BasisPaid}}
			in.Candidates = append(in.Candidates, c)
		}
		for i := range in.Groups {
			in.Groups[i].Pick = promo.ChooseBest
		}
		engine, err := promo.NewEngine(promo.Config{MaxNodes: 1 + int(seed%12)})
		require.NoError(t, err)
		want, err := exact.Evaluate(in)
		require.NoError(t, err)
		got, err := engine.Evaluate(in)
		require.NoError(t, err)
		missed := got.Totals.Payable.Minor() - want.Totals.Payable.Minor()
		require.GreaterOrEqual(t, got.Search.Gap.Minor(), missed, "seed %d", seed)
		if !got.Search.Optimal {
			cut++
		}
		if missed > 0 {
			off++
		}
	}
	require.Greater(t, cut, 100)
	require.Greater(t, off, 10)
}

// A search that ends early says by how much it may be off, and is still exact
// in all it says.
func TestACutSearchBoundsItsGap(t *testing.T) {
	t.Parallel()
	exact := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		in := newMaker(rapid.Uint64().Draw(t, "seed")).input(10)
		for i := range in.Candidates {
			in.Candidates[i].Pinned = false
		}
		engine, err := promo.NewEngine(promo.Config{MaxNodes: rapid.IntRange(1, 12).Draw(t, "nodes")})
		require.NoError(t, err)
		want, err := exact.Evaluate(in)
		require.NoError(t, err)
		got, err := engine.Evaluate(in)
		require.NoError(t, err)
		off := got.Totals.Payable.Minor() - want.Totals.Payable.Minor()
		require.GreaterOrEqual(t, got.Search.Gap.Minor(), off)
		require.Equal(t, got.Search.Gap.IsZero(), got.Search.Optimal)
	})
}

func FuzzPromotionJSON(f *testing.F) {
	for seed := range uint64(40) {
		data, err := json.Marshal(newMaker(seed).promotion(0))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"id":"p","version":1,"name":"x","benefit":{"fixed":{"off":{"currency":"USD","minor":9007199254740991},"per":"unit"}}}`))
	f.Add([]byte(`{"id":"p","version":1,"name":"x","benefit":{"nth":{"n":-1,"ppm":-5}},"when":{"not":{"not":null}}}`))
	engine, err := promo.NewEngine(promo.Config{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := promo.Decode(data)
		if err != nil {
			return
		}
		invalid := engine.Validate(&p)
		in := newMaker(1).input(3)
		in.Candidates = append(in.Candidates, promo.Candidate{Promotion: p, Coupon: &promo.Coupon{ID: "c"}})
		result, err := engine.Evaluate(in)
		if err != nil {
			t.Fatal(err)
		}
		if result.Totals.Payable.Sign() < 0 {
			t.Fatal("negative payable")
		}
		for _, d := range result.Decisions {
			if d.Promotion == p.ID && invalid != nil && d.Applied() {
				t.Fatalf("applied, but not valid: %v", invalid)
			}
		}
		again, err := json.Marshal(p)
		if err != nil {
			return // an amount that may not be written
		}
		twice, err := promo.Decode(again)
		if err != nil {
			t.Fatal(err)
		}
		last, err := json.Marshal(twice)
		if err != nil || string(last) != string(again) {
			t.Fatalf("%s became %s", again, last)
		}
	})
}
