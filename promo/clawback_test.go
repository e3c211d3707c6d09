package promo_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// returner gives an order back, step by step.
type returner struct {
	engine *promo.Engine
	in     promo.Input // with the candidates that applied
	sold   promo.Sold
	paid   int64 // for the lines

	back   map[ref.LineID]ref.Quantity
	away   map[ref.LineID]ref.Quantity // of back: withdrawn by others
	gifts  []ref.Quantity              // kept
	before []promo.ClawBack
	got    int64 // paid back
}

func newReturner(t require.TestingT, engine *promo.Engine, in promo.Input) *returner {
	result, err := engine.Evaluate(in)
	require.NoError(t, err)
	r := &returner{engine: engine, in: in, sold: promo.NewSold(in.Cart, result), back: map[ref.LineID]ref.Quantity{}, away: map[ref.LineID]ref.Quantity{}}
	r.in.Candidates = nil
	for _, c := range in.Candidates {
		for _, d := range result.Decisions {
			if d.Promotion == c.Promotion.ID && d.Applied() {
				r.in.Candidates = append(r.in.Candidates, c)
			}
		}
	}
	for _, l := range result.Lines {
		r.paid += l.Net.Minor()
	}
	for _, g := range r.sold.Gifts {
		r.gifts = append(r.gifts, g.Quantity)
	}
	return r
}

func (r *returner) kept() map[ref.LineID]ref.Quantity {
	kept := map[ref.LineID]ref.Quantity{}
	for _, l := range r.in.Cart.Lines {
		kept[l.ID] = l.Quantity - r.back[l.ID]
	}
	return kept
}

func (r *returner) ask(t require.TestingT, before []promo.ClawBack, refund int64) []promo.ClawBack {
	entries, err := r.engine.ClawBack(promo.ClawBackInput{
		Cart: r.in.Cart, Applied: r.in.Candidates, Groups: r.in.Groups, At: r.in.Now, Sold: r.sold,
		Kept: r.kept(), KeptGifts: r.gifts, Withdrawn: r.away, Before: before, Refund: usd(refund),
	})
	require.NoError(t, err)
	return entries
}

// give gives pieces back and returns what goes to the buyer.
func (r *returner) give(t require.TestingT, lines map[ref.LineID]ref.Quantity, gifts map[int]ref.Quantity) int64 {
	var returns []promo.Return
	for id, n := range lines {
		returns = append(returns, promo.Return{Line: id, Before: r.back[id], Quantity: n})
	}
	reversed, err := r.sold.Reverse(returns...)
	require.NoError(t, err)
	for id, n := range lines {
		r.back[id] += n
	}
	for i, n := range gifts {
		r.gifts[i] -= n
	}
	entries := r.ask(t, r.before, reversed.Refund.Minor())
	out := reversed.Refund.Minor()
	for _, e := range entries {
		require.NotEmpty(t, e.Bearers)
		sum := int64(0)
		for _, by := range e.Bearers {
			require.False(t, by.Amount.IsZero())
			sum += by.Amount.Minor()
		}
		require.Equal(t, e.Amount.Minor(), sum)
		out -= sum
	}
	require.GreaterOrEqual(t, out, int64(0), "the buyer never pays")
	r.before = append(r.before, entries...)
	r.got += out
	return out
}

type bearing struct {
	promotion ref.PromotionID
	party     promo.Party
	merchant  ref.MerchantID
}

func bearingOf(p ref.PromotionID, party promo.Party, m ref.MerchantID) bearing {
	if party == promo.PartySite {
		m = ""
	}
	return bearing{p, party, m}
}

func clawed(entries []promo.ClawBack) map[bearing]int64 {
	out := map[bearing]int64{}
	for _, e := range entries {
		for _, by := range e.Bearers {
			key := bearingOf(e.Promotion, by.Party, by.Merchant)
			if out[key] += by.Amount.Minor(); out[key] == 0 {
				delete(out, key)
			}
		}
	}
	return out
}

// bears returns what each bears of what is still kept, by what was reversed.
func (r *returner) bears(t require.TestingT) map[bearing]int64 {
	out := map[bearing]int64{}
	for _, l := range r.sold.Lines {
		for _, a := range l.Allocations {
			for _, by := range a.Bearers {
				out[bearingOf(a.Promotion, by.Party, a.Merchant)] += by.Amount.Minor()
			}
		}
		if r.back[l.ID] == 0 {
			continue
		}
		reversed, err := r.sold.Reverse(promo.Return{Line: l.ID, Quantity: r.back[l.ID]})
		require.NoError(t, err)
		for _, a := range reversed.Parts[0].Allocations {
			for _, by := range a.Bearers {
				out[bearingOf(a.Promotion, by.Party, a.Merchant)] -= by.Amount.Minor()
			}
		}
	}
	for i, g := range r.sold.Gifts {
		if r.gifts[i] > 0 {
			for _, by := range g.Bearers {
				out[bearingOf(g.Promotion, by.Party, g.Merchant)] += by.Amount.Minor()
			}
		}
	}
	return out
}

// due returns what the buyer owes by the rule, told by the second
// implementation of the semantics: of each promotion what the kept units carry
// less what they earn, and the difference to what they would cost.
func (r *returner) due(t require.TestingT) (byPromotion map[ref.PromotionID]int64, difference int64) {
	kept := r.in
	kept.Cart.Lines = nil
	for _, l := range r.in.Cart.Lines {
		if l.Quantity += r.away[l.ID] - r.back[l.ID]; l.Quantity > 0 {
			kept.Cart.Lines = append(kept.Cart.Lines, l)
		}
	}
	var played []promo.Candidate
	for _, c := range r.in.Candidates {
		if c.Promotion.Phase() < promo.PhaseAfter {
			played = append(played, c)
		}
	}
	again := newBrute(kept).play(played).alloc
	byPromotion = map[ref.PromotionID]int64{}
	for _, c := range r.in.Candidates {
		if c.Promotion.Phase() >= promo.PhaseShipping {
			continue
		}
		carried := int64(0)
		for key, n := range r.bears(t) {
			if key.promotion == c.Promotion.ID {
				carried += n
			}
		}
		earned := int64(0)
		for line, off := range again[string(c.Promotion.ID)] {
			if r.away[ref.LineID(line)] == 0 {
				earned += off
			}
		}
		difference += carried - earned
		if c.Promotion.OnPartialRefund == promo.RefundClawBack && carried > earned {
			byPromotion[c.Promotion.ID] = carried - earned
		}
	}
	return byPromotion, max(0, difference)
}

// orderOf is a random order with offers of every policy.
func orderOf(seed uint64) promo.Input {
	m := newMaker(seed)
	in := m.input(6)
	for i := range in.Candidates {
		p := &in.Candidates[i].Promotion
		if p.Phase() < promo.PhaseShipping && !m.one(3) {
			p.OnPartialRefund = promo.RefundClawBack
		}
		if m.one(2) {
			p.Groups, p.Sharing = []promo.GroupID{}, promo.Sharing{}
		}
	}
	for i := range 2 {
		g := promo.Promotion{
			ID: ref.PromotionID([]string{"gift-a", "gift-b"}[i]), Version: 1,
			When:    promo.Condition{Amount: &promo.AmountCondition{Min: m.amount(1, 3000)}},
			Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "cup", Quantity: ref.Quantity(1 + m.IntN(3)), Value: m.amount(1, 999)}}}},
			Funding: []promo.Funding{{Party: promo.PartySite, PPM: 400_000}, {Party: promo.PartySupplier, PPM: 600_000}},
		}
		if m.one(2) {
			g.OnPartialRefund = promo.RefundReturnGift
		}
		in.Candidates = append(in.Candidates, promo.Candidate{Promotion: g})
	}
	return in
}

// Whatever the offers, their policies, the partition and the order of the
// returns: the buyer never pays, nobody gets back more than it bore, what is
// clawed back follows from what is kept alone, and where everything came back,
// so did everything that was paid.
func TestClawBacksFollowFromWhatIsKept(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r := newReturner(t, engine, orderOf(seed))
		random := rand.New(rand.NewPCG(seed, 11))
		type piece struct {
			line ref.LineID
			gift int
		}
		var pieces []piece
		for _, l := range r.in.Cart.Lines {
			for range l.Quantity {
				pieces = append(pieces, piece{line: l.ID})
			}
		}
		for i, n := range r.gifts {
			for range n {
				pieces = append(pieces, piece{gift: i})
			}
		}
		random.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		for len(pieces) > 0 {
			n := 1 + random.IntN(min(3, len(pieces)))
			lines, gifts := map[ref.LineID]ref.Quantity{}, map[int]ref.Quantity{}
			for _, p := range pieces[:n] {
				if p.line == "" {
					gifts[p.gift]++
				} else {
					lines[p.line]++
				}
			}
			pieces = pieces[n:]
			if id := pieceOf(lines); id != "" && random.IntN(4) == 0 { // others take away what is left of it
				pieces = slices.DeleteFunc(pieces, func(p piece) bool { return p.line == id })
				lines[id] = r.kept()[id]
				r.away[id] = lines[id]
			}
			went := r.give(t, lines, gifts)

			now, most := clawed(r.before), r.bears(t)
			for key, amount := range now {
				require.Positive(t, amount, "%+v", key)
				require.LessOrEqual(t, amount, most[key], "%+v got more than it bears", key)
			}
			fresh := r.ask(t, nil, 1<<40)
			if went > 0 { // else there may have been too little to take it from
				require.Equal(t, clawed(fresh), now)
			}
			want, difference := r.due(t)
			sum, all := map[ref.PromotionID]int64{}, int64(0)
			for _, e := range fresh {
				if !e.Gift {
					sum[e.Promotion] = e.Amount.Minor()
					all += e.Amount.Minor()
				}
			}
			if owed := total(named(want)); owed <= difference {
				require.Equal(t, want, sum)
			} else {
				require.Equal(t, difference, all, "no more than the kept units would have cost")
			}
		}
		require.Equal(t, r.paid, r.got)
		require.Empty(t, clawed(r.before))
	})
}

// pieceOf returns a line of those that come back.
func pieceOf(lines map[ref.LineID]ref.Quantity) ref.LineID {
	ids := slices.Sorted(maps.Keys(lines))
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

func named(in map[ref.PromotionID]int64) map[string]int64 {
	out := map[string]int64{}
	for id, n := range in {
		out[string(id)] = n
	}
	return out
}

// Six at 20.00 with 12.00 off from 100.00: however they come back, it is 108.00
// in the end, and at each point what the kept ones cost follows from them.
func TestClawBacksDoNotDependOnThePartition(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	p := promo.Promotion{
		ID: "p", Version: 1, OnPartialRefund: promo.RefundClawBack,
		Benefit: promo.Benefit{Tiers: &promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Tiers: []promo.Tier{
			{Amount: usd(4000), Off: usd(200)}, {Amount: usd(10000), Off: usd(1200)},
		}}},
	}
	out := map[ref.Quantity]int64{0: 0, 1: 2000, 2: 3800, 3: 5800, 4: 7800, 5: 9000}
	for _, parts := range [][]ref.Quantity{{6}, {5, 1}, {3, 2, 1}, {3, 3}, {1, 1, 1, 1, 1, 1}} {
		r := newReturner(t, engine, of([]promo.Line{line("a", 6, 2000)}, p))
		left := ref.Quantity(6)
		for _, n := range parts {
			r.give(t, map[ref.LineID]ref.Quantity{"a": n}, nil)
			left -= n
			require.Equal(t, out[left], r.paid-r.got, "%v, %d are kept", parts, left)
		}
	}
}

// 10.00 off from 110.00 on two at 60.00 and two at 20.00: who takes away decides
// what the others earn.
func TestWhatWasWithdrawnStillEarns(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	p := offer("p", across(1000))
	p.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(11000), Basis: promo.BasisList}}
	p.OnPartialRefund = promo.RefundClawBack
	for _, c := range []struct{ away, back, due int64 }{
		{2, 0, 0}, {0, 2, 250}, {1, 0, 0}, {1, 1, 250}, {0, 1, 250 + 375},
	} {
		r := newReturner(t, engine, of([]promo.Line{line("a", 2, 6000), line("b", 2, 2000)}, p))
		r.away["a"] = ref.Quantity(c.away)
		r.give(t, map[ref.LineID]ref.Quantity{"a": ref.Quantity(c.away + c.back)}, nil)
		require.Equal(t, c.due, total(named(amounts(r.before))), "%+v", c)
	}
}

// Where 10 % of tax come on top, the buyer paid that much less too: the kept ones
// cost what they would have cost alone, tax and all, and so does a gift.
func TestTheTaxOnWhatIsClawedBackIsTakenToo(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	p := promo.Promotion{
		ID: "p", Version: 1, OnPartialRefund: promo.RefundClawBack,
		Benefit: promo.Benefit{Tiers: &promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Tiers: []promo.Tier{
			{Amount: usd(4000), Off: usd(200)}, {Amount: usd(10000), Off: usd(1200)},
		}}},
		Funding: []promo.Funding{{Party: promo.PartyMerchant, PPM: 1_000_000}},
	}
	cup := promo.Promotion{
		ID: "cup", Version: 1, OnPartialRefund: promo.RefundReturnGift,
		When:    promo.Condition{Amount: &promo.AmountCondition{Min: usd(8500)}},
		Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "cup", Quantity: 1, Value: usd(505)}}}},
	}
	in := of([]promo.Line{line("a", 6, 2000)}, p, cup)
	r := newReturner(t, engine, in)
	ask := func(kept ref.Quantity, before []promo.ClawBack) []promo.ClawBack {
		entries, err := engine.ClawBack(promo.ClawBackInput{
			Cart: in.Cart, Applied: r.in.Candidates, At: in.Now, Sold: r.sold, Before: before, Refund: usd(9999),
			Kept: map[ref.LineID]ref.Quantity{"a": kept}, TaxPPM: map[ref.LineID]int64{"a": 100_000}, GiftTaxPPM: []int64{100_000},
		})
		require.NoError(t, err)
		return entries
	}
	require.Empty(t, ask(5, nil))
	four := ask(4, nil)
	require.Equal(t, map[bearing]int64{
		{"p", promo.PartyMerchant, "m"}: 600, {"p", promo.PartyTax, ""}: 60,
		{"cup", promo.PartySite, ""}: 505, {"cup", promo.PartyTax, ""}: 51,
	}, clawed(four))
	require.Empty(t, ask(4, four))
	require.Equal(t, map[bearing]int64{{"p", promo.PartyMerchant, "m"}: -200, {"p", promo.PartyTax, ""}: -20}, clawed(ask(3, four)))
	_, err := engine.ClawBack(promo.ClawBackInput{Cart: in.Cart, Refund: usd(1), TaxPPM: map[ref.LineID]int64{"a": -1}, GiftTaxPPM: []int64{1}})
	require.ErrorIs(t, err, fault.Invalid)
	require.ErrorContains(t, err, "tax_ppm")
}

func amounts(entries []promo.ClawBack) map[ref.PromotionID]int64 {
	out := map[ref.PromotionID]int64{}
	for _, e := range entries {
		out[e.Promotion] += e.Amount.Minor()
	}
	return out
}

// 20.00 off from 100.00, then half of the rest: of ten at 10.00 six are kept.
// A quote of these would be 30.00, and that is what they cost in the end, though
// they carry 12.00 of the first offer.
func TestClawBacksAreBoundedByWhatTheRestWouldCost(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	a := offer("a", across(2000))
	a.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(10000), Basis: promo.BasisList}}
	a.OnPartialRefund, a.Priority = promo.RefundClawBack, 1
	r := newReturner(t, engine, of([]promo.Line{line("x", 10, 1000)}, a, orderLevel(offer("b", percentOff(500_000)))))
	r.give(t, map[ref.LineID]ref.Quantity{"x": 4}, nil)
	require.EqualValues(t, 3000, r.paid-r.got)
}

// A supplier bears at most 1.00 of an offer, and never gets back more.
func TestBearersOfClawBacksGetBackWhatTheyBore(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	p := promo.Promotion{
		ID: "p", Version: 1, OnPartialRefund: promo.RefundClawBack, Benefit: across(1200),
		When:    promo.Condition{Amount: &promo.AmountCondition{Min: usd(10000)}},
		Funding: []promo.Funding{{Party: promo.PartySupplier, PPM: 500_000, Cap: usd(100)}, {Party: promo.PartySite, PPM: 500_000}},
	}
	in := of([]promo.Line{line("a", 6, 2000)}, p)
	r := newReturner(t, engine, in)
	r.give(t, map[ref.LineID]ref.Quantity{"a": 2}, nil)
	require.Equal(t, map[bearing]int64{{"p", promo.PartySupplier, "m"}: 67, {"p", promo.PartySite, ""}: 733}, clawed(r.before))
	r.give(t, map[ref.LineID]ref.Quantity{"a": 3}, nil)
	require.Equal(t, map[bearing]int64{{"p", promo.PartySupplier, "m"}: 17, {"p", promo.PartySite, ""}: 183}, clawed(r.before))
	r.give(t, map[ref.LineID]ref.Quantity{"a": 1}, nil)
	require.Empty(t, clawed(r.before))
	require.Equal(t, r.paid, r.got)
}

// A gift and a tenth off of versions that are not valid any more are not due,
// though another offer that is still known is: the buyer keeps what they gave.
func TestWhatCannotBePlayedAgainIsNotDue(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	cup := gift("cup", 5000, "cup")
	cup.OnPartialRefund = promo.RefundReturnGift
	tenth := offer("tenth", percentOff(100_000))
	tenth.OnPartialRefund = promo.RefundClawBack
	ten := orderLevel(offer("ten", across(1000)))
	ten.When = promo.Condition{Amount: &promo.AmountCondition{Min: usd(13000), Basis: promo.BasisList}}
	ten.OnPartialRefund = promo.RefundClawBack
	ask := func(in promo.Input, spoil bool) map[ref.PromotionID]int64 {
		r := newReturner(t, engine, in)
		for i := range r.in.Candidates {
			switch p := &r.in.Candidates[i].Promotion; {
			case !spoil:
			case p.ID == "cup":
				p.Limits.Budget = usd(5000)
			case p.ID == "tenth":
				p.Benefit = promo.Benefit{Custom: &promo.Custom{Kind: "dropped"}}
			}
		}
		require.Len(t, r.in.Candidates, len(in.Candidates))
		r.give(t, map[ref.LineID]ref.Quantity{"b": 2}, nil)
		return amounts(r.before)
	}
	lines := []promo.Line{line("a", 2, 6000), line("b", 2, 2000)}
	require.Empty(t, ask(of(lines, cup, tenth), false), "both are earned")
	require.Empty(t, ask(of(lines, cup, tenth), true))
	require.Equal(t, map[ref.PromotionID]int64{"ten": 750}, ask(of(lines, cup, tenth, ten), true))
}

// A gift that is not earned is due for the pieces that are kept, as long as
// they are.
func TestAGiftIsDueUntilItComesBack(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	gift := promo.Promotion{
		ID: "g", Version: 1, OnPartialRefund: promo.RefundReturnGift,
		When:    promo.Condition{Amount: &promo.AmountCondition{Min: usd(5000)}},
		Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "cup", Quantity: 2, Value: usd(501)}}}},
	}
	r := newReturner(t, engine, of([]promo.Line{line("a", 3, 2000)}, gift))
	require.EqualValues(t, 4000-501, r.give(t, map[ref.LineID]ref.Quantity{"a": 2}, nil))
	require.EqualValues(t, 250, r.give(t, nil, map[int]ref.Quantity{0: 1}))
	require.EqualValues(t, 2000, r.give(t, map[ref.LineID]ref.Quantity{"a": 1}, nil), "it stays due where all else came back")
	require.EqualValues(t, 251, r.give(t, nil, map[int]ref.Quantity{0: 1}))
	require.Equal(t, r.paid, r.got)
}

func TestWhatDoesNotFitAnOrderIsNotClawedBack(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	cart := promo.Cart{Currency: "USD", Lines: []promo.Line{line("a", 2, 100)}}
	sold := promo.Sold{Gifts: []promo.SoldGift{{SKU: "cup", Quantity: 1, Value: usd(5)}}}
	for name, in := range map[string]promo.ClawBackInput{
		"kept":          {Kept: map[ref.LineID]ref.Quantity{"a": 3}, Refund: usd(1)},
		"refund":        {Refund: usd(-1)},
		"withdrawn":     {Kept: map[ref.LineID]ref.Quantity{"a": 1}, Withdrawn: map[ref.LineID]ref.Quantity{"a": 2}, Refund: usd(1)},
		"kept_gifts":    {KeptGifts: []ref.Quantity{1, 1}, Refund: usd(1)},
		"kept_gifts[0]": {KeptGifts: []ref.Quantity{2}, Refund: usd(1)},
		"before[0]":     {Before: []promo.ClawBack{{Promotion: "p"}}, Refund: usd(1)},
	} {
		in.Cart, in.Sold = cart, sold
		_, err := engine.ClawBack(in)
		require.ErrorIs(t, err, fault.Invalid, name)
		require.ErrorContains(t, err, name)
	}
}

func TestUnitsComeBackOnce(t *testing.T) {
	t.Parallel()
	sold := promo.Sold{
		Lines:     []promo.SoldLine{{ID: "a", Quantity: 3, Unit: usd(100)}},
		Shipments: []promo.SoldShipment{{ID: "s", Rate: usd(50)}},
	}
	for at, returns := range map[string][]promo.Return{
		"returns[1].before":   {{Line: "a", Quantity: 2}, {Line: "a", Before: 1, Quantity: 2}},
		"returns[2].shipment": {{Shipment: "s"}, {Line: "a", Quantity: 2}, {Shipment: "s"}},
	} {
		_, err := sold.Reverse(returns...)
		require.ErrorIs(t, err, fault.Invalid)
		require.ErrorContains(t, err, at)
	}
	r, err := sold.Reverse(promo.Return{Line: "a", Before: 1, Quantity: 2}, promo.Return{Line: "a", Quantity: 1}, promo.Return{Shipment: "s"})
	require.NoError(t, err)
	require.Equal(t, usd(350), r.Refund)
}
