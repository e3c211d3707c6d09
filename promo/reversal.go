package promo

import (
	"math/bits"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Sold is what an order keeps of a result, so that returns are refunded from
// what was agreed, and the engine never runs again on what is left.
type Sold struct {
	Lines     []SoldLine     `json:"lines"`
	Shipments []SoldShipment `json:"shipments,omitempty"`
	Gifts     []SoldGift     `json:"gifts,omitempty"`
	Rewards   []RewardGrant  `json:"rewards,omitempty"`
}

// SoldLine is a line as it was sold.
type SoldLine struct {
	ID          ref.LineID   `json:"id"`
	Quantity    ref.Quantity `json:"quantity"`
	Unit        money.Money  `json:"unit"`
	Allocations []Allocation `json:"allocations,omitempty"`
}

// SoldShipment is a shipment as it was sold.
type SoldShipment struct {
	ID          string       `json:"id"`
	Rate        money.Money  `json:"rate"`
	Allocations []Allocation `json:"allocations,omitempty"`
}

// SoldGift is a gift as it was given: what it is charged at where it is not
// given back and has to be, and who bears it.
type SoldGift struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	SKU       ref.SKUID       `json:"sku"`
	// Merchant gives it; empty where the caller did not say.
	Merchant ref.MerchantID `json:"merchant,omitempty"`
	Quantity ref.Quantity   `json:"quantity"`
	Value    money.Money    `json:"value"` // of all its pieces
	Bearers  []Bearer       `json:"bearers"`
}

// NewSold freezes a result on the cart that it is of. A shop that books gifts
// at prices of its own puts these in the place of their Value and Bearers.
func NewSold(cart Cart, result Result) Sold {
	s := Sold{
		Lines: make([]SoldLine, len(cart.Lines)), Shipments: make([]SoldShipment, len(cart.Shipments)),
		Rewards: result.Rewards,
	}
	for _, g := range result.Gifts {
		s.Gifts = append(s.Gifts, SoldGift{
			Promotion: g.Promotion, Version: g.Version, SKU: g.SKU, Quantity: g.Quantity, Value: g.Value, Bearers: g.Bearers,
		})
	}
	for i, line := range cart.Lines {
		s.Lines[i] = SoldLine{ID: line.ID, Quantity: line.Quantity, Unit: line.Unit}
		for _, a := range result.Allocations {
			if a.Line == line.ID && a.Shipment == "" {
				s.Lines[i].Allocations = append(s.Lines[i].Allocations, a)
			}
		}
	}
	for i, shipment := range cart.Shipments {
		s.Shipments[i] = SoldShipment{ID: shipment.ID, Rate: shipment.Rate}
		for _, a := range result.Allocations {
			if a.Shipment == shipment.ID && a.Line == "" {
				s.Shipments[i].Allocations = append(s.Shipments[i].Allocations, a)
			}
		}
	}
	return s
}

// Return is what a buyer gives back: units of a line, or a shipment that does
// not take place.
type Return struct {
	Line     ref.LineID   `json:"line,omitempty"`
	Before   ref.Quantity `json:"before,omitempty"` // units of the line that were given back earlier
	Quantity ref.Quantity `json:"quantity,omitempty"`
	Shipment string       `json:"shipment,omitempty"`
}

// Reversal is what returns are worth.
type Reversal struct {
	Refund money.Money    `json:"refund"`
	Parts  []ReversedPart `json:"parts"` // one for each return
}

// ReversedPart is what one return is worth: its list amount less the shares of
// the discounts, which their bearers get back.
type ReversedPart struct {
	Return
	List        money.Money  `json:"list"`
	Refund      money.Money  `json:"refund"`
	Allocations []Allocation `json:"allocations,omitempty"`
}

// Reverse returns what returns are worth. Of an amount D taken off a line of n
// units, the first k that come back carry D·k/n rounded down, so that whatever
// the parts and their order, no refund is negative, the refunds of a line sum
// to what was paid for it, and the shares of each promotion and each bearer to
// what they bore. It is a pure function of what was sold and of how many units
// came back before.
//
// Kinds: Invalid, where a line is unknown, more comes back than was sold, or
// two of the returns are of the same units.
func (s *Sold) Reverse(returns ...Return) (Reversal, error) {
	var v fault.Violations
	var res Reversal
	sum := int64(0)
	currency := money.Currency("")
	for i, r := range returns {
		up := element(nil, "returns", i)
		for _, o := range returns[:i] {
			if name := r.sameAs(o); name != "" {
				at := field(&up, name)
				v.Add(at.String(), "duplicate", fault.Params{"line": r.Line, "shipment": r.Shipment})
				break
			}
		}
		part, ok := s.reverse(r, &v, &up)
		if !ok {
			continue
		}
		currency = part.Refund.Currency()
		sum += part.Refund.Minor()
		res.Parts = append(res.Parts, part)
	}
	if currency != "" {
		res.Refund = money.New(sum, currency)
	}
	if err := v.Err("promo.return", "the return does not fit what was sold"); err != nil {
		return Reversal{}, err
	}
	return res, nil
}

// sameAs names the field by which two returns are of the same units, or of the
// same shipment.
func (r Return) sameAs(o Return) string {
	switch {
	case r.Shipment != "" || o.Shipment != "":
		if r.Shipment == o.Shipment {
			return "shipment"
		}
	case r.Line == o.Line && r.Before < o.Before+o.Quantity && o.Before < r.Before+r.Quantity:
		return "before"
	}
	return ""
}

func (s *Sold) reverse(r Return, v *fault.Violations, up *path) (ReversedPart, bool) {
	if r.Shipment != "" {
		for i := range s.Shipments {
			if shipment := &s.Shipments[i]; shipment.ID == r.Shipment {
				return reversePart(r, shipment.Rate, shipment.Allocations, 0, 1, 1), true
			}
		}
		at := field(up, "shipment")
		v.Add(at.String(), "unknown", fault.Params{"shipment": r.Shipment})
		return ReversedPart{}, false
	}
	for i := range s.Lines {
		line := &s.Lines[i]
		if line.ID != r.Line {
			continue
		}
		if r.Quantity < 1 || r.Before < 0 || r.Before > line.Quantity || r.Quantity > line.Quantity-r.Before {
			at := field(up, "quantity")
			v.Add(at.String(), "out_of_range", fault.Params{"min": 1, "max": line.Quantity - r.Before})
			return ReversedPart{}, false
		}
		list := money.New(times(line.Unit.Minor(), int64(r.Quantity)), line.Unit.Currency())
		return reversePart(r, list, line.Allocations, int64(r.Before), int64(r.Quantity), int64(line.Quantity)), true
	}
	at := field(up, "line")
	v.Add(at.String(), "unknown", fault.Params{"line": r.Line})
	return ReversedPart{}, false
}

func reversePart(r Return, list money.Money, allocations []Allocation, before, count, of int64) ReversedPart {
	p := ReversedPart{Return: r, List: list}
	refund := list.Minor()
	from, until := carried(allocations, before, of), carried(allocations, before+count, of)
	for i, a := range allocations {
		if until[i] > from[i] {
			p.Allocations = append(p.Allocations, a.between(from[i], until[i]))
		}
		refund -= until[i] - from[i]
	}
	p.Refund = money.New(refund, list.Currency())
	return p
}

// carried returns what the first k of n units carry of each allocation of
// their line. Of all together it is their share rounded down; that is split as
// [portions] says.
func carried(allocations []Allocation, k, n int64) []int64 {
	whole, total := make([]int64, len(allocations)), int64(0)
	for i, a := range allocations {
		whole[i] = a.Amount.Minor()
		total += whole[i]
	}
	return portions(whole, total, part(total, k, n))
}

// portions splits the first amount of a total, of which each has its whole: the
// first in proportion, rounded down, the next in proportion of what the first
// left, and so on. Whoever the total grows for, no portion ever gets less, and
// at the total each is whole.
func portions(whole []int64, total, amount int64) []int64 {
	out := make([]int64, len(whole))
	for i := range whole {
		out[i] = portion(whole[i], amount, total)
		amount -= out[i]
		total -= whole[i]
	}
	return out
}

// between returns the part of an allocation from one amount of it until
// another.
func (a Allocation) between(from, until int64) Allocation {
	currency := a.Amount.Currency()
	whole := make([]int64, len(a.Bearers))
	for i, b := range a.Bearers {
		whole[i] = b.Amount.Minor()
	}
	total := a.Amount.Minor()
	before, after := portions(whole, total, from), portions(whole, total, until)
	bearers := a.Bearers
	a.Amount, a.Bearers = money.New(until-from, currency), nil
	for i, b := range bearers {
		if after[i] > before[i] {
			a.Bearers = append(a.Bearers, Bearer{Party: b.Party, Amount: money.New(after[i]-before[i], currency)})
		}
	}
	return a
}

// portion returns whole·part/of rounded down, or nothing of nothing.
func portion(whole, part, of int64) int64 {
	if of == 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(whole), uint64(part)) //nolint:gosec // G115: neither is negative
	quotient, _ := bits.Div64(hi, lo, uint64(of))     //nolint:gosec // G115: part <= of, so that hi < of
	return int64(quotient)                            //nolint:gosec // G115: at most whole
}

// UnitShare returns the part of what was taken off a line that count of its
// units carry, after those that came before: as [Sold.Reverse] has it.
// Kinds: Invalid, where there are not as many units.
func UnitShare(amount money.Money, before, count, of ref.Quantity) (money.Money, error) {
	if amount.Sign() < 0 || before < 0 || count < 0 || of < 1 || before > of || count > of-before {
		return money.Money{}, fault.New(fault.Invalid, "promo.units", "the line has not as many units")
	}
	from := part(amount.Minor(), int64(before), int64(of))
	return money.New(part(amount.Minor(), int64(before+count), int64(of))-from, amount.Currency()), nil
}

// Back returns how many of a reward's pieces go back when now is refunded of
// what was paid, after before was refunded earlier: in proportion, rounded
// down, all of them with the last refund.
func (g RewardGrant) Back(paid, before, now money.Money) int64 {
	whole := paid.Minor()
	from := min(max(before.Minor(), 0), whole)
	until := min(from+max(now.Minor(), 0), whole)
	if whole <= 0 || g.Count <= 0 {
		return 0
	}
	return portion(g.Count, until, whole) - portion(g.Count, from, whole)
}
