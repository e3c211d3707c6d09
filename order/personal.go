package order

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Bounds of what people write.
const (
	MaxNote  = 2_000 // bytes of one note
	MaxNotes = 500   // notes of a group
	MaxEmail = 254   // bytes of a mail address
)

// Personal is what a group knows about people. It is kept apart from the
// orders, so that it can be erased while they stay.
type Personal struct {
	Group GroupID
	// ShipTo is where the group is delivered; zero where nothing is.
	ShipTo address.Address
	// BillTo is who the invoice names; zero where it is ShipTo.
	BillTo address.Address
	// Email reaches the buyer; required of guests by a shop's own rules.
	Email string
	// Remark is what the buyer wrote to the sellers.
	Remark string
	// ErasedAt is when all of the above was removed; zero while it is there.
	ErasedAt time.Time
}

// Erased reports whether the content is gone.
func (p *Personal) Erased() bool { return !p.ErasedAt.IsZero() }

// Validate reports, as one Invalid fault, everything that is wrong.
func (p *Personal) Validate() error {
	c := &checker{}
	var ship error
	if !p.ShipTo.IsZero() {
		ship = p.ShipTo.Validate()
		c.Merge("ship_to", ship)
	}
	switch {
	case p.BillTo.IsZero():
	case p.BillTo == p.ShipTo:
		c.Merge("bill_to", ship)
	default:
		c.Merge("bill_to", p.BillTo.Validate())
	}
	c.text("email", p.Email, MaxEmail)
	c.text("remark", p.Remark, MaxNote)
	return c.Err("order.personal", "the buyer's data are not valid")
}

// Note is what somebody wrote about a group or one order of it.
type Note struct {
	ID    string
	Group GroupID
	Order ID // empty: about the whole group
	At    time.Time
	// By is who wrote it, as ref.Scope.String names it.
	By string
	// Merchant is the seller who wrote it; empty for the buyer and staff.
	Merchant ref.MerchantID
	// Public says that the buyer may read it.
	Public bool
	Text   string
}

// readable reports whether a scope may read a note of a group it may see:
// staff all, the buyer what is public, a merchant what is public or its own,
// and nothing about the others' orders.
func (n *Note) readable(scope ref.Scope, g *Group) bool {
	if scope.All() {
		return true
	}
	if n.Order != "" && !slices.ContainsFunc(g.Orders, func(o Order) bool { return o.ID == n.Order }) {
		return false
	}
	if m := scope.Merchant(); m != "" {
		return n.Merchant == m || n.Merchant == "" && n.Public
	}
	return n.Public
}

func checkNote(text string) error {
	c := &checker{}
	if text == "" {
		c.Add("text", "required", nil)
	}
	c.text("text", text, MaxNote)
	return c.Err("order.note", "the note is not valid")
}

// ErrErased returns the fault of a note on a group whose personal data were
// erased: what every [PersonalStore] answers.
func ErrErased(id GroupID) error {
	return fault.New(fault.FailedPrecondition, "order_personal.erased", "the group's personal data were erased").
		With("id", string(id))
}

func tooManyNotes(id GroupID) error {
	return fault.New(fault.Exhausted, "order.notes", "the group has too many notes").
		With("id", string(id)).With("max", MaxNotes)
}
