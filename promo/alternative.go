package promo

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// MaxAlternatives bounds the coupons that [Engine.Alternatives] tries beside
// those of the best choice.
const MaxAlternatives = 30

// Alternative is what the buyer gets by using one of the coupons, or none.
type Alternative struct {
	// Promotion and Coupon are empty for the alternative of using none.
	Promotion ref.PromotionID `json:"promotion,omitempty"`
	Coupon    ref.CouponID    `json:"coupon,omitempty"`
	// Off is all that the promotions take off with it, Less how much less that
	// is than without a pin: zero for a coupon that is used then, and where a pin
	// gets past a group that picks by priority.
	Off  money.Money `json:"off"`
	Less money.Money `json:"less"`
	// Optimal reports that both are exact. Where it is false, the node budget
	// ended a search: Off may be more by at most Gap, and Less may differ by
	// Gap and by that of the best choice, which [Search] has.
	Optimal bool        `json:"optimal"`
	Gap     money.Money `json:"gap"`
}

// Alternatives tells what it comes to where the buyer uses this or that coupon
// in place of the best choice: for each coupon among the candidates that can
// apply, all that is taken off where it alone is pinned. Of several coupons for
// one promotion it is the one that would be used. Where the best choice uses a
// coupon, to use none is an alternative too. They come with what takes off the
// most at the front. Candidates that are pinned or declined are so no longer.
//
// It takes a search for none, and for each coupon that the best choice does not
// use, the first [MaxAlternatives] of them, so that it is for the page on which
// the buyer chooses. Kinds: as for [Engine.Evaluate].
func (e *Engine) Alternatives(in Input) ([]Alternative, error) {
	in.Candidates = slices.Clone(in.Candidates)
	var coupons []int
	for i := range in.Candidates {
		c := &in.Candidates[i]
		c.Pinned, c.Declined = false, false
		if c.Coupon != nil {
			coupons = append(coupons, i)
		}
	}
	if len(coupons) == 0 {
		return nil, nil
	}
	best, err := e.Evaluate(in)
	if err != nil {
		return nil, err
	}
	most, tried := best.off(), 0
	var out []Alternative
	add := func(p ref.PromotionID, c ref.CouponID, r *Result) {
		out = append(out, Alternative{
			Promotion: p, Coupon: c, Off: money.New(r.off(), in.Cart.Currency), Less: money.New(max(0, most-r.off()), in.Cart.Currency),
			Optimal: r.Search.Optimal && best.Search.Optimal, Gap: r.Search.Gap,
		})
	}
	if slices.ContainsFunc(best.Decisions, func(d Decision) bool { return d.Coupon != "" && d.Applied() }) {
		r, err := e.without(in, coupons)
		if err != nil {
			return nil, err
		}
		add("", "", &r)
	}
	for _, i := range coupons {
		c := &in.Candidates[i]
		d := best.decision(c)
		if d.Code == CodeDominated && d.Params.With == c.Promotion.ID {
			continue // another coupon stands for it
		}
		with := best
		if !d.Applied() {
			can := c.Left.Budget != nil // which may hold what others leave
			if !can {
				if can, err = e.applies(in, i); err != nil {
					return nil, err
				}
			}
			if !can || tried == MaxAlternatives {
				continue
			}
			tried++
			if with, err = e.with(in, i); err != nil {
				return nil, err
			}
			if !with.decision(c).Applied() {
				continue
			}
		}
		add(c.Promotion.ID, c.Coupon.ID, &with)
	}
	slices.SortStableFunc(out, func(a, o Alternative) int { return cmp.Compare(o.Off.Minor(), a.Off.Minor()) })
	return out, nil
}

// applies reports whether a candidate applies where it has the cart to itself,
// which most of a full wallet does not, and which takes no search.
func (e *Engine) applies(in Input, i int) (bool, error) {
	in.Candidates = in.Candidates[i : i+1]
	r, err := e.Evaluate(in)
	return r.decision(&in.Candidates[0]).Applied(), err
}

// with evaluates where a candidate is pinned.
func (e *Engine) with(in Input, i int) (Result, error) {
	c := &in.Candidates[i]
	c.Pinned = true
	r, err := e.Evaluate(in)
	c.Pinned = false
	return r, err
}

// without evaluates where none of the coupons is used.
func (e *Engine) without(in Input, coupons []int) (Result, error) {
	for _, i := range coupons {
		in.Candidates[i].Declined = true
	}
	r, err := e.Evaluate(in)
	for _, i := range coupons {
		in.Candidates[i].Declined = false
	}
	return r, err
}

// off is all that the promotions take off.
func (r *Result) off() int64 {
	return r.Totals.Discount.Minor() + r.Totals.ShippingDiscount.Minor()
}

// decision returns what became of a candidate with a coupon.
func (r *Result) decision(c *Candidate) Decision {
	for _, d := range r.Decisions {
		if d.Promotion == c.Promotion.ID && d.Coupon == c.Coupon.ID {
			return d
		}
	}
	return Decision{}
}
