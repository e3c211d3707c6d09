package cart

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// The codes of a [Problem].
const (
	// ProblemUnavailable: the SKU is unknown, not published, not priced in
	// the channel, or its merchant does not sell: parameters "sku" and
	// "reason", see [Offer.UnsoldFor].
	ProblemUnavailable = "unavailable"
	// ProblemSoldOut: there is none left.
	ProblemSoldOut = "sold_out"
	// ProblemInsufficient: there are fewer than the cart's lines of this SKU
	// want together; parameters "want" and "have".
	ProblemInsufficient = "insufficient"
)

// Problem says why a line cannot be ordered as it is.
type Problem struct {
	Code   string
	Params fault.Params
}

// View is a cart with today's prices and stock.
type View struct {
	Cart  Cart
	Lines []ViewLine
	// Subtotal is the sum of the lines without a problem, before promotions,
	// delivery and tax that is not in the prices.
	Subtotal money.Money
	// Changed says that the price of a line is not the one seen last.
	Changed bool
	// Ready says that the cart has lines and none of them has a problem.
	Ready bool
}

// ViewLine is a line with what it costs today.
type ViewLine struct {
	Line
	// Offer is zero but for the SKU where nothing is known of it.
	Offer Offer
	// Total is the unit price times the quantity; zero where it is not sold.
	Total money.Money
	// Before is the unit price seen last; Changed says that it is another.
	Before  money.Money
	Changed bool
	// Problems are the reasons why the line cannot be ordered; empty if none.
	Problems []Problem
}

// ViewInput asks for a cart as it stands today.
type ViewInput struct {
	Cart    ID
	Locale  ref.Locale
	Company ref.CompanyID
}

// View returns the cart with current prices and stock. It changes nothing:
// a changed price stays marked until [Service.AcceptPrices]. NotFound.
func (s *Service) View(ctx context.Context, scope ref.Scope, in ViewInput) (View, error) {
	c, err := s.Get(ctx, scope, in.Cart)
	if err != nil {
		return View{}, err
	}
	offers, err := s.offers(ctx, &c, in.Locale, in.Company, c.SKUs())
	if err != nil {
		return View{}, err
	}
	return NewView(scope, c, offers)
}

// NewView combines a cart with offers, for scope: of what is not sold it says
// no more than [Offer.UnsoldFor]. Kinds: Invalid where the sum of the prices
// overflows.
func NewView(scope ref.Scope, c Cart, offers map[ref.SKUID]Offer) (View, error) {
	v := View{
		Cart: c, Lines: make([]ViewLine, len(c.Lines)), Subtotal: money.Zero(c.Currency), Ready: len(c.Lines) > 0,
	}
	demand := c.Demand()
	for i, l := range c.Lines {
		o, known := offers[l.SKU]
		if !known {
			o = Offer{SKU: l.SKU, Unsold: UnsoldUnknown}
		}
		o.Unsold = o.UnsoldFor(scope)
		out := ViewLine{
			Line: l, Offer: o, Total: money.Zero(c.Currency), Before: money.New(l.Seen, c.Currency),
			Problems: problems(&o, c.Currency, demand[l.SKU]),
		}
		if o.Sellable && o.UnitPrice.Currency() == c.Currency {
			total, err := o.UnitPrice.Mul(int64(l.Quantity))
			if err != nil {
				return View{}, err
			}
			out.Total = total
			out.Changed = o.UnitPrice.Minor() != l.Seen
		}
		if len(out.Problems) > 0 {
			v.Ready = false
		} else if sum, err := v.Subtotal.Add(out.Total); err != nil {
			return View{}, err
		} else {
			v.Subtotal = sum
		}
		v.Changed = v.Changed || out.Changed
		v.Lines[i] = out
	}
	return v, nil
}

func problems(o *Offer, cur money.Currency, want ref.Quantity) []Problem {
	switch {
	case !o.Sellable || o.UnitPrice.Currency() != cur:
		return []Problem{{Code: ProblemUnavailable, Params: o.unsold(cur)}}
	case o.Available <= 0:
		return []Problem{{Code: ProblemSoldOut}}
	case o.Available < want:
		return []Problem{{Code: ProblemInsufficient, Params: fault.Params{"want": want, "have": o.Available}}}
	}
	return nil
}

// unsold are the parameters that say why an offer is not sold for a currency.
func (o *Offer) unsold(cur money.Currency) fault.Params {
	p := fault.Params{"sku": string(o.SKU)}
	switch {
	case o.Unsold != "":
		p["reason"] = string(o.Unsold)
	case o.Sellable && o.UnitPrice.Currency() != cur:
		p["reason"] = string(UnsoldUnpriced)
	}
	return p
}
