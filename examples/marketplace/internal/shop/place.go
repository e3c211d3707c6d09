package shop

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
)

func addressID(id string) member.AddressID { return member.AddressID(id) }

func (v *visit) postCheckoutAddress() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	d := v.draft()
	d.Address, d.Saved, d.Email, err = v.readDestination(in)
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		back := v.draft()
		return v.showStep(web.StatusOf(err), view.AddressStep, back, form, nil)
	}
	d.Delivery = nil // what can be sent where depends on the address
	if err := v.acceptPrices(); err != nil {
		return err
	}
	if err := v.keep(d); err != nil {
		return err
	}
	if err := v.lives(d.Address); err != nil {
		return err
	}
	return v.redirect(v.step(view.DeliveryStep))
}

// readDestination reads where the goods go and whom to write to.
func (v *visit) readDestination(in web.Inputs) (a address.Address, saved, email string, err error) {
	id := v.scope.Member()
	var wrong fault.Violations
	if id == "" {
		email = in["email"]
		if _, err := member.EmailKey(email); err != nil && !wrong.Merge("", err) {
			return a, "", "", err
		}
	} else {
		m, err := v.Market.Members.Get(v.ctx(), v.scope, id)
		if err != nil {
			return a, "", "", err
		}
		email = m.Email
	}
	if saved = in["saved"]; saved != "" {
		if id == "" || !ref.ValidID(saved) {
			return a, "", "", errNowhere()
		}
		entry, err := v.Market.Members.Address(v.ctx(), v.scope, id, member.AddressID(saved))
		return entry.Address, saved, email, err
	}
	if a, err = readAddress(in, &wrong); err != nil {
		return a, "", "", err
	}
	if err := wrong.Err("checkout.invalid", "the address does not fit"); err != nil {
		return a, "", "", err
	}
	if id != "" {
		err = v.remember(id, a)
	}
	return a, "", email, err
}

// remember puts a member's first address into the book.
func (v *visit) remember(id ref.MemberID, a address.Address) error {
	book, err := v.Market.Members.Addresses(v.ctx(), v.scope, id)
	if err != nil || len(book.Entries) > 0 {
		return err
	}
	_, err = v.Market.Members.AddAddress(v.ctx(), v.scope, member.AddressInput{Member: id, Address: a, Default: true})
	return err
}

// acceptPrices notes that the visitor went on with today's prices.
func (v *visit) acceptPrices() error {
	c, ok, err := v.find()
	if err != nil || !ok {
		return err
	}
	now, err := v.Market.Carts.View(v.ctx(), v.scope, cart.ViewInput{Cart: c.ID, Locale: v.channel.Locale})
	if err != nil || !now.Changed {
		return err
	}
	_, err = v.Market.Carts.AcceptPrices(v.ctx(), v.scope, cart.AcceptInput{Target: cart.Target{Cart: c.ID}})
	return err
}

func (v *visit) postCheckoutDelivery() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	d := v.draft()
	q, ok, err := v.expected(d)
	if err != nil {
		return err
	}
	if !ok || d.Address.IsZero() {
		return v.checkout()
	}
	var wrong fault.Violations
	d.Delivery = map[ref.MerchantID]string{}
	for i := range q.Parts {
		p := &q.Parts[i]
		field := "rate." + string(p.Merchant)
		for _, o := range p.Methods {
			if o.Method == in[field] {
				d.Delivery[p.Merchant] = o.Method
			}
		}
		if d.Delivery[p.Merchant] == "" {
			wrong.Add(field, "choice", nil)
		}
	}
	if err := wrong.Err("checkout.invalid", "a way of delivery is not chosen"); err != nil {
		form, _ := in.Form(err)
		return v.showStep(web.StatusOf(err), view.DeliveryStep, v.draft(), form, nil)
	}
	if err := v.keep(d); err != nil {
		return err
	}
	return v.redirect(v.step(view.PaymentStep))
}

func (v *visit) postCheckoutPayment() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	d := v.draft()
	q, ok, err := v.expected(d)
	if err != nil {
		return err
	}
	if !ok || d.Address.IsZero() || d.Delivery == nil {
		return v.checkout()
	}
	var wrong fault.Violations
	d.Method, d.Purchase = "", in["purchase_ref"]
	for _, m := range v.methods("", q.Payable) {
		if m.Code == in["method"] {
			d.Method = m.Code
		}
	}
	if d.Method == "" {
		wrong.Add("method", "choice", nil)
	}
	if len(d.Purchase) > order.MaxReference {
		wrong.Add("purchase_ref", "too_long", fault.Params{"max": order.MaxReference})
	} else if !ref.PlainText(d.Purchase) {
		wrong.Add("purchase_ref", "text", nil)
	}
	if err := wrong.Err("checkout.invalid", "the payment is not chosen"); err != nil {
		form, _ := in.Form(err)
		return v.showStep(web.StatusOf(err), view.PaymentStep, v.draft(), form, nil)
	}
	if err := v.keep(d); err != nil {
		return err
	}
	return v.redirect(v.step(view.ReviewStep))
}

// postCheckoutPlace orders what the review page showed, or shows what holds
// now. The cart is the shown one: a second submit finds it ordered.
func (v *visit) postCheckoutPlace() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	d := v.draft()
	if d.Shown == nil || !v.owns() {
		return v.checkout()
	}
	placed, err := v.Market.Checkout.Place(v.ctx(), v.scope, checkout.PlaceInput{
		Choice: d.Shown.Choice, Quote: in["quote"], Key: in["key"],
		Payment: payment.Instruction{
			Description: v.name, ReturnURL: v.base + "/orders/" + checkout.GroupPlaceholder, Locale: string(v.channel.Locale),
		},
	})
	var changed *checkout.ChangedError
	switch {
	case errors.As(err, &changed):
		return v.showStep(http.StatusConflict, view.ReviewStep, d, view.Form{}, v.difference(d.Shown, changed))
	case fault.CodeOf(err) == "checkout.not_ready":
		return v.notReady(err)
	case fault.CodeOf(err) == "cart.closed": // signed in meanwhile: it went into the member's
		page, cerr := v.cartPage(view.Form{Fault: closedCart()})
		if cerr != nil {
			return cerr
		}
		return v.answer(web.StatusOf(err), page)
	case err != nil:
		return err
	}
	d.ordered()
	if err := v.keep(d); err != nil {
		return err
	}
	if !placed.Replayed {
		if err := v.sessions.Put(v.ctx(), keyThanks, placed.Group.ID); err != nil {
			return err
		}
	}
	return v.redirect(v.onwards(placed.Group.ID, placed.Intent))
}

// closedCart says where the goods of a cart went that is no more.
func closedCart() *fault.Fault {
	return fault.New(fault.FailedPrecondition, "cart.closed", "the cart went into the member's")
}

// lacking are the names of what is in one set of offers and not in the other.
func lacking(in, not map[ref.PromotionID]string) []string {
	var out []string
	for id, name := range in {
		if _, ok := not[id]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// keyThanks names the group that was placed just now, in the session.
const keyThanks = "thanks"

// onwards is where a buyer goes after a try to pay: to the provider, where it
// waits for the buyer, else to the order.
func (v *visit) onwards(group ref.GroupID, in payment.Intent) string {
	if to := payAddress(in); to != "" {
		return to
	}
	return v.base + "/orders/" + string(group)
}

// payAddress is the provider's page on which the buyer goes on, "" for none.
func payAddress(in payment.Intent) string {
	last, ok := in.Last()
	if ok && last.State == payment.AttemptActionRequired && last.Action.Kind == payment.ActionRedirect {
		return last.Action.URL
	}
	return ""
}

// notReady shows the cart with what keeps it from being ordered.
func (v *visit) notReady(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		for _, p := range f.Fields {
			if strings.HasPrefix(p.Path, "cart") {
				shown := fault.New(f.Kind, f.Code, f.Message)
				page, cerr := v.cartPage(view.Form{Fault: shown})
				if cerr != nil {
					return cerr
				}
				return v.answer(web.StatusOf(err), page)
			}
		}
	}
	return v.checkout()
}

// difference says what changed between the quote that was shown and the new
// one.
func (v *visit) difference(before *shown, now *checkout.ChangedError) *view.QuoteChange {
	c := &view.QuoteChange{Before: before.Total, Now: now.Quote.Payable}
	for _, p := range now.Quote.Parts {
		for i := range p.Lines {
			l := &p.Lines[i]
			if old, ok := before.Units[l.SKU]; ok && !old.Price.Equal(l.UnitPrice) {
				c.Lines = append(c.Lines, view.LineChange{Title: l.Title, Before: old.Price, Now: l.UnitPrice})
			}
		}
	}
	after := seen(now.Quote, before.Choice).Offers
	c.Gone, c.Come = lacking(before.Offers, after), lacking(after, before.Offers)
	c.Expired = before.Total.Equal(now.Quote.Payable) && len(c.Lines)+len(c.Gone)+len(c.Come) == 0 // or another page was shown meanwhile
	return c
}
