package shop

import (
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order/checkout"
)

// choosesOffers reports whether a step shows where coupons and gifts are
// chosen: by then everything is known that they depend on.
func choosesOffers(s view.Step) bool { return s == view.PaymentStep || s == view.ReviewStep }

// giftPanel is where the buyer chooses among gifts; nil where there is nothing
// to choose.
func (v *visit) giftPanel(step view.Step, q *checkout.Quote, o *offersOf) (*view.GiftPanel, error) {
	if len(q.GiftChoices) == 0 {
		return nil, nil
	}
	p := &view.GiftPanel{Action: v.base + "/checkout/gifts", Back: step}
	for i := range q.GiftChoices {
		in := &q.GiftChoices[i]
		c := view.GiftChoice{Promotion: string(in.Promotion), Name: o.name(in.Promotion), Merchant: o.ownerName(in.Promotion), Most: in.Most}
		for j := range in.Options {
			shown, err := giftOption(&in.Options[j])
			if err != nil {
				return nil, err
			}
			c.Options = append(c.Options, shown)
		}
		p.Choices = append(p.Choices, c)
	}
	return p, nil
}

func giftOption(in *checkout.GiftOption) (view.GiftOption, error) {
	worth, err := in.Offer.UnitPrice.Mul(int64(in.Quantity))
	out := view.GiftOption{
		SKU: string(in.Offer.SKU), Picture: pictureOr(in.Offer.Picture), Title: in.Offer.Title, Quantity: int64(in.Quantity), Worth: worth, Given: in.Given,
	}
	for _, option := range in.Offer.Options {
		out.Options = append(out.Options, view.Pair{Name: option.Name, Value: option.Value})
	}
	return out, err
}

// postCheckoutGifts keeps which gifts of a promotion the buyer would rather
// have: one by the field "gift", several by a field for each.
func (v *visit) postCheckoutGifts() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	step, d, _, ok, err := v.choosing(in)
	if err != nil || !ok {
		return err
	}
	q, ok, err := v.expected(d)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(q.GiftChoices, func(c checkout.GiftChoice) bool { return string(c.Promotion) == in["promotion"] })
	if !ok || i < 0 {
		return v.redirect(v.step(step)) // there is nothing to choose any more
	}
	of := &q.GiftChoices[i]
	chosen, err := readGifts(of, in)
	if err != nil {
		form, _ := in.Form(err)
		return v.showStepWith(web.StatusOf(err), step, d, func(p *view.Checkout) {
			if p.Gifts == nil {
				return
			}
			for k := range p.Gifts.Choices {
				if c := &p.Gifts.Choices[k]; c.Promotion == string(of.Promotion) {
					c.Form = form
				}
			}
		})
	}
	gifts := map[ref.PromotionID][]ref.SKUID{of.Promotion: chosen}
	for k := range q.GiftChoices { // what was chosen of offers that are gone is forgotten
		if id := q.GiftChoices[k].Promotion; id != of.Promotion && len(d.Gifts[id]) > 0 {
			gifts[id] = d.Gifts[id]
		}
	}
	d.Gifts = gifts
	if err := v.keep(d); err != nil {
		return err
	}
	return v.redirect(v.step(step) + "#gifts")
}

func readGifts(of *checkout.GiftChoice, in web.Inputs) ([]ref.SKUID, error) {
	var chosen []ref.SKUID
	for i := range of.Options {
		if sku := of.Options[i].Offer.SKU; in["gift"] == string(sku) || in["gift."+string(sku)] != "" {
			chosen = append(chosen, sku)
		}
	}
	var wrong fault.Violations
	switch {
	case len(chosen) == 0:
		wrong.Add("gift", "choice", nil)
	case len(chosen) > of.Most:
		wrong.Add("gift", "too_many", fault.Params{"max": of.Most})
	}
	return chosen, wrong.Err("checkout.gifts", "these gifts cannot be had")
}
