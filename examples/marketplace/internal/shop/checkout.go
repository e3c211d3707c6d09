package shop

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
)

// draft is what a visitor has chosen on the way through the checkout; it is
// kept in the session.
type draft struct {
	Address  address.Address           `json:"address"`
	Saved    string                    `json:"saved,omitempty"` // entry of the address book
	Email    string                    `json:"email,omitempty"`
	Delivery map[ref.MerchantID]string `json:"delivery,omitempty"`
	Method   string                    `json:"method,omitempty"`
	Purchase string                    `json:"purchase,omitempty"`
	// Coupons are those that the visitor insists on, Codes what was typed.
	Coupons []ref.CouponID `json:"coupons,omitempty"`
	Codes   []string       `json:"codes,omitempty"`
	// NoCoupons says that the visitor uses none at all.
	NoCoupons bool `json:"no_coupons,omitempty"`
	// Gifts are those that the visitor would rather have, by promotion.
	Gifts map[ref.PromotionID][]ref.SKUID `json:"gifts,omitempty"`
	// Shown is the quote that the review page showed last.
	Shown *shown `json:"shown,omitempty"`
}

// shown is what the visitor saw of a quote, to say what changed since, and the
// choice it was for: that is what a second submit of the page asks for too, when
// the draft is already empty.
type shown struct {
	Choice checkout.Choice         `json:"choice"`
	Quote  string                  `json:"quote"`
	Total  money.Money             `json:"total"`
	Units  map[ref.SKUID]unitPrice `json:"units"`
	// Offers are the names of the promotions that applied.
	Offers map[ref.PromotionID]string `json:"offers,omitempty"`
}

type unitPrice struct {
	Title string      `json:"title"`
	Price money.Money `json:"price"`
}

func (v *visit) draftKey() string { return "checkout." + string(v.channel.ID) }

func (v *visit) draft() draft {
	var d draft
	v.sessions.Get(v.ctx(), v.draftKey(), &d)
	return d
}

func (v *visit) keep(d draft) error { return v.sessions.Put(v.ctx(), v.draftKey(), d) }

// choice is what the services are told of a draft.
func (v *visit) choice(id ref.CartID, d draft) checkout.Choice {
	return checkout.Choice{
		Cart: id, Locale: v.channel.Locale, ShipTo: d.Address, Email: d.Email, Delivery: d.Delivery,
		Gateway: d.Method, PurchaseRef: d.Purchase, Source: "web", Coupons: d.Coupons, NoOtherCoupons: d.NoCoupons,
		Codes: d.Codes, Gifts: d.Gifts,
	}
}

// insists reports whether the visitor chose which coupons are used.
func (d *draft) insists() bool { return d.NoCoupons || len(d.Coupons) > 0 }

// ordered forgets what was chosen for the cart that was ordered.
func (d *draft) ordered() {
	d.Delivery, d.Method, d.Purchase = nil, "", ""
	d.Coupons, d.NoCoupons, d.Codes, d.Gifts = nil, false, nil, nil
}

// reached returns the furthest step that a draft leads to.
func (d *draft) reached() view.Step {
	switch {
	case d.Address.IsZero():
		return view.AddressStep
	case d.Delivery == nil:
		return view.DeliveryStep
	case d.Method == "":
		return view.PaymentStep
	}
	return view.ReviewStep
}

func (v *visit) step(s view.Step) string { return v.base + "/checkout/" + string(s) }

func (v *visit) checkout() error {
	d := v.draft()
	return v.redirect(v.step(d.reached()))
}

func (v *visit) checkoutStep() error {
	step := view.Step(v.r.PathValue("step"))
	at := slices.Index(view.Steps(), step)
	if at < 0 {
		return errNowhere()
	}
	d := v.draft()
	if furthest := d.reached(); at > slices.Index(view.Steps(), furthest) {
		return v.redirect(v.step(furthest))
	}
	return v.showStep(http.StatusOK, step, d, view.Form{}, nil)
}

// showStep shows a step, or sends the visitor to where something is missing.
func (v *visit) showStep(status int, step view.Step, d draft, form view.Form, changed *view.QuoteChange) error {
	return v.showStepWith(status, step, d, func(p *view.Checkout) {
		p.Form, p.Changed = form, changed
		p.Address.Form.Faults = form.Faults
		if form.Values != nil {
			p.Address.Form.Values = form.Values
		}
	})
}

// showStepWith is showStep with something more on the page.
func (v *visit) showStepWith(status int, step view.Step, d draft, more func(*view.Checkout)) error {
	c, ok, err := v.find()
	if err != nil {
		return err
	}
	if !ok || len(c.Lines) == 0 {
		return v.redirect(v.base + "/cart")
	}
	q, err := v.quoteFor(step, v.choice(c.ID, d))
	if errors.Is(err, fault.Invalid) && !d.Address.IsZero() && step != view.AddressStep {
		d.Address = address.Address{} // what was accepted once is no longer
		if err := v.keep(d); err != nil {
			return err
		}
		return v.redirect(v.step(view.AddressStep))
	}
	if err != nil {
		return err
	}
	if to := v.obstacle(q, step); to != "" {
		return v.redirect(to)
	}
	p, err := v.checkoutPage(step, d, q)
	if err != nil {
		return err
	}
	more(&p)
	if p.Form.Values == nil {
		p.Form.Values = map[string]string{"email": d.Email, "purchase_ref": d.Purchase}
	}
	if step == view.ReviewStep {
		d.Shown = seen(q, v.choice(q.Cart, d))
		p.Hash, p.Key, p.GoodUntil = q.ID, v.IDs.New(), q.ExpiresAt
		if err := v.keep(d); err != nil {
			return err
		}
	}
	return v.answer(status, p)
}

// obstacle returns where a visitor has to go before a step can be taken, ""
// where nothing is in the way.
func (v *visit) obstacle(q checkout.Quote, step view.Step) string {
	for _, p := range q.Problems {
		switch {
		case strings.HasPrefix(p.Path, "cart"):
			return v.base + "/cart"
		case strings.HasPrefix(p.Path, "delivery") && (step == view.PaymentStep || step == view.ReviewStep):
			return v.step(view.DeliveryStep)
		case p.Path == "gateway" && step == view.ReviewStep:
			return v.step(view.PaymentStep)
		}
	}
	return ""
}

func seen(q checkout.Quote, choice checkout.Choice) *shown {
	s := &shown{
		Choice: choice, Quote: q.ID, Total: q.Payable, Units: map[ref.SKUID]unitPrice{}, Offers: map[ref.PromotionID]string{},
	}
	for _, d := range q.Promotions.Decisions {
		if d.Applied() {
			s.Offers[d.Promotion] = d.Name
		}
	}
	for _, p := range q.Parts {
		for i := range p.Lines {
			s.Units[p.Lines[i].SKU] = unitPrice{p.Lines[i].Title, p.Lines[i].UnitPrice}
		}
	}
	return s
}

func (v *visit) checkoutPage(step view.Step, d draft, q checkout.Quote) (view.Checkout, error) {
	p := view.Checkout{Chrome: v.chrome(), Step: step, Guest: v.scope.Member() == "", Purchase: d.Purchase}
	proposed := d.Address
	if id := v.scope.Member(); id != "" {
		book, err := v.Market.Members.Addresses(v.ctx(), v.scope, id)
		if err != nil {
			return p, err
		}
		choose := addressID(d.Saved)
		if choose == "" && d.Address.IsZero() || choose != "" && d.Address.Country != v.channel.Country {
			choose = v.proposed(book)
		}
		p.Saved = v.addresses(book, choose)
		if d.Saved != "" {
			proposed = address.Address{}
		}
	}
	p.Address = v.addressForm(view.Form{}, proposed)
	if !d.Address.IsZero() {
		a := shownAddress(d.Address, v.Renderer.Texts(v.channel.Locale))
		p.Chosen = &a
	}
	merchants := make([]ref.MerchantID, len(q.Parts))
	for i := range q.Parts {
		merchants[i] = q.Parts[i].Merchant
	}
	names, err := v.names(v.ctx(), merchants...)
	if err != nil {
		return p, err
	}
	offers, err := v.offersIn(&q.Promotions)
	if err != nil {
		return p, err
	}
	p.Summary = view.Summary{
		ShippingKnown: !d.Address.IsZero() && !unserved(&q), Unserved: !d.Address.IsZero() && unserved(&q), Tax: q.Tax, TaxIncluded: v.channel.TaxInclusive, Total: q.Payable,
		Saved: money.Zero(q.Currency), Gains: offers.gains(),
	}
	sums := newSum(q.Currency)
	for i := range q.Parts {
		part := &q.Parts[i]
		sums.take(part.Lines, &part.Shipping)
		pack := view.Package{Merchant: names[part.Merchant], MerchantID: string(part.Merchant)}
		for j := range part.Lines {
			line := summaryLine(&part.Lines[j], "")
			p.Summary.Pieces += line.Quantity
			pack.Lines = append(pack.Lines, line)
		}
		p.Summary.Lines = append(p.Summary.Lines, pack.Lines...)
		for _, o := range part.Methods {
			rate := view.Rate{Code: o.Method, Key: o.Label, Price: o.Amount, Selected: o.Method == part.Shipping.Method}
			if rate.Selected {
				rate.Price, rate.Before = less(o.Amount, part.Shipping.Discount), before(&part.Shipping.Amounts)
			}
			pack.Rates = append(pack.Rates, rate)
		}
		p.Packages = append(p.Packages, pack)
	}
	if err := sums.show(&p.Summary, offers.ownerName); err != nil {
		return p, err
	}
	p.Methods = v.methods(d.Method, q.Payable)
	if !choosesOffers(step) {
		return p, nil
	}
	if p.Gifts, err = v.giftPanel(step, &q, offers); err != nil {
		return p, err
	}
	p.Coupons, err = v.couponPanel(step, &d, &q, offers)
	return p, err
}

// unserved reports whether a merchant does not deliver to the address.
func unserved(q *checkout.Quote) bool {
	return slices.ContainsFunc(q.Parts, func(p checkout.Part) bool { return len(p.Methods) == 0 })
}

// proposed is the address of a book that nobody has chosen yet: the default one
// or, where the storefront does not deliver there, the first to which it does;
// "" where there is none.
func (v *visit) proposed(book member.Book) member.AddressID {
	var first member.AddressID
	for _, e := range book.Entries {
		switch {
		case e.Address.Country != v.channel.Country:
		case e.ID == book.Default:
			return e.ID
		case first == "":
			first = e.ID
		}
	}
	return first
}

func summaryLine(l *order.Line, href string) view.SummaryLine {
	s := view.SummaryLine{
		Href: href, Picture: pictureOr(l.Picture), Title: l.Title, Quantity: int64(l.Quantity), Unit: l.UnitPrice,
		Total: less(l.List, l.Discount), Before: before(&l.Amounts), Gift: l.Gift != "", Returned: int64(l.Returned),
	}
	if s.Gift && len(l.Adjustments) > 0 {
		s.From = l.Adjustments[0].Label
	}
	for _, o := range l.Options {
		s.Options = append(s.Options, view.Pair{Name: o.Name, Value: o.Value})
	}
	return s
}

// methods are the ways to pay an amount, all of them where nothing is to be
// paid; the first one is proposed.
func (v *visit) methods(chosen string, amount money.Money) []view.Method {
	var out []view.Method
	for _, c := range v.Market.Payments.Gateways() {
		if amount.IsZero() || c.Takes(amount) {
			out = append(out, view.Method{Code: c.Code, Key: "method." + c.Code, Selected: c.Code == chosen})
		}
	}
	slices.SortStableFunc(out, func(a, b view.Method) int { return cmp.Compare(rank(a.Code), rank(b.Code)) })
	if len(out) > 0 && !slices.ContainsFunc(out, func(m view.Method) bool { return m.Selected }) {
		out[0].Selected = true
	}
	return out
}

// rank puts what is paid at once before what takes days.
func rank(code string) int { return slices.Index([]string{"fakepay", "transfer", "cod"}, code) }

// expected returns the quote of the draft for the buyer's cart.
func (v *visit) expected(d draft) (checkout.Quote, bool, error) {
	c, ok, err := v.find()
	if err != nil || !ok || len(c.Lines) == 0 {
		return checkout.Quote{}, false, err
	}
	q, err := v.Market.Checkout.Quote(v.ctx(), v.scope, v.choice(c.ID, d))
	return q, err == nil, err
}
