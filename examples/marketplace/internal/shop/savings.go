package shop

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
)

// maxHints bounds the offers that are almost reached and named.
const maxHints = 3

// tally adds adjustments up by promotion and coupon, in the order in which
// they are met.
type tally struct {
	currency money.Currency
	keys     []savingKey
	sums     map[savingKey]*view.Saving
	err      error
}

type savingKey struct {
	promotion ref.PromotionID
	coupon    ref.CouponID
}

func newTally(c money.Currency) *tally {
	return &tally{currency: c, sums: map[savingKey]*view.Saving{}}
}

func (t *tally) add(all []order.Adjustment) {
	for i := range all {
		a := &all[i]
		k := savingKey{a.Promotion, a.Coupon}
		s, ok := t.sums[k]
		if !ok {
			s = &view.Saving{Name: a.Label, Coupon: a.Coupon != "", Off: money.Zero(t.currency)}
			t.sums[k] = s
			t.keys = append(t.keys, k)
		}
		if t.err == nil {
			s.Off, t.err = s.Off.Add(a.Amount)
		}
	}
}

// list returns the savings; owner tells whose a promotion is.
func (t *tally) list(owner func(ref.PromotionID) string) []view.Saving {
	out := make([]view.Saving, 0, len(t.keys))
	for _, k := range t.keys {
		s := *t.sums[k]
		if owner != nil {
			s.Merchant = owner(k.promotion)
		}
		out = append(out, s)
	}
	return out
}

// offersOf is what is known of the promotions of a quote: their names and whose
// they are.
type offersOf struct {
	*visit
	result *promo.Result
	byID   map[ref.PromotionID]*promo.Decision
	names  map[ref.MerchantID]string
}

// offersIn reads the names of those who made the offers of a result.
func (v *visit) offersIn(r *promo.Result) (*offersOf, error) {
	o := &offersOf{visit: v, result: r, byID: map[ref.PromotionID]*promo.Decision{}}
	var owners []ref.MerchantID
	for i := range r.Decisions {
		d := &r.Decisions[i]
		o.byID[d.Promotion] = d
		owners = append(owners, d.Merchant)
	}
	var err error
	o.names, err = v.sellersOf(owners)
	return o, err
}

func (o *offersOf) owner(id ref.PromotionID) ref.MerchantID {
	if d := o.byID[id]; d != nil {
		return d.Merchant
	}
	return ""
}

func (o *offersOf) ownerName(id ref.PromotionID) string { return o.names[o.owner(id)] }

func (o *offersOf) name(id ref.PromotionID) string {
	if d := o.byID[id]; d != nil && d.Name != "" {
		return d.Name
	}
	return string(id)
}

func (o *offersOf) words() view.Promoted {
	return view.Promoted{Locale: o.channel.Locale, Name: o.name, Group: func(promo.GroupID) string { return "" }}
}

// why says to a buyer why something does not apply. How the shop calls its
// groups is no concern of the buyer's, only what won.
func (o *offersOf) why(d promo.Decision) view.Said {
	if d.Code == promo.CodeLostInGroup {
		if d.Params.With == "" {
			return view.Said{Key: "savings.better_elsewhere"}
		}
		d.Code = promo.CodeConflict
	}
	if d.Code == promo.CodeMissing && d.Coupon != "" {
		return view.Said{Key: "savings.gone"}
	}
	if d.Code == promo.CodeDominated && d.Params.With == d.Promotion {
		return view.Said{Key: "savings.another_of_these"}
	}
	return o.words().Decision(d)
}

// hints are the offers that little is missing for: no more than what counts for
// them already, those that lack least first.
func (o *offersOf) hints(goods money.Money) []view.Hint {
	type near struct {
		miss *promo.NearMiss
		hint view.Hint
	}
	var found []near
	for i := range o.result.Decisions {
		d := &o.result.Decisions[i]
		said := o.words().Near(d.NearMiss)
		have := goods
		if d.Code == promo.CodeBelowAmount {
			have = d.Params.Have
		}
		if said == nil || d.NearMiss.Amount.Minor() > have.Minor() || d.NearMiss.Quantity > 3 {
			continue
		}
		found = append(found, near{d.NearMiss, view.Hint{Said: *said, Name: d.Name, Merchant: o.names[d.Merchant]}})
	}
	slices.SortStableFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.miss.Quantity, b.miss.Quantity), cmp.Compare(a.miss.Amount.Minor(), b.miss.Amount.Minor()))
	})
	hints := make([]view.Hint, 0, maxHints)
	for _, n := range found[:min(len(found), maxHints)] {
		hints = append(hints, n.hint)
	}
	return hints
}

// gains is what paying earns.
func (o *offersOf) gains() []view.Gain {
	var out []view.Gain
	for _, r := range o.result.Rewards {
		i := slices.IndexFunc(out, func(g view.Gain) bool { return g.Kind == string(r.Kind) })
		if i < 0 {
			out = append(out, view.Gain{Kind: string(r.Kind)})
			i = len(out) - 1
		}
		out[i].Count += r.Count
	}
	return out
}

// refused are the coupons and codes that the buyer asked for in vain.
func (o *offersOf) refused(d *draft) []view.Refusal {
	var out []view.Refusal
	for i := range o.result.Decisions {
		dec := &o.result.Decisions[i]
		switch {
		case dec.Applied():
		case dec.Code == promo.CodeUnknown:
			out = append(out, view.Refusal{Name: dec.Params.Code, Why: o.why(*dec)})
		case dec.Typed != "":
			out = append(out, view.Refusal{Name: cmp.Or(dec.Name, dec.Typed), Why: o.why(*dec)})
		case dec.Coupon != "" && slices.Contains(d.Coupons, dec.Coupon):
			out = append(out, view.Refusal{Name: cmp.Or(dec.Name, o.text("savings.coupon")), Why: o.why(*dec)})
		}
	}
	return out
}

// before returns what something cost before the promotions, zero where it
// costs the same.
func before(a *order.Amounts) money.Money {
	if a.Discount.IsZero() {
		return money.Zero(a.List.Currency())
	}
	return a.List
}

// less returns what is left of an amount, which a discount never exceeds.
func less(list, discount money.Money) money.Money {
	left, err := list.Sub(discount)
	if err != nil {
		return list
	}
	return left
}

// sum adds the discounts of lines and deliveries up as a page shows them.
type sum struct {
	goods, shipping *tally
	list, off       money.Money
	fee, feeOff     money.Money
	err             error
}

func newSum(c money.Currency) *sum {
	zero := money.Zero(c)
	return &sum{goods: newTally(c), shipping: newTally(c), list: zero, off: zero, fee: zero, feeOff: zero}
}

func (s *sum) add(to *money.Money, m money.Money) {
	if s.err == nil {
		*to, s.err = to.Add(m)
	}
}

// take adds an order, or the part of a quote. Gifts are not sold, and what they
// would cost is no saving.
func (s *sum) take(lines []order.Line, sh *order.Shipping) {
	for i := range lines {
		if l := &lines[i]; l.Gift == "" {
			s.goods.add(l.Adjustments)
			s.add(&s.list, l.List)
			s.add(&s.off, l.Discount)
		}
	}
	s.shipping.add(sh.Adjustments)
	s.add(&s.fee, sh.List)
	s.add(&s.feeOff, sh.Discount)
}

// show fills a summary in.
func (s *sum) show(to *view.Summary, owner func(ref.PromotionID) string) error {
	to.Items, to.Savings = s.list, s.goods.list(owner)
	to.Shipping, to.ShippingBefore = less(s.fee, s.feeOff), money.Zero(s.fee.Currency())
	if !s.feeOff.IsZero() {
		to.ShippingBefore = s.fee
	}
	to.ShippingSavings = s.shipping.list(owner)
	s.add(&to.Saved, s.off)
	s.add(&to.Saved, s.feeOff)
	return cmp.Or(s.err, s.goods.err, s.shipping.err)
}

// quoteDecision returns what became of a coupon in a quote.
func quoteDecision(q *checkout.Quote, id ref.CouponID) (promo.Decision, bool) {
	for _, d := range q.Promotions.Decisions {
		if d.Coupon == id {
			return d, true
		}
	}
	return promo.Decision{}, false
}
