package order

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// The ids of this package.
type (
	// ID names an order.
	ID = ref.OrderID
	// GroupID names an order group.
	GroupID = ref.GroupID
	// LineID names a line of an order.
	LineID = ref.LineID
)

// Group is what one buyer placed at once: one order per merchant, paid
// together. It is written once and never changes; what changes are its
// orders, each by its own version.
type Group struct {
	ID     GroupID
	Number string

	// Member or Guest placed it: exactly one of them is set. Guest is the key
	// of a guest's scope, never the token.
	Member ref.MemberID
	Guest  string
	// Company is the business customer the member bought for; empty for
	// consumers.
	Company ref.CompanyID
	// PurchaseRef is the buyer's own reference, such as a purchase order
	// number: at most [MaxReference] bytes.
	PurchaseRef string

	Channel ref.ChannelID
	Locale  ref.Locale
	// Source names the terminal it was placed at: "web", "phone", "import".
	Source string

	// Cart and CartVersion are what it was made of; no cart for an order that
	// staff entered.
	Cart        ref.CartID
	CartVersion int64
	// Quote is the hash of the quote the buyer agreed to.
	Quote string
	// Intent is the payment intent over Payable.
	Intent ref.IntentID

	// Promoted says that promotions gave something on it, be it a discount, a
	// gift or a reward: they have to hear when it ends without being fulfilled.
	Promoted bool

	// Payable is the sum of the orders' totals.
	Payable  money.Money
	PlacedAt time.Time
	// Orders are sorted by their place in the group.
	Orders []Order
}

// Currency returns the currency of every amount in the group.
func (g *Group) Currency() money.Currency { return g.Payable.Currency() }

// Order returns one order of the group. NotFound.
func (g *Group) Order(id ID) (*Order, error) {
	for i := range g.Orders {
		if g.Orders[i].ID == id {
			return &g.Orders[i], nil
		}
	}
	return nil, missingOrder(id)
}

// Select returns the orders with the given ids, or all of them where no id is
// given: what a cancel or a capture acts on. NotFound.
func (g *Group) Select(ids ...ID) ([]*Order, error) {
	out := make([]*Order, 0, len(g.Orders))
	if len(ids) == 0 {
		for i := range g.Orders {
			out = append(out, &g.Orders[i])
		}
		return out, nil
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		o, err := g.Order(id)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// PayBy returns the earliest deadline of the orders that wait for the
// payment; ok is false where none does.
func (g *Group) PayBy() (at time.Time, ok bool) {
	for i := range g.Orders {
		o := &g.Orders[i]
		if o.State == StatePending && !o.Deadline.IsZero() && (!ok || o.Deadline.Before(at)) {
			at, ok = o.Deadline, true
		}
	}
	return at, ok
}

// Seen returns the part of the group that a scope may see: all of it for the
// buyer, staff and system, and for a merchant the own order without what
// belongs to the others. NotFound where that is nothing.
func (g *Group) Seen(scope ref.Scope) (Group, error) {
	if scope.Owns(g.Member, g.Guest) {
		return *g, nil
	}
	out := *g
	out.Orders = nil
	if m := scope.Merchant(); m != "" {
		for i := range g.Orders {
			if g.Orders[i].Merchant == m {
				out.Orders = append(out.Orders, g.Orders[i])
			}
		}
	}
	if len(out.Orders) == 0 {
		return Group{}, missingGroup(g.ID)
	}
	payable, err := sumTotals(out.Currency(), out.Orders)
	if err != nil {
		return Group{}, err
	}
	out.Payable = payable
	out.Guest, out.Cart, out.CartVersion, out.Quote, out.Intent = "", "", 0, "", ""
	return out, nil
}

// Clone returns a copy that shares nothing mutable with g.
func (g Group) Clone() Group {
	g.Orders = slices.Clone(g.Orders)
	for i := range g.Orders {
		g.Orders[i] = g.Orders[i].Clone()
	}
	return g
}

func sumTotals(cur money.Currency, orders []Order) (money.Money, error) {
	totals := make([]money.Money, len(orders))
	for i := range orders {
		totals[i] = orders[i].Total
	}
	return money.Sum(cur, totals...)
}

func missingGroup(id GroupID) error {
	return fault.New(fault.NotFound, "order.group_not_found", "no such order group").With("id", string(id))
}

func missingLine(id LineID) error {
	return fault.New(fault.NotFound, "order.line_not_found", "no such line in the order").With("line", string(id))
}

func missingOrder(id ID) error {
	return fault.New(fault.NotFound, "order.not_found", "no such order").With("id", string(id))
}
