package promo_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

func line(id string, quantity, unit int64) promo.Line {
	return promo.Line{ID: ref.LineID(id), SKU: ref.SKUID(id), Merchant: "m", Quantity: ref.Quantity(quantity), Unit: usd(unit)}
}

func offer(id string, b promo.Benefit) promo.Promotion {
	return promo.Promotion{ID: ref.PromotionID(id), Version: 1, Benefit: b}
}

func of(lines []promo.Line, promotions ...promo.Promotion) promo.Input {
	in := promo.Input{Now: now(), Cart: promo.Cart{Currency: "USD", Channel: "en", Buyer: promo.Buyer{ID: "ann"}, Lines: lines}}
	for _, p := range promotions {
		in.Candidates = append(in.Candidates, promo.Candidate{Promotion: p})
	}
	return in
}

func percentOff(ppm int64) promo.Benefit { return promo.Benefit{Percent: &promo.Percent{PPM: ppm}} }

func orderLevel(p promo.Promotion) promo.Promotion {
	p.Level = promo.LevelOrder
	return p
}

func across(off int64) promo.Benefit {
	return promo.Benefit{Fixed: &promo.Fixed{Off: usd(off), Per: promo.PerOrder}}
}

func tiersOf(t promo.Tiers) promo.Benefit { return promo.Benefit{Tiers: &t} }

func TestKinds(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	four := []promo.Line{line("a", 1, 106), line("b", 1, 206), line("c", 1, 306), line("d", 1, 406)}
	for _, c := range []struct {
		name  string
		in    promo.Input
		takes map[string]int64 // by line
	}{
		{"percent rounds each line", of(four, offer("p", percentOff(100_000))), map[string]int64{"a": 11, "b": 21, "c": 31, "d": 41}},
		{"percent of the order rounds the sum", of(four, orderLevel(offer("p", percentOff(100_000)))), map[string]int64{"a": 11, "b": 21, "c": 30, "d": 40}},
		{"percent of a price rounds the unit", of([]promo.Line{line("a", 10, 999)}, promo.Promotion{ID: "p", Version: 1, Level: promo.LevelPrice, Benefit: percentOff(150_000)}), map[string]int64{"a": 1500}},
		{"percent of a line rounds the line", of([]promo.Line{line("a", 10, 999)}, offer("p", percentOff(150_000))), map[string]int64{"a": 1499}},
		{"a half is rounded up", of([]promo.Line{line("a", 1, 1999)}, offer("p", percentOff(250_000))), map[string]int64{"a": 500}},
		{"everything off leaves nothing", of([]promo.Line{line("a", 3, 333)}, offer("p", percentOff(1_000_000))), map[string]int64{"a": 999}},
		{"a cap is shared out", of(four, offer("p", promo.Benefit{Percent: &promo.Percent{PPM: 500_000, Cap: usd(100)}})), map[string]int64{"a": 10, "b": 20, "c": 30, "d": 40}},
		{"each means each unit", of([]promo.Line{line("a", 3, 500)}, offer("p", promo.Benefit{Fixed: &promo.Fixed{Off: usd(100), Per: promo.PerUnit}})), map[string]int64{"a": 300}},
		{"a fixed amount per line", of([]promo.Line{line("a", 3, 500), line("b", 1, 50)}, offer("p", promo.Benefit{Fixed: &promo.Fixed{Off: usd(100), Per: promo.PerLine}})), map[string]int64{"a": 100, "b": 50}},
		{"ten over three equal lines adds up", of([]promo.Line{line("a", 1, 500), line("b", 1, 500), line("c", 1, 500)}, offer("p", across(1000))), map[string]int64{"a": 334, "b": 333, "c": 333}},
		{"no cent for a line that is free", of([]promo.Line{line("a", 1, 0), line("b", 1, 500), line("c", 1, 500)}, offer("p", across(101))), map[string]int64{"b": 51, "c": 50}},
		{"weights count quantities", of([]promo.Line{line("a", 3, 100), line("b", 1, 100)}, offer("p", across(100))), map[string]int64{"a": 75, "b": 25}},
		{"never more than the goods", of([]promo.Line{line("a", 1, 500)}, offer("p", across(9_000_000))), map[string]int64{"a": 500}},
		{"a lower price holds", of([]promo.Line{line("a", 2, 500), line("b", 1, 300)}, offer("p", promo.Benefit{Price: &promo.Price{Unit: usd(350)}})), map[string]int64{"a": 300}},
		{"the lowest price wins each line", of([]promo.Line{line("a", 1, 500), line("b", 1, 2000)},
			offer("p", promo.Benefit{Price: &promo.Price{Unit: usd(300)}}),
			promo.Promotion{ID: "q", Version: 1, Level: promo.LevelPrice, Benefit: percentOff(500_000)}), map[string]int64{"a": 250, "b": 1700}},
		{"a step", of([]promo.Line{line("a", 1, 30_000)}, offer("p", tiersOf(promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Tiers: []promo.Tier{
			{Amount: usd(10_000), Off: usd(1000)}, {Amount: usd(30_000), Off: usd(5000)}, {Amount: usd(30_001), Off: usd(9000)},
		}}))), map[string]int64{"a": 5000}},
		{"for every amount, so many times", of([]promo.Line{line("a", 1, 99_999)}, offer("p", tiersOf(promo.Tiers{By: promo.ByAmount, Mode: promo.TierEvery, Times: 5, Tiers: []promo.Tier{
			{Amount: usd(10_000), Off: usd(1000)},
		}}))), map[string]int64{"a": 5000}},
		{"graduated", of([]promo.Line{line("a", 1, 30_000)}, offer("p", tiersOf(promo.Tiers{By: promo.ByAmount, Mode: promo.TierGraduated, Tiers: []promo.Tier{
			{Amount: usd(10_000), PPM: 100_000}, {Amount: usd(20_000), PPM: 200_000},
		}}))), map[string]int64{"a": 3000}},
		{"by quantity", of([]promo.Line{line("a", 2, 100), line("b", 1, 100)}, offer("p", tiersOf(promo.Tiers{By: promo.ByQuantity, Mode: promo.TierStep, Tiers: []promo.Tier{
			{Quantity: 3, PPM: 200_000},
		}}))), map[string]int64{"a": 40, "b": 20}},
		{"the second at half price, the cheaper ones", of([]promo.Line{line("a", 2, 1000), line("b", 2, 600)}, offer("p", promo.Benefit{Nth: &promo.Nth{N: 2, PPM: 500_000}})), map[string]int64{"b": 600}},
		{"what is bought is not free, and again for every so many", of([]promo.Line{line("a", 7, 300)}, offer("p", promo.Benefit{BuyGet: &promo.BuyGet{Buy: 2, Get: 1, PPM: 1_000_000}})), map[string]int64{"a": 600}},
		{"a reward of other lines", of([]promo.Line{line("a", 4, 300), line("b", 3, 500)}, promo.Promotion{
			ID: "p", Version: 1, Lines: promo.Selector{SKUs: []ref.SKUID{"b"}},
			Benefit: promo.Benefit{BuyGet: &promo.BuyGet{Buy: 2, Get: 1, PPM: 1_000_000, Of: &promo.Selector{SKUs: []ref.SKUID{"a"}}}},
		}), map[string]int64{"b": 1000}},
		{"any three for a price, the dearest", of([]promo.Line{line("a", 2, 5000), line("b", 2, 4000), line("c", 3, 2000)}, offer("p", promo.Benefit{
			Bundle: &promo.Bundle{Parts: []promo.Part{{Quantity: 3}}, Price: usd(9900), Times: 1},
		})), map[string]int64{"a": 2929, "b": 1171}},
		{"a floor holds, and the others carry its part", of([]promo.Line{
			{ID: "a", SKU: "a", Merchant: "m", Quantity: 1, Unit: usd(1000), Floor: usd(950)}, line("b", 1, 1000),
		}, offer("p", across(200))), map[string]int64{"a": 50, "b": 150}},
		{"only what is selected", of([]promo.Line{line("a", 1, 500), line("b", 1, 500)}, promo.Promotion{
			ID: "p", Version: 1, Lines: promo.Selector{Except: []promo.Selector{{SKUs: []ref.SKUID{"a"}}}}, Benefit: across(600),
		}), map[string]int64{"b": 500}},
		{"40 % and 70 % do not make a free order", of([]promo.Line{line("a", 1, 1000)}, offer("p", percentOff(400_000)), orderLevel(offer("q", percentOff(700_000)))), map[string]int64{"a": 820}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result, err := engine.Evaluate(c.in)
			require.NoError(t, err)
			got := map[string]int64{}
			for _, l := range result.Lines {
				if l.Discount.Minor() != 0 {
					got[string(l.Line)] = l.Discount.Minor()
				}
			}
			require.Equal(t, c.takes, got)
		})
	}
}

func TestShippingNeverBelowZero(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	in := of([]promo.Line{line("a", 1, 5000)},
		offer("p", promo.Benefit{Shipping: &promo.Shipping{PPM: 1_000_000}}),
		offer("q", promo.Benefit{Shipping: &promo.Shipping{Off: usd(800)}}))
	in.Cart.Shipments = []promo.Shipment{{ID: "s", Merchant: "m", Rate: usd(500)}, {ID: "t", Merchant: "other", Rate: usd(700)}}
	result, err := engine.Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, usd(500), result.Totals.ShippingDiscount)
	require.Equal(t, usd(5700), result.Totals.Payable)
}

func TestGiftsAndRewards(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	items := []promo.GiftItem{{SKU: "cup", Quantity: 1, Value: usd(301)}, {SKU: "bag", Quantity: 2, Value: usd(400)}}
	gift := offer("gift", promo.Benefit{Gift: &promo.Gift{Items: items}})
	gift.Funding = []promo.Funding{{Party: promo.PartySite, PPM: 500_000}, {Party: promo.PartySupplier, PPM: 500_000}}
	points := offer("points", promo.Benefit{Reward: &promo.Reward{Kind: promo.RewardPoints, Count: 2, Every: usd(100), Max: 50}})
	coupon := offer("next", promo.Benefit{Reward: &promo.Reward{Kind: promo.RewardCoupon, Of: "spring", Count: 1}})
	in := of([]promo.Line{line("a", 1, 1250)}, gift, points, coupon, offer("p", across(100)))
	result, err := engine.Evaluate(in)
	require.NoError(t, err)
	require.Len(t, result.Gifts, 1)
	require.Equal(t, ref.SKUID("cup"), result.Gifts[0].SKU)
	require.True(t, result.Gifts[0].Open)
	require.Equal(t, []promo.Bearer{{Party: promo.PartySite, Amount: usd(151)}, {Party: promo.PartySupplier, Amount: usd(150)}}, result.Gifts[0].Bearers)
	require.Equal(t, usd(1150), result.Totals.Payable)
	require.Len(t, result.Rewards, 2)
	require.EqualValues(t, 22, result.Rewards[1].Count, "of what was paid")

	in.Cart.Choices = map[ref.PromotionID][]ref.SKUID{"gift": {"bag"}}
	result, err = engine.Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, ref.SKUID("bag"), result.Gifts[0].SKU)
	require.False(t, result.Gifts[0].Open)

	in.Cart.SoldOut = []ref.SKUID{"cup", "bag"}
	in.Cart.Buyer.ID = ""
	result, err = engine.Evaluate(in)
	require.NoError(t, err)
	require.Empty(t, result.Gifts)
	require.Equal(t, promo.CodeGiftSoldOut, code(result, "gift"))
	require.Equal(t, promo.CodeGuest, code(result, "points"))
}

func code(r promo.Result, id ref.PromotionID) promo.Code { return decision(r, id).Code }

func decision(r promo.Result, id ref.PromotionID) promo.Decision {
	for _, d := range r.Decisions {
		if d.Promotion == id {
			return d
		}
	}
	return promo.Decision{}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	none, some := int64(0), usd(10)
	base := func() (promo.Candidate, promo.Cart) {
		return promo.Candidate{Promotion: offer("p", percentOff(100_000))},
			promo.Cart{Currency: "USD", Channel: "en", Lines: []promo.Line{line("a", 1, 1000)}}
	}
	for want, change := range map[promo.Code]func(*promo.Candidate, *promo.Cart){
		promo.CodeNotStarted:  func(c *promo.Candidate, _ *promo.Cart) { c.Promotion.From = now().Add(time.Second) },
		promo.CodeEnded:       func(c *promo.Candidate, _ *promo.Cart) { c.Promotion.Until = now() },
		promo.CodeChannel:     func(c *promo.Candidate, _ *promo.Cart) { c.Promotion.Channels = []ref.ChannelID{"de"} },
		promo.CodeSegment:     func(c *promo.Candidate, _ *promo.Cart) { c.Promotion.Segments = []string{"gold"} },
		promo.CodeMissing:     func(c *promo.Candidate, _ *promo.Cart) { c.Promotion.Redeem = promo.RedeemCoupon },
		promo.CodeExpired:     func(c *promo.Candidate, _ *promo.Cart) { c.Coupon = &promo.Coupon{ID: "c", Expires: now()} },
		promo.CodeLimitGlobal: func(c *promo.Candidate, _ *promo.Cart) { c.Left.Uses = &none },
		promo.CodeLimitUser:   func(c *promo.Candidate, _ *promo.Cart) { c.Left.Member = &none },
		promo.CodeBudget:      func(c *promo.Candidate, _ *promo.Cart) { c.Left.Budget = &some },
		promo.CodeNoLine:      func(c *promo.Candidate, _ *promo.Cart) { c.Promotion.Merchant = "other" },
		promo.CodeNoEffect:    func(_ *promo.Candidate, cart *promo.Cart) { cart.Lines[0].Unit = usd(0) },
		promo.CodeInvalid:     func(c *promo.Candidate, _ *promo.Cart) { c.Promotion.Benefit.Percent.PPM = 1_000_001 },
		promo.CodeUnmet: func(c *promo.Candidate, _ *promo.Cart) {
			c.Promotion.When.Payment = []string{"card"}
		},
		promo.CodeBelowCount: func(c *promo.Candidate, _ *promo.Cart) {
			c.Promotion.When.Quantity = &promo.QuantityCondition{Min: 2}
		},
		promo.CodeBelowAmount: func(c *promo.Candidate, _ *promo.Cart) {
			c.Promotion.When.Amount = &promo.AmountCondition{Min: usd(1001)}
		},
		promo.CodeAboveAmount: func(c *promo.Candidate, _ *promo.Cart) {
			c.Promotion.When.Amount = &promo.AmountCondition{Max: usd(999)}
		},
		promo.CodeApplied: func(c *promo.Candidate, _ *promo.Cart) {
			c.Promotion.When.Amount = &promo.AmountCondition{Min: usd(1000), Max: usd(1000)}
		},
	} {
		c, cart := base()
		change(&c, &cart)
		result, err := engine.Evaluate(promo.Input{Now: now(), Cart: cart, Candidates: []promo.Candidate{c}})
		require.NoError(t, err)
		require.Equal(t, want, result.Decisions[0].Code)
	}
}

func TestSharingAndItsReasons(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	lines := []promo.Line{line("a", 1, 10_000)}
	alone := offer("alone", percentOff(100_000))
	alone.Sharing.Mode = promo.ShareNone
	result, err := engine.Evaluate(of(lines, alone, offer("b", across(900)), offer("c", across(200))))
	require.NoError(t, err)
	require.Equal(t, usd(8900), result.Totals.Payable, "two together beat the larger one alone")
	d := decision(result, "alone")
	require.Equal(t, promo.CodeConflict, d.Code)
	require.Equal(t, usd(9000), d.Params.PayableWith)
	require.Equal(t, usd(8900), d.Params.PayableBest)

	oneSided := offer("one", across(500))
	oneSided.Sharing = promo.Sharing{Mode: promo.ShareWith, Classes: []promo.Class{promo.ClassReduction}}
	shy := offer("shy", across(400))
	shy.Sharing = promo.Sharing{Mode: promo.ShareWith, Classes: []promo.Class{promo.ClassCoupon}}
	result, err = engine.Evaluate(of(lines, oneSided, shy))
	require.NoError(t, err)
	require.Equal(t, usd(9500), result.Totals.Payable, "a permission on one side is not enough")
}

// A line discount may push a larger reduction out of reach: then it stays out.
func TestLeavesOutWhatWouldCostMore(t *testing.T) {
	t.Parallel()
	result, err := newEngine(t).Evaluate(of([]promo.Line{line("a", 1, 10_000)},
		offer("small", percentOff(10_000)),
		offer("large", tiersOf(promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Tiers: []promo.Tier{{Amount: usd(10_000), Off: usd(3000)}}}))))
	require.NoError(t, err)
	require.Equal(t, usd(7000), result.Totals.Payable)
	require.Equal(t, promo.CodeNotOptimal, code(result, "small"))
	require.Equal(t, usd(9900), decision(result, "small").Params.PayableWith)
}

func TestPinnedCoupon(t *testing.T) {
	t.Parallel()
	coupon := func(id string, off int64) promo.Candidate {
		p := offer(id, across(off))
		p.Redeem = promo.RedeemCoupon
		return promo.Candidate{Promotion: p, Coupon: &promo.Coupon{ID: ref.CouponID("c-" + id)}}
	}
	in := of([]promo.Line{line("a", 1, 10_000)})
	in.Candidates = []promo.Candidate{coupon("a", 500), coupon("b", 800)}
	in.Candidates[0].Pinned = true
	result, err := newEngine(t).Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, usd(9500), result.Totals.Payable)
	require.Equal(t, usd(300), result.Search.PinCost)
	require.Equal(t, promo.CodeLostInGroup, code(result, "b"))

	// Of two coupons for one promotion the one that expires first is used.
	late, soon := coupon("a", 500), coupon("a", 500)
	soon.Coupon = &promo.Coupon{ID: "soon", Expires: now().Add(time.Hour)}
	in.Candidates = []promo.Candidate{late, soon}
	result, err = newEngine(t).Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, ref.CouponID("soon"), result.Allocations[0].Coupon)
	require.Equal(t, promo.CodeDominated, result.Decisions[1].Code)
}

func TestUnknownCode(t *testing.T) {
	t.Parallel()
	p := offer("p", percentOff(100_000))
	p.Redeem, p.Code = promo.RedeemCode, "SPRING"
	in := of([]promo.Line{line("a", 1, 10_000)}, p)
	in.Cart.Codes = []string{"spring", "nonsense"}
	result, err := newEngine(t).Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, promo.CodeApplied, result.Decisions[0].Code)
	require.Equal(t, promo.CodeUnknown, result.Decisions[1].Code)
	require.Equal(t, "nonsense", result.Decisions[1].Params.Code)
}

// half is a custom benefit: half of the dearest line, and some mischief.
type halfOfDearest struct{}

func (halfOfDearest) Check(params json.RawMessage) error {
	if len(params) > 0 {
		return fault.New(fault.Invalid, "test.params", "no parameters")
	}
	return nil
}

func (halfOfDearest) Discount(_ json.RawMessage, lines []promo.CustomLine) ([]money.Money, error) {
	amounts, dearest := make([]money.Money, len(lines)), 0
	for i, l := range lines {
		amounts[i] = usd(-100)
		if l.Amount.Minor() > lines[dearest].Amount.Minor() {
			dearest = i
		}
	}
	amounts[dearest] = usd(lines[dearest].Amount.Minor() / 2)
	return amounts, nil
}

func TestCustomBenefit(t *testing.T) {
	t.Parallel()
	engine, err := promo.NewEngine(promo.Config{Benefits: map[string]promo.CustomBenefit{"half": halfOfDearest{}}})
	require.NoError(t, err)
	p := offer("p", promo.Benefit{Custom: &promo.Custom{Kind: "half"}})
	result, err := engine.Evaluate(of([]promo.Line{line("a", 1, 1000), line("b", 1, 3000)}, p, offer("q", percentOff(500_000))))
	require.NoError(t, err)
	require.Equal(t, usd(1250), result.Totals.Payable)
	p.Benefit.Custom.Params = json.RawMessage(`{}`)
	require.ErrorIs(t, engine.Validate(&p), fault.Invalid)
	p.Benefit.Custom.Kind = "none"
	require.ErrorIs(t, engine.Validate(&p), fault.Invalid)
}

func TestInputIsChecked(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	for name, cart := range map[string]promo.Cart{
		"currency":  {Currency: "XXX"},
		"foreign":   {Currency: "EUR", Lines: []promo.Line{line("a", 1, 1)}},
		"twice":     {Currency: "USD", Lines: []promo.Line{line("a", 1, 1), line("a", 1, 1)}},
		"none":      {Currency: "USD", Lines: []promo.Line{line("a", 0, 1)}},
		"negative":  {Currency: "USD", Lines: []promo.Line{line("a", 1, -1)}},
		"too large": {Currency: "USD", Lines: []promo.Line{line("a", 1_000_000, money.MaxMinor)}},
		"sum":       {Currency: "USD", Lines: []promo.Line{line("a", 1, money.MaxMinor), line("b", 1, 1)}},
		"shipment":  {Currency: "USD", Shipments: []promo.Shipment{{ID: "s", Rate: usd(-1)}}},
	} {
		_, err := engine.Evaluate(promo.Input{Cart: cart})
		require.ErrorIs(t, err, fault.Invalid, name)
	}
	_, err := engine.Evaluate(of([]promo.Line{line("b", 0, 1), line("a", 1, 1)}))
	require.Equal(t, map[string]string{"cart.lines[0].quantity": "out_of_range"}, paths(t, err), "as the caller counts")
	result, err := engine.Evaluate(of([]promo.Line{line("a", 1, money.MaxMinor)},
		offer("p", promo.Benefit{Fixed: &promo.Fixed{Off: usd(money.MaxMinor), Per: promo.PerUnit}}), offer("q", percentOff(999_999))))
	require.NoError(t, err)
	require.True(t, result.Totals.Payable.IsZero())
	_, err = promo.NewEngine(promo.Config{MaxNodes: -1, Benefits: map[string]promo.CustomBenefit{"": nil}})
	require.ErrorIs(t, err, fault.Invalid)
}

// An attribute may have several values: any of them selects.
func TestSelectsByAnyValueOfAnAttribute(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	shirt, bowl := line("shirt", 1, 1000), line("bowl", 1, 1000)
	shirt.Attributes = map[string][]string{"material": {"linen", "cotton"}, "season": {"summer"}}
	bowl.Attributes = map[string][]string{"material": {"clay"}}
	p := offer("p", percentOff(100_000))
	p.Lines.Attributes = map[string][]string{"material": {"cotton", "clay"}, "season": {"summer", "spring"}}
	result, err := engine.Evaluate(of([]promo.Line{shirt, bowl}, p))
	require.NoError(t, err)
	require.Equal(t, usd(1900), result.Totals.Payable, "each attribute that is named must match")
	p.Lines = promo.Selector{Except: []promo.Selector{{Attributes: map[string][]string{"material": {"linen"}}}}}
	result, err = engine.Evaluate(of([]promo.Line{shirt}, p))
	require.NoError(t, err)
	require.Equal(t, promo.CodeNoLine, result.Decisions[0].Code)
}

// One coupon of the site per order, and one of a merchant, whatever they give:
// a price, a discount, a gift. What they give for the shipping is shared with
// all.
func TestOneCouponOfAnOwner(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	for _, owner := range []ref.MerchantID{"", "m"} {
		in := of([]promo.Line{line("a", 1, 1000), line("b", 1, 1000)})
		in.Cart.Shipments = []promo.Shipment{{ID: "1", Merchant: "m", Rate: usd(500)}}
		add := func(p promo.Promotion) {
			p.Redeem, p.Merchant = promo.RedeemCoupon, owner
			in.Candidates = append(in.Candidates, promo.Candidate{Promotion: p, Coupon: &promo.Coupon{ID: ref.CouponID(p.ID)}})
		}
		for _, sku := range []ref.SKUID{"a", "b"} {
			p := offer("price-"+string(sku), promo.Benefit{Price: &promo.Price{Unit: usd(900)}})
			p.Lines.SKUs = []ref.SKUID{sku}
			add(p)
		}
		add(offer("ship", promo.Benefit{Shipping: &promo.Shipping{PPM: money.Million}}))
		add(offer("off", across(150)))
		add(offer("gift", promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{{SKU: "cup", Quantity: 1, Value: usd(1)}}}}))
		r, err := engine.Evaluate(in)
		require.NoError(t, err)
		applied := map[ref.PromotionID]bool{}
		for _, d := range r.Decisions {
			applied[d.Promotion] = d.Applied()
		}
		require.Equal(t, map[ref.PromotionID]bool{"price-a": false, "price-b": false, "ship": true, "off": true, "gift": false}, applied)
	}
}
