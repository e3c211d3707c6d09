package promo_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func now() time.Time { return time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) }

// maker makes random inputs that mix everything the semantics know.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 7))} }

func (m maker) one(in int) bool { return m.IntN(in) == 0 }

// amount is often a round one, so that thresholds are met exactly and offers
// are equal.
func (m maker) amount(low, high int64) money.Money {
	n := low + m.Int64N(high-low+1)
	if m.one(2) && n > 100 {
		n -= n % 100
	}
	return usd(n)
}

func (m maker) merchant() ref.MerchantID { return ref.MerchantID(fmt.Sprintf("m%d", m.IntN(2))) }

func (m maker) input(promotions int) promo.Input {
	in := promo.Input{Now: now(), Cart: promo.Cart{Currency: "USD", Channel: "en", Buyer: promo.Buyer{ID: "ann"}}}
	for i := range 1 + m.IntN(5) {
		l := promo.Line{
			ID: ref.LineID(fmt.Sprintf("l%d", i)), SKU: ref.SKUID(fmt.Sprintf("s%d", i)), Merchant: m.merchant(),
			Quantity: ref.Quantity(1 + m.IntN(4)), Unit: m.amount(0, 1500),
		}
		if m.one(6) {
			l.Floor = m.amount(1, 900)
		}
		in.Cart.Lines = append(in.Cart.Lines, l)
	}
	for i := range m.IntN(3) {
		in.Cart.Shipments = append(in.Cart.Shipments, promo.Shipment{
			ID: fmt.Sprintf("ship%d", i), Merchant: ref.MerchantID(fmt.Sprintf("m%d", i)), Rate: m.amount(0, 900),
		})
	}
	in.Groups = []promo.Group{
		{ID: "by-line", Per: promo.OneLine, Pick: m.choice()},
		{ID: "by-merchant", Per: promo.OneMerchant, Max: m.IntN(3), Pick: m.choice()},
		{ID: "by-order", Per: promo.OneOrder, Max: m.IntN(3), Pick: m.choice()},
	}
	for i := range promotions {
		c := promo.Candidate{Promotion: m.promotion(i)}
		if m.one(3) {
			c.Promotion.Redeem = promo.RedeemCoupon
			c.Coupon = &promo.Coupon{ID: ref.CouponID(fmt.Sprintf("c%d", i))}
			c.Pinned = m.one(6)
			if i%4 > 0 { // in an order of its own, some at the same time
				c.Coupon.Expires = now().Add(time.Duration(1+(i*5)%7/2) * time.Hour)
			}
		}
		in.Candidates = append(in.Candidates, c)
	}
	for i := range in.Candidates {
		if m.one(6) {
			left := m.amount(1, 1200)
			in.Candidates[i].Left.Budget = &left
		}
	}
	if m.one(4) {
		in.Groups = append(in.Groups, promo.Group{ID: promo.GroupPrice, Per: promo.OneLine, Pick: promo.ChoosePriority})
	}
	for i := range m.IntN(3) {
		in.Candidates = append(in.Candidates, m.after(i))
	}
	if m.one(3) {
		in.Cart.SoldOut = []ref.SKUID{"cup"}
	}
	if m.one(8) { // several to insist on, whose thresholds depend on one another
		for i := range 2 + m.IntN(3) {
			c := m.after(2 + i)
			c.Promotion.Redeem, c.Pinned = promo.RedeemCoupon, true
			c.Coupon = &promo.Coupon{ID: ref.CouponID(fmt.Sprintf("cg%d", 2+i))}
			if c.Promotion.When = (promo.Condition{}); !m.one(4) {
				c.Promotion.When.Amount = &promo.AmountCondition{Min: m.amount(1, 4000), Basis: promo.BasisPaid}
			}
			in.Candidates = append(in.Candidates, c)
		}
	}
	return in
}

// after makes a gift or a reward, perhaps by a coupon that the buyer insists on.
func (m maker) after(i int) promo.Candidate {
	p := promo.Promotion{ID: ref.PromotionID(fmt.Sprintf("g%d", i)), Version: 1, Priority: m.IntN(2), Lines: m.selector(false)}
	if m.one(3) {
		p.Merchant = m.merchant()
	}
	if m.one(3) {
		p.Benefit.Reward = &promo.Reward{Kind: promo.RewardPoints, Count: 1 + m.Int64N(3), Max: m.Int64N(4)}
		if m.one(2) {
			p.Benefit.Reward.Every = m.amount(1, 2000)
		}
	} else {
		p.Benefit.Gift = &promo.Gift{Choose: m.IntN(3)}
		for _, sku := range []ref.SKUID{"cup", "bowl"}[m.IntN(2):] {
			p.Benefit.Gift.Items = append(p.Benefit.Gift.Items, promo.GiftItem{SKU: sku, Quantity: ref.Quantity(1 + m.IntN(2)), Value: m.amount(1, 500)})
		}
		p.Benefit.Gift.Items = p.Benefit.Gift.Items[:max(1, min(len(p.Benefit.Gift.Items), 1+m.IntN(2)))]
		p.Benefit.Gift.Choose = min(p.Benefit.Gift.Choose, len(p.Benefit.Gift.Items))
	}
	if m.one(2) {
		p.When = m.condition(&p, false, 0)
	}
	switch m.IntN(6) {
	case 0:
		p.Groups = []promo.GroupID{"by-order"}
	case 1:
		p.Groups = []promo.GroupID{"by-merchant"}
	case 2:
		p.Groups = []promo.GroupID{}
	case 3:
		p.Sharing.Mode = promo.ShareNone
	case 4:
		p.Sharing = promo.Sharing{Mode: promo.ShareWith, Classes: []promo.Class{promo.ClassPrice, promo.ClassCoupon, promo.ClassAfter}}
	}
	c := promo.Candidate{Promotion: p}
	if m.one(2) {
		c.Promotion.Redeem = promo.RedeemCoupon
		c.Coupon, c.Pinned = &promo.Coupon{ID: ref.CouponID(fmt.Sprintf("cg%d", i))}, m.one(2)
	}
	return c
}

func (m maker) choice() promo.Choice {
	if m.one(3) {
		return promo.ChoosePriority
	}
	return promo.ChooseBest
}

func (m maker) promotion(i int) promo.Promotion {
	p := promo.Promotion{ID: ref.PromotionID(fmt.Sprintf("p%02d", i)), Version: 1 + int64(i), Priority: m.IntN(3)}
	if m.one(2) {
		p.Merchant = m.merchant()
	}
	p.Lines = m.selector(true)
	m.benefit(&p)
	if m.one(2) {
		p.When = m.condition(&p, false, 0)
	}
	if m.one(5) { // as most shops have
		p.Benefit, p.Level = promo.Benefit{Percent: &promo.Percent{PPM: m.ppm()}}, promo.LevelLine
		p.When, p.Lines.NotDiscounted, p.OnList = promo.Condition{}, false, false
	}
	switch m.IntN(5) {
	case 0:
		p.Groups = []promo.GroupID{"by-order"}
	case 1:
		p.Groups = []promo.GroupID{"by-merchant"}
	case 2:
		p.Groups = []promo.GroupID{}
	case 3:
		if b := p.Benefit; p.Phase() == promo.PhaseLine && (b.Percent != nil && b.Percent.Cap.IsZero() || b.Fixed != nil && b.Fixed.Per != promo.PerOrder) {
			p.Groups = []promo.GroupID{"by-line"}
		}
	}
	switch m.IntN(12) {
	case 0:
		p.Sharing.Mode = promo.ShareNone
	case 1:
		p.Sharing = promo.Sharing{Mode: promo.ShareWith, Classes: []promo.Class{promo.ClassPrice, promo.ClassCoupon, promo.ClassShipping}}
	case 2:
		p.Sharing = promo.Sharing{Mode: promo.ShareWith, Owners: []ref.MerchantID{"", "m0"}}
	}
	switch m.IntN(3) {
	case 0:
		p.Funding = []promo.Funding{{Party: promo.PartySite, PPM: 300_000}, {Party: promo.PartyMerchant, PPM: 700_000}}
	case 1:
		p.Funding = []promo.Funding{
			{Party: promo.PartySupplier, PPM: 333_333, Cap: m.amount(1, 200)},
			{Party: promo.PartySite, PPM: 333_333},
			{Party: promo.PartyMerchant, PPM: 333_334},
		}
	}
	return p
}

func (m maker) selector(own bool) promo.Selector {
	var s promo.Selector
	switch m.IntN(4) {
	case 0:
		for i := range 5 {
			if m.one(2) {
				s.SKUs = append(s.SKUs, ref.SKUID(fmt.Sprintf("s%d", i)))
			}
		}
	case 1:
		s.Except = []promo.Selector{{SKUs: []ref.SKUID{ref.SKUID(fmt.Sprintf("s%d", m.IntN(5)))}}}
	}
	s.NotDiscounted = own && m.one(6)
	return s
}

func (m maker) over() *promo.Selector {
	if m.one(2) {
		return nil
	}
	s := m.selector(false)
	return &s
}

func (m maker) condition(p *promo.Promotion, negated bool, depth int) promo.Condition {
	kind := m.IntN(8)
	if depth > 1 {
		kind = m.IntN(5)
	}
	over := m.over()
	if negated && over == nil {
		over = &promo.Selector{}
	}
	switch kind {
	case 0, 1, 2:
		a := &promo.AmountCondition{Over: over, Min: m.amount(1, 3000)}
		if negated || p.Phase() <= promo.PhaseLine || m.one(3) {
			a.Basis = promo.BasisList
			if over != nil && m.one(3) {
				a.Max = usd(a.Min.Minor() + m.Int64N(3000))
			}
		} else if p.Phase() >= promo.PhaseSite && m.one(3) {
			a.Basis = promo.BasisItemNet
		}
		return promo.Condition{Amount: a}
	case 3, 4:
		return promo.Condition{Quantity: &promo.QuantityCondition{Over: over, Min: 1 + m.Int64N(5)}}
	case 5:
		c := m.condition(p, true, depth+1)
		return promo.Condition{Not: &c}
	case 6:
		return promo.Condition{All: []promo.Condition{m.condition(p, negated, depth+1), m.condition(p, negated, depth+1)}}
	}
	return promo.Condition{Any: []promo.Condition{m.condition(p, negated, depth+1), m.condition(p, negated, depth+1)}}
}

func (m maker) ppm() int64 {
	if m.one(8) {
		return money.Million
	}
	return 1 + m.Int64N(500_000)
}

func (m maker) cap() money.Money {
	if m.one(2) {
		return m.amount(1, 400)
	}
	return money.Money{}
}

func (m maker) pick() promo.Pick {
	if m.one(3) {
		return promo.PickDearest
	}
	return promo.PickCheapest
}

func (m maker) benefit(p *promo.Promotion) {
	b := &p.Benefit
	levels := []promo.Level{promo.LevelLine, promo.LevelOrder}
	switch m.IntN(13) {
	case 0, 1, 2:
		b.Percent = &promo.Percent{PPM: m.ppm()}
		p.Level = []promo.Level{promo.LevelPrice, promo.LevelLine, promo.LevelOrder}[m.IntN(3)]
		if p.Level != promo.LevelPrice && m.one(2) {
			b.Percent.Cap = m.cap()
		}
		p.OnList = m.one(5)
	case 3:
		b.Fixed = &promo.Fixed{Off: m.amount(1, 600), Per: promo.PerUnit}
		p.Level = []promo.Level{promo.LevelPrice, promo.LevelLine}[m.IntN(2)]
	case 4:
		b.Fixed = &promo.Fixed{Off: m.amount(1, 900), Per: promo.PerLine}
	case 5, 6:
		b.Fixed = &promo.Fixed{Off: m.amount(1, 1500), Per: promo.PerOrder}
		p.Level = levels[m.IntN(2)]
	case 7:
		b.Price = &promo.Price{Unit: m.amount(1, 1200)}
	case 8:
		m.tiers(p)
		p.Level = levels[m.IntN(2)]
	case 9:
		b.Bundle = &promo.Bundle{Price: m.amount(1, 2000), Times: m.Int64N(3)}
		for range 1 + m.IntN(2) {
			b.Bundle.Parts = append(b.Bundle.Parts, promo.Part{Of: m.selector(false), Quantity: 1 + m.Int64N(2)})
		}
		b.Bundle.Parts[0].Quantity++
	case 10:
		b.BuyGet = &promo.BuyGet{Buy: 1 + m.Int64N(2), Get: 1 + m.Int64N(2), PPM: m.ppm(), Times: m.Int64N(3), Pick: m.pick(), Of: m.over()}
	case 11:
		b.Nth = &promo.Nth{N: 2 + m.Int64N(2), PPM: m.ppm(), Times: m.Int64N(3), Pick: m.pick()}
	case 12:
		b.Shipping = &promo.Shipping{PPM: m.ppm(), Cap: m.cap()}
		if m.one(2) {
			b.Shipping.PPM, b.Shipping.Off = 0, m.amount(1, 900)
		}
	}
}

func (m maker) tiers(p *promo.Promotion) {
	t := &promo.Tiers{By: promo.ByAmount, Mode: promo.TierStep, Cap: m.cap()}
	p.Benefit.Tiers = t
	if m.one(3) {
		t.By = promo.ByQuantity
	}
	t.Mode = []promo.TierMode{promo.TierStep, promo.TierGraduated, promo.TierEvery}[m.IntN(3)]
	inPercent := t.Mode == promo.TierGraduated || t.Mode == promo.TierStep && m.one(2)
	n := 1 + m.IntN(3)
	if t.Mode == promo.TierEvery {
		n, t.Times = 1, m.Int64N(4)
	}
	at, off, ppm := int64(0), int64(0), int64(0)
	for range n {
		var tier promo.Tier
		if t.By == promo.ByQuantity {
			at += 1 + m.Int64N(3)
			tier.Quantity = at
		} else {
			at += 1 + m.Int64N(1500)
			tier.Amount = usd(at)
		}
		if inPercent {
			ppm += 1 + m.Int64N(200_000)
			tier.PPM = ppm
		} else {
			off += 1 + m.Int64N(500)
			tier.Off = usd(off)
		}
		t.Tiers = append(t.Tiers, tier)
	}
}
