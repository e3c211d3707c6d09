package checkout

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
)

// Bounds of what a buyer presents to the promotions.
const (
	MaxCoupons = 100 // pinned coupons
	MaxCodes   = 20  // typed codes
	MaxCode    = 100 // bytes of one
	MaxGifts   = 100 // chosen gifts, and promotions that they are chosen for
)

// present brings what the buyer presents into its one written form.
func (c *Choice) present(v *fault.Violations) {
	codes := make([]string, 0, len(c.Codes))
	for _, code := range c.Codes {
		switch code = strings.TrimSpace(code); {
		case code == "":
		case len(code) > MaxCode:
			v.Add("codes", "too_long", fault.Params{"max": MaxCode})
		default:
			codes = append(codes, code)
		}
	}
	c.Codes, c.Coupons = sorted(codes), sorted(c.Coupons)
	if len(c.Coupons) > MaxCoupons {
		v.Add("coupons", "too_many", fault.Params{"max": MaxCoupons})
	}
	if len(c.Codes) > MaxCodes {
		v.Add("codes", "too_many", fault.Params{"max": MaxCodes})
	}
	gifts, n := make(map[ref.PromotionID][]ref.SKUID, len(c.Gifts)), 0
	for promotion, skus := range c.Gifts {
		if len(skus) > 0 {
			gifts[promotion] = sorted(skus)
			n += len(skus)
		}
	}
	if c.Gifts = gifts; len(gifts) == 0 {
		c.Gifts = nil
	}
	if n > MaxGifts {
		v.Add("gifts", "too_many", fault.Params{"max": MaxGifts})
	}
}

// sorted returns the values sorted, each once; nil for none.
func sorted[K ~string](in []K) []K {
	if len(in) == 0 {
		return nil
	}
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

// promote takes over what the promotions give.
func (s *Service) promote(ctx context.Context, d *draft) error {
	d.basket = d.fillBasket()
	var err error
	if d.adjusted, err = s.cfg.Promotions.Apply(ctx, d.basket); err != nil {
		return err
	}
	d.Promotions, d.Alternatives, d.GiftChoices = d.adjusted.Result, d.adjusted.Alternatives, d.adjusted.Choices
	if len(d.adjusted.Parts) != len(d.Parts) {
		return brokenPromotions("not every part has its adjustments")
	}
	for i := range d.Parts {
		p, a := &d.Parts[i], d.adjusted.Parts[i]
		if len(a.Lines) != len(p.Lines) {
			return brokenPromotions("not every line has its adjustments")
		}
		for j := range p.Lines {
			if err := adjust(&p.Lines[j].Amounts, a.Lines[j]); err != nil {
				return err
			}
		}
		if err := adjust(&p.Shipping.Amounts, a.Delivery); err != nil {
			return err
		}
	}
	for _, g := range d.adjusted.Gifts {
		if err := s.give(d, g); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) fillBasket() Basket {
	b := Basket{
		Channel: d.Channel, Currency: d.Currency, Locale: d.Locale,
		Member: d.cart.Member, Guest: d.cart.Guest, Contact: strings.ToLower(strings.TrimSpace(d.choice.Email)),
		Company: d.choice.Company, Payment: d.choice.Gateway,
		Coupons: d.choice.Coupons, NoOtherCoupons: d.choice.NoOtherCoupons, Codes: d.choice.Codes, Gifts: d.choice.Gifts,
		Compare: d.compare, At: d.at, Parts: make([]BasketPart, len(d.Parts)),
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		bp := BasketPart{
			Merchant: p.Merchant, Method: p.Shipping.Method, Delivery: p.Shipping.List,
			Lines: make([]BasketLine, len(p.Lines)),
		}
		for j := range p.Lines {
			l, o := &p.Lines[j], d.offers[p.Lines[j].SKU]
			bp.Lines[j] = BasketLine{
				SKU: l.SKU, Product: l.Product, Brand: o.Brand, Categories: o.Categories, Tags: o.Tags, Attributes: o.Attributes,
				Quantity: l.Quantity, Unit: l.UnitPrice, Floor: o.Floor, List: l.List,
			}
		}
		b.Parts[i] = bp
	}
	return b
}

func adjust(a *order.Amounts, by []order.Adjustment) error {
	for _, adj := range by {
		sum, err := a.Discount.Add(adj.Amount)
		if err != nil {
			return err
		}
		a.Discount = sum
	}
	if a.Discount.Sign() < 0 || a.Discount.Minor() > a.List.Minor() {
		return brokenPromotions("more is taken off than there is")
	}
	a.Adjustments = by
	return nil
}

// give adds a gift to the first part of its merchant.
func (s *Service) give(d *draft, g GiftLine) error {
	i := slices.IndexFunc(d.Parts, func(p Part) bool { return p.Merchant == g.Offer.Merchant })
	if i < 0 {
		return brokenPromotions("a gift of a merchant who sends nothing")
	}
	list, err := g.Offer.UnitPrice.Mul(int64(g.Quantity))
	if err != nil {
		return err
	}
	l := s.line(d, cart.ViewLine{
		Line: cart.Line{SKU: g.Offer.SKU, Quantity: g.Quantity}, Offer: g.Offer, Total: list,
	})
	l.Gift = g.Adjustment.Promotion
	if list.IsZero() {
		d.Parts[i].Lines = append(d.Parts[i].Lines, l)
		return nil
	}
	if !g.Adjustment.Amount.Equal(list) {
		return brokenPromotions("a gift that is to be paid")
	}
	if err := adjust(&l.Amounts, []order.Adjustment{g.Adjustment}); err != nil {
		return err
	}
	d.Parts[i].Lines = append(d.Parts[i].Lines, l)
	return nil
}

// gives reports whether gifts are part of the quote.
func (d *draft) gives() bool { return len(d.adjusted.Gifts) > 0 }

func brokenPromotions(why string) error {
	return fault.New(fault.Internal, "checkout.promotions", "the promotions broke their contract").With("why", why)
}

// refusedError rolls a unit back in which the promotions could not be redeemed
// any more.
type refusedError struct{ err error }

func (e *refusedError) Error() string { return "checkout: promotions are used up: " + e.err.Error() }

// redeem counts the uses of what promotions gave on a group, inside the unit
// that places it.
func (s *Service) redeem(ctx context.Context, d *draft, group ref.GroupID) error {
	if d.adjusted.Empty() {
		return nil
	}
	err := s.cfg.Promotions.Redeem(ctx, RedeemInput{Group: group, Basket: d.basket, Adjusted: d.adjusted, At: d.at})
	if errors.Is(err, fault.Exhausted) || errors.Is(err, fault.FailedPrecondition) {
		return &refusedError{err}
	}
	return err
}

// release gives back what promotions counted for a group of which no order is
// left, inside the unit that cancels the last one.
func release(ctx context.Context, p Promotions, book *order.Book, g *order.Group, at time.Time) error {
	if !g.Promoted {
		return nil
	}
	in := ReleaseInput{Group: g.ID, At: at}
	for i := range g.Orders {
		o := &g.Orders[i]
		if o.State != order.StateCanceled {
			return nil
		}
		in.Paid = in.Paid || o.Payment != order.PaymentUnpaid
	}
	if !in.Paid {
		history, err := book.History(ctx, g.ID)
		if err != nil {
			return err
		}
		in.Refused = order.Refused(history)
	}
	return p.Release(ctx, in)
}
