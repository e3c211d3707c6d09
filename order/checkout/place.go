package checkout

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/payment"
)

// GroupPlaceholder in a return URL stands for the id of the group, which is
// minted when it is placed.
const GroupPlaceholder = "{group}"

// MaxKey bounds the key of a call that places, in bytes.
const MaxKey = 255

// keyLife is how long the answer to a key is kept; the cart refuses a second
// group for ever.
const keyLife = 7 * 24 * time.Hour

// placeScope begins the scopes of calls that place.
const placeScope = "place:"

// PlaceInput is what a buyer agrees to.
type PlaceInput struct {
	Choice
	// Quote is the id of the quote of exactly this choice. Required, of a cart
	// that can be ordered: see [Service.Place].
	Quote string
	// Key makes the call repeatable: 1 to [MaxKey] bytes of plain text
	// ([ref.PlainText]), chosen by the caller, the same for a retry and another for another try.
	Key string
	// Payment is handed to the gateway. [GroupPlaceholder] in its ReturnURL is
	// replaced.
	Payment payment.Instruction
}

// Placed is a group that was placed, and how its payment stands.
type Placed struct {
	Group  order.Group
	Intent payment.Intent
	// Replayed says that it was placed by an earlier call.
	Replayed bool
}

// Place orders the cart as quoted: one group, with one order per merchant, its
// stock reserved and its payment begun, or nothing at all. It then asks the
// gateway, once; how that went is in Intent, and an answer that is lost is
// found out later. The same call again, by key or by cart, returns the same
// group and does nothing, also to the member who has adopted it from the guest
// who placed it. Never call it inside a unit.
//
// Errors: [ChangedError] where the quote is not what it costs now. Kinds:
// NotFound for a foreign cart; FailedPrecondition, code "cart.closed", for one
// that went into another; Invalid with every wrong field; code
// "checkout.not_ready", with what a quote says in Problems, where the cart cannot
// be ordered as it is: Exhausted if only too little is left, else Invalid;
// Exhausted where somebody else got the last pieces; Conflict, code "cart.changed", where the
// cart changes at this moment, or "idempotency.mismatch" for a key used with
// another input, be it only another remark or another instruction to the
// gateway; Indeterminate where the commit's answer was lost: call again
// with the same key.
//
// Without a quote nothing is ordered, answered again or kept of the key. Where
// the key is right, too, the cart is looked at: the answer is
// "checkout.not_ready" where that is why there is no quote, else Invalid, field
// "quote".
func (s *Service) Place(ctx context.Context, scope ref.Scope, in PlaceInput) (Placed, error) {
	expires, err := s.checkPlace(in)
	if err != nil {
		return Placed{}, err
	}
	hash, err := in.hash()
	if err != nil {
		return Placed{}, err
	}
	now := s.cfg.Clock.Now()
	call := uow.Call{
		Scope: placeScope + scope.String() + scope.Guest(), Key: in.Key, Hash: hash, ExpiresAt: now.Add(keyLife),
	}
	c, err := s.cfg.Carts.Get(ctx, scope, in.Cart)
	if errors.Is(err, fault.NotFound) && scope.Member() != "" {
		return s.inherited(ctx, scope, in, err)
	}
	if err != nil {
		return Placed{}, err
	}
	switch c.State {
	case cart.Open:
	case cart.Converted:
		if in.Quote == "" { // no key stands for a call that agrees to nothing
			return Placed{}, unquoted()
		}
		return s.replay(ctx, scope, c, call)
	default:
		return Placed{}, closed(&c)
	}
	d, err := s.quote(ctx, scope, c, in.Choice, now, expires, false)
	switch {
	case err != nil:
		return Placed{}, err
	case !d.Ready:
		return Placed{}, notReady(d.Quote)
	case in.Quote == "":
		return Placed{}, unquoted()
	case d.ID != in.Quote:
		return Placed{}, s.requote(ctx, scope, c, in.Choice, "checkout.quote_changed", "the price has changed")
	case !now.Before(expires):
		return Placed{}, s.requote(ctx, scope, c, in.Choice, "checkout.quote_expired", "the quote has expired")
	}
	p, err := s.place(ctx, scope, d, in, call)
	if err != nil {
		return Placed{}, err
	}
	if p.Replayed {
		return p, nil
	}
	// The order stands, whatever becomes of the call: the sweeper takes over.
	if sent, err := s.cfg.Payments.Pay(ctx, p.Intent); err != nil {
		s.cfg.Log.WarnContext(ctx, "checkout: the payment goes on without us", "group", p.Group.ID, "error", err)
	} else {
		p.Intent = sent
	}
	return s.refresh(ctx, p)
}

// checkKey reports what is wrong with the key of a repeatable call.
func checkKey(v *fault.Violations, key string, limit int) {
	switch {
	case key == "":
		v.Add("key", "required", nil)
	case len(key) > limit:
		v.Add("key", "too_long", fault.Params{"max": limit})
	case !ref.PlainText(key):
		v.Add("key", "malformed", nil)
	}
}

func (s *Service) checkPlace(in PlaceInput) (time.Time, error) {
	var v fault.Violations
	checkKey(&v, in.Key, MaxKey)
	if in.Quote == "" { // nothing was agreed to, perhaps because the quote was not ready: the cart tells
		if v.Err("checkout.invalid", "") != nil {
			v.Add("quote", "required", nil)
		}
		return s.cfg.Clock.Now().Add(s.cfg.QuoteLife), v.Err("checkout.invalid", "the order cannot be placed")
	}
	expires, err := expiry(in.Quote)
	if err != nil && !v.Merge("", err) {
		return time.Time{}, err
	}
	return expires, v.Err("checkout.invalid", "the order cannot be placed")
}

// unquoted refuses to place what nobody has agreed to.
func unquoted() error {
	return fault.New(fault.Invalid, "checkout.invalid", "the order cannot be placed").WithField("quote", "required", nil)
}

func (s *Service) requote(ctx context.Context, scope ref.Scope, c cart.Cart, choice Choice, code, message string) error {
	now := s.cfg.Clock.Now()
	d, err := s.quote(ctx, scope, c, choice, now, now.Add(s.cfg.QuoteLife), false)
	if err != nil {
		return err
	}
	return changed(d.Quote, code, message)
}

// place writes it all, in one unit: first what only this buyer can want, last
// the limits of promotions and the stock, which others wait for.
func (s *Service) place(ctx context.Context, scope ref.Scope, from *draft, in PlaceInput, call uow.Call) (Placed, error) {
	c, q := from.cart, from.Quote
	d, err := s.draftGroup(ctx, scope, from, in)
	if err != nil {
		return Placed{}, err
	}
	var out Placed
	var used *refusedError
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		answer, err := s.cfg.Calls.Begin(ctx, call)
		if err != nil {
			return err
		}
		if answer != nil {
			out = Placed{Group: order.Group{ID: ref.GroupID(answer.Resource)}, Replayed: true}
			return nil
		}
		if _, err := s.cfg.Carts.Convert(ctx, scope, c, d.group.ID); err != nil {
			return err
		}
		out = Placed{Group: d.group.Clone()}
		if err := s.cfg.Book.Place(ctx, &out.Group, d.entries, d.personal); err != nil {
			return err
		}
		if out.Intent, err = s.cfg.Payments.Open(ctx, d.intent); err != nil {
			return err
		}
		if err := s.cfg.Calls.Complete(ctx, call, answerTo(in.Cart, d.group.ID)); err != nil {
			return err
		}
		if err := s.samePrices(ctx, c, q, in.Company); err != nil {
			return err
		}
		if err := s.redeem(ctx, from, d.group.ID); err != nil {
			return err
		}
		if err := s.cfg.Stock.Reserve(ctx, inventory.ReserveInput{Demands: d.demands}); err != nil {
			return err
		}
		if !d.confirmed {
			return nil
		}
		_, err = s.cfg.Stock.Commit(ctx, ownersOf(out.Group.Orders)...)
		return err
	})
	switch {
	case err == nil && out.Replayed:
		return s.load(ctx, scope, out.Group.ID)
	case err == nil:
		return out, nil
	case errors.As(err, &used):
		return Placed{}, s.requote(ctx, scope, c, in.Choice, "checkout.quote_changed", "a promotion is used up")
	case errors.Is(err, errRepriced):
		return Placed{}, s.requote(ctx, scope, c, in.Choice, "checkout.quote_changed", "the price has changed")
	case errors.Is(err, fault.Exhausted) && from.gives():
		return Placed{}, s.withoutGift(ctx, from, in.Choice, err)
	case errors.Is(err, fault.Conflict), errors.Is(err, fault.FailedPrecondition), errors.Is(err, fault.AlreadyExists):
		// Another call may have placed this very cart meanwhile. Who cannot
		// look must not say no: the answer may be yes.
		now, gerr := s.cfg.Carts.Get(ctx, scope, c.ID)
		if gerr != nil {
			return Placed{}, gerr
		}
		if now.State == cart.Converted {
			return s.replay(ctx, scope, now, call)
		}
	}
	return Placed{}, err
}

// withoutGift answers where the stock ran out while a gift was part of what
// was wanted: with a quote, if all that the buyer chose can still be had.
func (s *Service) withoutGift(ctx context.Context, d *draft, choice Choice, short error) error {
	now := s.cfg.Clock.Now()
	next, err := s.quote(ctx, d.scope, d.cart, choice, now, d.ExpiresAt, false)
	switch {
	case err != nil:
		return err
	case !next.Ready || next.ID == d.ID:
		return short
	}
	return s.requote(ctx, d.scope, d.cart, choice, "checkout.quote_changed", "a gift is gone")
}

// drafted is what a unit of placing writes, minted before it begins.
type drafted struct {
	group     order.Group
	entries   []order.Entry
	personal  order.Personal
	intent    payment.Intent
	demands   []inventory.Demand
	confirmed bool // fulfilled before it is paid
}

func (s *Service) draftGroup(ctx context.Context, scope ref.Scope, from *draft, in PlaceInput) (drafted, error) {
	c, q := from.cart, from.Quote
	now := s.cfg.Clock.Now()
	id := ref.GroupID(s.cfg.IDs.New())
	caps, _ := s.gateway(in.Gateway)
	var payBy time.Time
	if long := within(caps.Terms, s.cfg.PayWithin, s.cfg.TransferWithin); caps.Terms != payment.TermsOnDelivery {
		payBy = now.Add(long)
	}
	ins := in.Payment
	ins.ReturnURL = strings.ReplaceAll(ins.ReturnURL, GroupPlaceholder, string(id))
	if ins.Locale == "" {
		ins.Locale = string(q.Locale)
	}
	intent, err := s.cfg.Payments.Draft(payment.OpenInput{
		Group: id, Member: c.Member, Guest: c.Guest, Quote: q.ID, Payable: q.Payable,
		Gateway: in.Gateway, Instruction: ins, PayBy: payBy,
	})
	if err != nil {
		return drafted{}, err
	}
	input := order.PlaceInput{
		ID: id, Member: c.Member, Guest: c.Guest, Company: in.Company, PurchaseRef: in.PurchaseRef,
		Channel: q.Channel, Currency: q.Currency, Locale: q.Locale, Source: in.Source,
		Cart: c.ID, CartVersion: c.Version, Quote: q.ID, Intent: intent.ID, PayBy: payBy,
		Promoted: !from.adjusted.Empty(),
	}
	for _, p := range q.Parts {
		part := order.PartInput{ID: order.ID(s.cfg.IDs.New()), Merchant: p.Merchant, Lines: p.Lines, Shipping: p.Shipping}
		for i := range part.Lines {
			part.Lines[i].ID = order.LineID(s.cfg.IDs.New())
		}
		input.Orders = append(input.Orders, part)
	}
	cause := s.cause(ctx, scope, now, "")
	d := drafted{
		intent: intent, demands: demands(input.Orders), confirmed: caps.Terms == payment.TermsOnDelivery && !q.Payable.IsZero(),
		personal: order.Personal{Group: id, ShipTo: q.ShipTo, BillTo: q.BillTo, Email: in.Email, Remark: in.Remark},
	}
	if d.group, d.entries, err = order.New(input, cause); err != nil {
		return drafted{}, err
	}
	if d.confirmed {
		for i := range d.group.Orders {
			e, err := d.group.Orders[i].Confirm(cause)
			if err != nil {
				return drafted{}, err
			}
			d.entries = append(d.entries, e)
		}
	}
	return d, nil
}

// demands is what the orders want of the stock.
func demands(parts []order.PartInput) []inventory.Demand {
	var out []inventory.Demand
	for _, p := range parts {
		for _, l := range p.Lines {
			out = append(out, inventory.Demand{Owner: string(p.ID), SKU: l.SKU, Quantity: l.Quantity})
		}
	}
	return out
}

// answerTo is what is remembered of a call: the group, and which cart it was
// made of, so that Verify sees whether one belongs to the other.
func answerTo(from ref.CartID, group ref.GroupID) uow.Answer {
	return uow.Answer{Resource: string(group), Body: []byte(from)}
}

// replay answers a call whose cart was ordered already: by this call's key
// before, or by another's.
func (s *Service) replay(ctx context.Context, scope ref.Scope, c cart.Cart, call uow.Call) (Placed, error) {
	group := c.Group
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		answer, err := s.cfg.Calls.Begin(ctx, call)
		if err != nil {
			return err
		}
		if answer != nil {
			group = ref.GroupID(answer.Resource)
			return nil
		}
		return s.cfg.Calls.Complete(ctx, call, answerTo(c.ID, group))
	})
	if err != nil {
		return Placed{}, err
	}
	return s.load(ctx, scope, group)
}

// inherited answers a member who sends again what was begun as a guest: with the
// order where it was placed and adopted since, and that the cart is closed where
// it went into the member's. Whatever else belongs to somebody else is missing.
func (s *Service) inherited(ctx context.Context, scope ref.Scope, in PlaceInput, missing error) (Placed, error) {
	c, err := s.cfg.Carts.Get(ctx, ref.System(), in.Cart)
	if err != nil {
		return Placed{}, err
	}
	switch {
	case c.Guest == "":
	case c.State == cart.Converted:
		p, err := s.load(ctx, scope, c.Group)
		if errors.Is(err, fault.NotFound) {
			return Placed{}, missing
		}
		if err == nil && in.Quote == "" {
			return Placed{}, unquoted()
		}
		return p, err
	case c.State == cart.Merged:
		if _, err := s.cfg.Carts.Get(ctx, scope, c.MergedInto); err == nil {
			return Placed{}, closed(&c)
		} else if !errors.Is(err, fault.NotFound) {
			return Placed{}, err
		}
	}
	return Placed{}, missing
}

// load returns a group that was placed earlier to whoever it is of now.
func (s *Service) load(ctx context.Context, scope ref.Scope, id ref.GroupID) (Placed, error) {
	g, err := s.cfg.Book.Get(ctx, id)
	if err != nil {
		return Placed{}, err
	}
	if _, err := g.Seen(scope); err != nil {
		return Placed{}, err
	}
	in, err := s.cfg.Payments.Get(ctx, ref.System(), g.Intent)
	if err != nil {
		return Placed{}, err
	}
	return Placed{Group: g, Intent: in, Replayed: true}, nil
}

// refresh reads the orders again where the payment has moved them.
func (s *Service) refresh(ctx context.Context, p Placed) (Placed, error) {
	if p.Intent.State == payment.IntentProcessing || p.Intent.State == payment.IntentAuthorized {
		return p, nil
	}
	g, err := s.cfg.Book.Get(ctx, p.Group.ID)
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "checkout: the placed group cannot be read", "group", p.Group.ID, "error", err)
		return p, nil
	}
	p.Group = g
	return p, nil
}
