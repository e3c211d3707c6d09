package cart

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// The ids of this package.
type (
	// ID names a cart.
	ID = ref.CartID
	// LineID names a line of a cart.
	LineID = ref.LineID
)

// State says what became of a cart.
type State string

// The states of a cart.
const (
	// Open can be changed. A buyer has at most one open cart per channel.
	Open State = "open"
	// Converted became an order group.
	Converted State = "converted"
	// Merged went into the cart of the member who signed in.
	Merged State = "merged"
)

// States lists the closed set.
func States() []State { return []State{Open, Converted, Merged} }

var transitions = map[State][]State{
	Open:      {Converted, Merged},
	Converted: {},
	Merged:    {},
}

// Cart is what a buyer intends to buy, in one channel and its currency.
// Prices are never kept for charging: they are asked for whenever the cart is
// shown, and again by the checkout.
type Cart struct {
	ID ID
	// Member or Guest owns it: exactly one is set. Guest is the key of a
	// guest's scope.
	Member   ref.MemberID
	Guest    string
	Channel  ref.ChannelID
	Currency money.Currency
	State    State
	// Group is the order group it became; MergedInto the cart it went into.
	Group      ref.GroupID
	MergedInto ID

	Lines []Line

	CreatedAt time.Time
	UpdatedAt time.Time
	// ExpiresAt is when it may be purged; every change moves it on.
	ExpiresAt time.Time
	// Version counts the writes; a store refuses an update of another one.
	Version int64
}

// Line is one wish: so many pieces of a SKU.
type Line struct {
	ID  LineID    `json:"id"`
	SKU ref.SKUID `json:"sku"`
	// Tag keeps lines of one SKU apart that shall not be summed, such as the
	// parts of a set. It is an opaque key of at most [MaxTag] bytes.
	Tag      string       `json:"tag,omitempty"`
	Quantity ref.Quantity `json:"quantity"`
	// Seen is the unit price the buyer was shown last, in the cart's
	// currency: a view tells by it that the price has changed since.
	Seen    int64     `json:"seen"`
	AddedAt time.Time `json:"added_at"`
}

// MaxTag bounds a line's tag, in bytes.
const MaxTag = 100

// Line returns a line by its id. NotFound.
func (c *Cart) Line(id LineID) (Line, error) {
	if i := c.index(id); i >= 0 {
		return c.Lines[i], nil
	}
	return Line{}, missingLine(id)
}

// Demand returns the pieces wanted per SKU, summed over lines: what stock is
// checked and reserved by.
func (c *Cart) Demand() map[ref.SKUID]ref.Quantity {
	out := make(map[ref.SKUID]ref.Quantity, len(c.Lines))
	for _, l := range c.Lines {
		out[l.SKU] += l.Quantity
	}
	return out
}

// SKUs returns the SKUs in the cart, sorted, each once.
func (c *Cart) SKUs() []ref.SKUID {
	out := make([]ref.SKUID, len(c.Lines))
	for i, l := range c.Lines {
		out[i] = l.SKU
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Pieces returns the number of pieces in the cart.
func (c *Cart) Pieces() ref.Quantity {
	var n ref.Quantity
	for _, l := range c.Lines {
		n += l.Quantity
	}
	return n
}

// Clone returns a copy that shares nothing mutable with c.
func (c Cart) Clone() Cart {
	c.Lines = slices.Clone(c.Lines)
	return c
}

func (c *Cart) index(id LineID) int {
	return slices.IndexFunc(c.Lines, func(l Line) bool { return l.ID == id })
}

// put adds lines, each to the line of the same SKU and tag where there is one.
func (c *Cart) put(lines []Line) {
	at := make(map[lineKey]int, len(c.Lines)+len(lines))
	for i, l := range c.Lines {
		at[l.key()] = i
	}
	for _, l := range lines {
		if i, ok := at[l.key()]; ok {
			c.Lines[i].Quantity += l.Quantity
			c.Lines[i].Seen = l.Seen
			continue
		}
		at[l.key()] = len(c.Lines)
		c.Lines = append(c.Lines, l)
	}
}

// lineKey is what two lines share that are one.
type lineKey struct {
	sku ref.SKUID
	tag string
}

func (l *Line) key() lineKey { return lineKey{l.SKU, l.Tag} }

func (c *Cart) remove(ids []LineID) error {
	for _, id := range ids {
		if c.index(id) < 0 {
			return missingLine(id)
		}
	}
	c.Lines = slices.DeleteFunc(c.Lines, func(l Line) bool { return slices.Contains(ids, l.ID) })
	return nil
}

func (c *Cart) transition(to State) error {
	if !slices.Contains(transitions[c.State], to) {
		return closed(c)
	}
	c.State = to
	return nil
}

func closed(c *Cart) error {
	return fault.New(fault.FailedPrecondition, "cart.closed", "the cart is closed").
		With("id", string(c.ID)).With("state", string(c.State))
}

func changed(c *Cart) error {
	return fault.New(fault.Conflict, "cart.changed", "the cart changed meanwhile").
		With("id", string(c.ID)).With("version", c.Version)
}

func missing(id ID) error {
	return fault.New(fault.NotFound, "cart.not_found", "no such cart").With("id", string(id))
}

func missingLine(id LineID) error {
	return fault.New(fault.NotFound, "cart.line_not_found", "no such line in the cart").With("id", string(id))
}
