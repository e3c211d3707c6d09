package cart

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// AddInput puts goods into a cart.
type AddInput struct {
	Target
	Items   []Item
	Company ref.CompanyID
}

// Item is a wish: so many pieces of a SKU.
type Item struct {
	SKU      ref.SKUID
	Quantity ref.Quantity
	// Tag keeps it apart from other lines of the SKU; see [Line].
	Tag string
}

// Add puts items into a cart, each to the line of the same SKU and tag where
// there is one: all of them or, on error, none. How many pieces are in stock
// does not matter here; a view tells. Kinds: NotFound; Invalid with every
// wrong item, among them SKUs that are not sold in the channel; Exhausted
// with code "cart.line_cap" or "cart.quantity_cap"; Conflict;
// FailedPrecondition for a closed cart.
func (s *Service) Add(ctx context.Context, scope ref.Scope, in AddInput) (Cart, error) {
	if err := s.checkItems(in.Items); err != nil {
		return Cart{}, err
	}
	c, err := s.Get(ctx, scope, in.Cart)
	if err != nil {
		return Cart{}, err
	}
	skus := Cart{}
	for _, it := range in.Items {
		skus.Lines = append(skus.Lines, Line{SKU: it.SKU})
	}
	offers, err := s.offers(ctx, &c, "", in.Company, skus.SKUs())
	if err != nil {
		return Cart{}, err
	}
	now := s.cfg.Clock.Now()
	lines := make([]Line, len(in.Items))
	var v fault.Violations
	for i, it := range in.Items {
		o, ok := offers[it.SKU]
		if !ok {
			o = Offer{SKU: it.SKU, Unsold: UnsoldUnknown}
		}
		o.Unsold = o.UnsoldFor(scope)
		if !o.Sellable || o.UnitPrice.Currency() != c.Currency {
			v.Add(fmt.Sprintf("items[%d].sku", i), ProblemUnavailable, o.unsold(c.Currency))
			continue
		}
		lines[i] = Line{
			ID: LineID(s.cfg.IDs.New()), SKU: it.SKU, Tag: it.Tag, Quantity: it.Quantity,
			Seen: o.UnitPrice.Minor(), AddedAt: now,
		}
	}
	if err := v.Err("cart.items", "not everything can be put into the cart"); err != nil {
		return Cart{}, err
	}
	changed, err := s.change(ctx, scope, in.Target, func(c *Cart) error {
		c.put(lines)
		return s.checkCaps(c)
	})
	if err == nil && s.cfg.Watch != nil {
		s.cfg.Watch.Added(ctx, scope, changed.Channel, productsOf(in.Items, offers))
	}
	return changed, err
}

// productsOf returns the products of items, each once.
func productsOf(items []Item, offers map[ref.SKUID]Offer) []ref.ProductID {
	out := make([]ref.ProductID, len(items))
	for i, it := range items {
		out[i] = offers[it.SKU].Product
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ChangeInput sets the quantity of a line.
type ChangeInput struct {
	Target
	Line     LineID
	Quantity ref.Quantity
}

// Change sets the quantity of one line. Kinds: NotFound; Invalid for a
// quantity that is not positive, use [Service.Remove]; Exhausted, Conflict
// and FailedPrecondition as for Add.
func (s *Service) Change(ctx context.Context, scope ref.Scope, in ChangeInput) (Cart, error) {
	if !in.Quantity.Valid() {
		return Cart{}, fault.New(fault.Invalid, "cart.items", "the quantity is out of range").
			WithField("quantity", "out_of_range", fault.Params{"min": 1, "max": s.cfg.MaxQuantity})
	}
	return s.change(ctx, scope, in.Target, func(c *Cart) error {
		i := c.index(in.Line)
		if i < 0 {
			return missingLine(in.Line)
		}
		c.Lines[i].Quantity = in.Quantity
		return s.checkCaps(c)
	})
}

// RemoveInput takes lines out of a cart.
type RemoveInput struct {
	Target
	// Lines are taken out; all of them where none is named.
	Lines []LineID
}

// Remove takes lines out of a cart. Kinds: NotFound, Conflict,
// FailedPrecondition.
func (s *Service) Remove(ctx context.Context, scope ref.Scope, in RemoveInput) (Cart, error) {
	return s.change(ctx, scope, in.Target, func(c *Cart) error {
		if len(in.Lines) == 0 {
			c.Lines = nil
			return nil
		}
		return c.remove(in.Lines)
	})
}

// AcceptInput takes the current prices as seen.
type AcceptInput struct {
	Target
	Company ref.CompanyID
}

// AcceptPrices notes today's prices as those the buyer has seen, so that a
// view no longer marks them as changed. Kinds: NotFound, Conflict,
// FailedPrecondition.
func (s *Service) AcceptPrices(ctx context.Context, scope ref.Scope, in AcceptInput) (Cart, error) {
	c, err := s.Get(ctx, scope, in.Cart)
	if err != nil {
		return Cart{}, err
	}
	offers, err := s.offers(ctx, &c, "", in.Company, c.SKUs())
	if err != nil {
		return Cart{}, err
	}
	return s.change(ctx, scope, in.Target, func(c *Cart) error {
		for i := range c.Lines {
			if o, ok := offers[c.Lines[i].SKU]; ok && o.UnitPrice.Currency() == c.Currency {
				c.Lines[i].Seen = o.UnitPrice.Minor()
			}
		}
		return nil
	})
}

// Convert closes a cart because it became an order group: what the checkout
// calls in the unit that places the group, with the cart as it was quoted. It
// is not read again. Kinds: NotFound; Conflict, code "cart.changed", where the
// cart has moved on; FailedPrecondition for a closed cart.
func (s *Service) Convert(ctx context.Context, scope ref.Scope, quoted Cart, group ref.GroupID) (Cart, error) {
	if !scope.Owns(quoted.Member, quoted.Guest) {
		return Cart{}, missing(quoted.ID)
	}
	if quoted.State != Open {
		return Cart{}, closed(&quoted)
	}
	c := quoted.Clone()
	c.Group = group
	if err := c.transition(Converted); err != nil {
		return Cart{}, err
	}
	s.touch(&c, s.cfg.Clock.Now())
	if err := s.cfg.Store.Update(ctx, &c); errors.Is(err, fault.Conflict) {
		return Cart{}, changed(&quoted)
	} else if err != nil {
		return Cart{}, err
	}
	return c, nil
}

func (s *Service) offers(
	ctx context.Context, c *Cart, locale ref.Locale, company ref.CompanyID, skus []ref.SKUID,
) (map[ref.SKUID]Offer, error) {
	if len(skus) == 0 {
		return nil, nil //nolint:nilnil // a nil map has no offers
	}
	return s.cfg.Offers.Offers(ctx, OfferQuery{
		Channel: c.Channel, Locale: locale, Member: c.Member, Company: company,
	}, skus)
}

func (s *Service) checkItems(items []Item) error {
	var v fault.Violations
	switch n := len(items); {
	case n == 0:
		v.Add("items", "required", nil)
	case n > LineCeiling:
		v.Add("items", "too_many", fault.Params{"max": LineCeiling})
		items = nil
	}
	for i, it := range items {
		path := fmt.Sprintf("items[%d].", i)
		switch {
		case it.SKU == "":
			v.Add(path+"sku", "required", nil)
		case len(it.SKU) > 64 || !storable(string(it.SKU)):
			v.Add(path+"sku", "malformed", nil)
		}
		if !it.Quantity.Valid() {
			v.Add(path+"quantity", "out_of_range", fault.Params{"min": 1, "max": s.cfg.MaxQuantity})
		}
		switch {
		case len(it.Tag) > MaxTag:
			v.Add(path+"tag", "too_long", fault.Params{"max": MaxTag})
		case !storable(it.Tag):
			v.Add(path+"tag", "malformed", nil)
		}
	}
	return v.Err("cart.items", "not everything can be put into the cart")
}

// storable reports whether every backend keeps s as it is.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// checkCaps refuses a cart that grew beyond its bounds.
func (s *Service) checkCaps(c *Cart) error {
	if len(c.Lines) > s.cfg.MaxLines {
		return fault.New(fault.Exhausted, "cart.line_cap", "the cart has too many lines").With("max", s.cfg.MaxLines)
	}
	demand := c.Demand()
	for _, l := range c.Lines {
		if demand[l.SKU] > s.cfg.MaxQuantity {
			return fault.New(fault.Exhausted, "cart.quantity_cap", "the cart has too many pieces of one article").
				With("sku", string(l.SKU)).With("max", s.cfg.MaxQuantity)
		}
	}
	return nil
}
