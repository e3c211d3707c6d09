package shop

import (
	"cmp"
	"errors"
	"slices"
	"strings"

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

// choosesCoupons reports whether a step shows where coupons are chosen: by then
// everything is known that they depend on.
func choosesCoupons(s view.Step) bool { return s == view.PaymentStep || s == view.ReviewStep }

// quoteFor returns the quote of a step: with what each coupon would come to
// where a member chooses among them.
func (v *visit) quoteFor(step view.Step, choice checkout.Choice) (checkout.Quote, error) {
	if choosesCoupons(step) && v.scope.Member() != "" {
		return v.Market.Checkout.Compare(v.ctx(), v.scope, choice)
	}
	return v.Market.Checkout.Quote(v.ctx(), v.scope, choice)
}

// couponPanel is where the buyer chooses among coupons.
func (v *visit) couponPanel(step view.Step, d *draft, q *checkout.Quote, o *offersOf) (*view.CouponPanel, error) {
	p := &view.CouponPanel{
		Action: v.base + "/checkout/coupons", Back: step, Centre: v.base + "/coupons", Signed: v.scope.Member() != "", Chosen: len(d.Coupons) > 0,
		Less: q.Promotions.Search.PinCost, Best: money.Zero(q.Currency),
	}
	if p.Less.Currency() == "" {
		p.Less = money.Zero(q.Currency)
	}
	for _, a := range q.Alternatives {
		if off, err := a.Off.Add(a.Less); err == nil && off.Minor() > p.Best.Minor() {
			p.Best = off
		}
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
			choice.Best = a.Less.IsZero() && (choice.Used && len(d.Coupons) == 0 || len(d.Coupons) > 0)
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
	step := view.Step(in["step"])
	if !choosesCoupons(step) {
		return errNowhere()
	}
	d := v.draft()
	c, ok, err := v.find()
	if err != nil {
		return err
	}
	if !ok || len(c.Lines) == 0 || d.reached() != view.ReviewStep && step == view.ReviewStep {
		return v.checkout()
	}
	switch {
	case in["use"] != "":
		err = v.pin(&d, c.ID, ref.CouponID(in["use"]))
	case in["leave"] != "":
		d.Coupons = slices.DeleteFunc(d.Coupons, func(id ref.CouponID) bool { return string(id) == in["leave"] })
	case in["best"] != "":
		d.Coupons = nil
	case in["drop"] != "":
		d.Codes = slices.DeleteFunc(d.Codes, func(code string) bool { return code == in["drop"] })
	default:
		err = v.typeCode(&d, c.ID, in["code"])
	}
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		return v.showStepWith(web.StatusOf(err), step, v.draft(), func(p *view.Checkout) {
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

// pin insists on a coupon, and goes on to insist on those of the others that
// can be used beside it.
func (v *visit) pin(d *draft, id ref.CartID, chosen ref.CouponID) error {
	if !ref.ValidID(string(chosen)) {
		return errNowhere()
	}
	others := slices.DeleteFunc(slices.Clone(d.Coupons), func(c ref.CouponID) bool { return c == chosen })
	try := func(pins []ref.CouponID) (q checkout.Quote, all bool, err error) {
		next := *d
		next.Coupons = pins
		q, err = v.Market.Checkout.Quote(v.ctx(), v.scope, v.choice(id, next))
		all = true
		for _, p := range pins {
			decision, told := quoteDecision(&q, p)
			all = all && told && decision.Applied()
		}
		return q, all, err
	}
	kept := []ref.CouponID{chosen}
	q, can, err := try(kept)
	if err != nil {
		return err
	}
	if !can {
		said := view.Said{Key: "savings.gone"}
		if decision, told := quoteDecision(&q, chosen); told {
			o, err := v.offersIn(&q.Promotions)
			if err != nil {
				return err
			}
			said = o.why(decision)
		}
		v.tell(view.Warn, said.Key, said.Params)
		return nil
	}
	for _, p := range others[:min(len(others), maxPins)] {
		_, can, err := try(append(slices.Clone(kept), p))
		if err != nil {
			return err
		}
		if can {
			kept = append(kept, p)
		}
	}
	d.Coupons = kept
	return nil
}

// maxPins bounds the coupons that a buyer insists on.
const maxPins = 8

// typeCode takes a code that the buyer types: one of a promotion, or one of a
// coupon, which is the buyer's from then on and the choice.
func (v *visit) typeCode(d *draft, id ref.CartID, code string) error {
	var wrong fault.Violations
	switch {
	case code == "":
		wrong.Add("code", "required", nil)
	case len(code) > checkout.MaxCode || !ref.PlainText(code):
		wrong.Add("code", "unknown", nil)
	case len(d.Codes) >= checkout.MaxCodes:
		wrong.Add("code", "too_many", nil)
	}
	if err := wrong.Err("checkout.code", "the code cannot be taken"); err != nil {
		return err
	}
	for _, spelling := range []string{code, strings.ToUpper(code)} {
		next := *d
		next.Codes = []string{spelling}
		q, err := v.Market.Checkout.Quote(v.ctx(), v.scope, v.choice(id, next))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(q.Promotions.Decisions, func(dec promo.Decision) bool { return dec.Code == promo.CodeUnknown }) &&
			len(q.Promotions.Decisions) > 0 {
			if !slices.Contains(d.Codes, spelling) {
				d.Codes = append(d.Codes, spelling)
			}
			return nil
		}
	}
	unknown := fault.New(fault.Invalid, "checkout.code", "there is no such code").WithField("code", "unknown", nil)
	if !v.Codes || v.scope.Member() == "" {
		return unknown
	}
	c, err := v.Market.Coupons.Redeem(v.ctx(), v.scope, coupon.RedeemInput{Code: code, Origin: v.Proxies.Origin(v.r)})
	switch {
	case errors.Is(err, fault.NotFound), errors.Is(err, fault.Invalid):
		return unknown
	case err != nil:
		return err
	}
	v.tell(view.Good, "coupons.claimed", fault.Params{"Name": c.Name})
	return v.pin(d, id, c.ID)
}

// cartQuote is what the promotions make of the cart, as far as the checkout has
// come. The delivery is priced there.
func (v *visit) cartQuote(id ref.CartID, d *draft) (checkout.Quote, error) {
	choice := v.choice(id, *d)
	choice.ShipTo, choice.Delivery = address.Address{}, nil
	return v.Market.Checkout.Quote(v.ctx(), v.scope, choice)
}
