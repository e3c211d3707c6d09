package shop

import (
	"cmp"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
)

// quoteFor returns the quote of a step: with what each coupon would come to
// where a member chooses among them.
func (v *visit) quoteFor(step view.Step, choice checkout.Choice) (checkout.Quote, error) {
	if choosesOffers(step) && v.scope.Member() != "" {
		return v.Market.Checkout.Compare(v.ctx(), v.scope, choice)
	}
	return v.Market.Checkout.Quote(v.ctx(), v.scope, choice)
}

// couponPanel is where the buyer chooses among coupons.
func (v *visit) couponPanel(step view.Step, d *draft, q *checkout.Quote, o *offersOf) (*view.CouponPanel, error) {
	p := &view.CouponPanel{
		Action: v.base + "/checkout/coupons", Back: step, Centre: v.base + "/coupons", Signed: v.scope.Member() != "", Chosen: d.insists(), None: d.NoCoupons,
		Less: q.Promotions.Search.PinCost, Best: money.Zero(q.Currency),
	}
	if p.Less.Currency() == "" {
		p.Less = money.Zero(q.Currency)
	}
	p.Rough = len(q.Promotions.Decisions) > 0 && !q.Promotions.Search.Optimal || q.Promotions.Search.PinGap.Sign() > 0
	for _, a := range q.Alternatives {
		p.Rough = p.Rough || !a.Optimal
		if off, err := a.Off.Add(a.Less); err == nil && off.Minor() > p.Best.Minor() {
			p.Best = off
		}
		if a.Coupon == "" {
			p.Without = &view.CouponChoice{Used: d.NoCoupons, Pinned: d.NoCoupons, Known: true, Off: a.Off, Less: a.Less}
		}
	}
	if p.Without == nil && d.NoCoupons {
		p.Without = &view.CouponChoice{Used: true, Pinned: true, Off: p.Best, Less: money.Zero(q.Currency)}
	}
	if d.NoCoupons {
		p.Less = p.Without.Less
	}
	p.Codes = o.typed(d, q)
	if !p.Signed {
		return p, nil
	}
	wallet, err := v.Market.Coupons.Wallet(v.ctx(), v.scope.Member(), v.Clock.Now())
	if err != nil {
		return p, err
	}
	var sellers []ref.MerchantID
	for i := range wallet {
		sellers = append(sellers, wallet[i].Merchant)
	}
	names, err := v.sellersOf(sellers)
	if err != nil {
		return p, err
	}
	for i := range wallet {
		c := &wallet[i]
		if c.Channel != "" && c.Channel != v.channel.ID {
			continue
		}
		choice, useless := o.couponChoice(c, d, q)
		choice.Merchant = names[c.Merchant]
		if useless {
			p.Useless = append(p.Useless, choice)
		} else {
			p.Coupons = append(p.Coupons, choice)
		}
	}
	slices.SortStableFunc(p.Coupons, byWorth)
	return p, nil
}

// byWorth puts the best first, and what is not known last.
func byWorth(a, b view.CouponChoice) int {
	if a.Known != b.Known {
		if a.Known {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.Less.Minor(), b.Less.Minor())
}

// couponChoice says what a coupon does in a quote, and whether that is nothing
// whatever is chosen.
func (o *offersOf) couponChoice(c *coupon.Coupon, d *draft, q *checkout.Quote) (choice view.CouponChoice, useless bool) {
	zero := money.Zero(q.Currency)
	choice = view.CouponChoice{
		ID: string(c.ID), Name: c.Name, Until: c.ExpiresAt, Pinned: slices.Contains(d.Coupons, c.ID), Off: zero, Less: zero,
	}
	decision, told := quoteDecision(q, c.ID)
	switch {
	case told && decision.Applied():
		choice.Used = true
	case told:
		choice.Why = o.why(decision)
	case c.Merchant != "" && !slices.ContainsFunc(q.Parts, func(p checkout.Part) bool { return p.Merchant == c.Merchant }):
		choice.Why = o.why(promo.Decision{Code: promo.CodeNoLine})
	default:
		choice.Why = o.why(promo.Decision{Code: promo.CodeEnded})
	}
	for _, a := range q.Alternatives {
		if a.Coupon == c.ID {
			choice.Known, choice.Off, choice.Less = true, a.Off, a.Less
			choice.Best = a.Less.IsZero() && a.Optimal && (choice.Used || d.insists())
		}
	}
	return choice, !choice.Known && !choice.Used && decision.Code != promo.CodeNotPinnable
}

// typed are the codes that the buyer typed, with what they bring.
func (o *offersOf) typed(d *draft, q *checkout.Quote) []view.TypedCode {
	off := map[ref.PromotionID]money.Money{}
	for _, a := range q.Promotions.Allocations {
		sum, ok := off[a.Promotion]
		if !ok {
			sum = money.Zero(q.Currency)
		}
		if sum, err := sum.Add(a.Amount); err == nil {
			off[a.Promotion] = sum
		}
	}
	out := make([]view.TypedCode, 0, len(d.Codes))
	for _, code := range d.Codes {
		t := view.TypedCode{Code: code, Off: money.Zero(q.Currency)}
		for i := range o.result.Decisions {
			dec := &o.result.Decisions[i]
			switch {
			case dec.Code == promo.CodeUnknown && dec.Params.Code == code:
				t.Why = o.why(*dec)
			case !strings.EqualFold(dec.Typed, code):
			case dec.Applied():
				t.Name, t.Used, t.Why = dec.Name, true, view.Said{}
				if sum, ok := off[dec.Promotion]; ok {
					t.Off = sum
				}
			case !t.Used:
				t.Name, t.Why = dec.Name, o.why(*dec)
			}
		}
		out = append(out, t)
	}
	return out
}

// postCheckoutCoupons does what the panel's forms say: insist on a coupon, or
// no longer, take what is best, or type a code.
func (v *visit) postCheckoutCoupons() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	step, d, c, ok, err := v.choosing(in)
	if err != nil || !ok {
		return err
	}
	switch {
	case in["use"] != "":
		err = v.pin(&d, c, ref.CouponID(in["use"]))
	case in["leave"] != "":
		d.Coupons = slices.DeleteFunc(d.Coupons, func(id ref.CouponID) bool { return string(id) == in["leave"] })
	case in["best"] != "":
		d.Coupons, d.NoCoupons = nil, false
	case in["none"] != "":
		d.Coupons, d.NoCoupons = nil, true
	case in["drop"] != "":
		d.Codes = slices.DeleteFunc(d.Codes, func(code string) bool { return code == in["drop"] })
	default:
		err = v.typeCode(&d, c, in["code"])
	}
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		return v.showStepWith(v.statusOf(err), step, v.draft(), func(p *view.Checkout) {
			if p.Coupons != nil {
				p.Coupons.Form = form
			}
		})
	}
	if err := v.keep(d); err != nil {
		return err
	}
	return v.redirect(v.step(step) + "#coupons")
}

// choosing is what a form of the step is about in which offers are chosen: the
// cart and what was chosen before. It is not ok where the visitor was led
// elsewhere.
func (v *visit) choosing(in web.Inputs) (step view.Step, d draft, id ref.CartID, ok bool, err error) {
	step, d = view.Step(in["step"]), v.draft()
	if !choosesOffers(step) {
		return step, d, "", false, errNowhere()
	}
	c, ok, err := v.find()
	if err == nil && (!ok || len(c.Lines) == 0 || d.reached() != view.ReviewStep && step == view.ReviewStep) {
		ok, err = false, v.checkout()
	}
	return step, d, c.ID, ok, err
}

// pin insists on a coupon, and goes on to insist on those of the others that
// can be used beside it.
func (v *visit) pin(d *draft, id ref.CartID, chosen ref.CouponID) error {
	if !ref.ValidID(string(chosen)) {
		return errNowhere()
	}
	next := *d
	next.Coupons, next.NoCoupons = []ref.CouponID{chosen}, false
	q, err := v.Market.Checkout.Quote(v.ctx(), v.scope, v.choice(id, next))
	if err != nil {
		return err
	}
	decision, told := quoteDecision(&q, chosen)
	if !decision.Applied() {
		said := view.Said{Key: "savings.gone"}
		if told {
			o, err := v.offersIn(&q.Promotions)
			if err != nil {
				return err
			}
			said = o.why(decision)
		}
		v.tell(view.Warn, said.Key, said.Params)
		return nil
	}
	var beside, open []ref.CouponID // what applies beside it by itself, and what may
	for _, c := range d.Coupons {
		other, told := quoteDecision(&q, c)
		switch {
		case c == chosen, !told:
		case other.Applied():
			beside = append(beside, c)
		case other.Params.With != decision.Promotion:
			open = append(open, c)
		}
	}
	d.Coupons, d.NoCoupons = append(next.Coupons, beside...), false
	return v.pinMore(d, id, open)
}

// pinMore insists on more coupons: on all of them, where they can be used beside
// one another, else on one after another as far as that goes.
func (v *visit) pinMore(d *draft, id ref.CartID, more []ref.CouponID) error {
	try := func(more ...ref.CouponID) (bool, error) {
		next := *d
		next.Coupons = append(slices.Clone(d.Coupons), more...)
		q, err := v.Market.Checkout.Quote(v.ctx(), v.scope, v.choice(id, next))
		if err != nil || slices.ContainsFunc(next.Coupons, func(c ref.CouponID) bool { d, _ := quoteDecision(&q, c); return !d.Applied() }) {
			return false, err
		}
		d.Coupons = next.Coupons
		return true, nil
	}
	if len(more) == 0 {
		return nil
	}
	if all, err := try(more...); all || err != nil || len(more) == 1 {
		return err
	}
	for _, c := range more {
		if _, err := try(c); err != nil {
			return err
		}
	}
	return nil
}

// typeCode takes a code that the buyer types: one of a promotion, or one of a
// coupon, which is the buyer's from then on and the choice.
func (v *visit) typeCode(d *draft, id ref.CartID, code string) error {
	known, err := v.Market.EnterCode(v.ctx(), v.scope, commerce.CodeInput{
		Choice: checkout.Choice{Cart: id, Codes: d.Codes}, Code: code, Origin: v.Proxies.Origin(v.r),
	})
	switch {
	case err != nil:
		return err
	case known.Coupon != nil:
		v.tell(view.Good, "coupons.claimed", fault.Params{"Name": known.Coupon.Name})
		return v.pin(d, id, known.Coupon.ID)
	case !slices.Contains(d.Codes, known.Code):
		d.Codes = append(d.Codes, known.Code)
	}
	return nil
}

// cartQuote is what the promotions make of the cart, as far as the checkout has
// come. The delivery is priced there.
func (v *visit) cartQuote(id ref.CartID, d *draft) (checkout.Quote, error) {
	choice := v.choice(id, *d)
	choice.ShipTo, choice.Delivery = address.Address{}, nil
	return v.Market.Checkout.Quote(v.ctx(), v.scope, choice)
}
