package inventory

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Level is how many pieces of a SKU lie at a location.
type Level struct {
	SKU      ref.SKUID
	Location ref.LocationID
	// OnHand is what lies there, Reserved what of it is promised:
	// 0 <= Reserved <= OnHand.
	OnHand   ref.Quantity
	Reserved ref.Quantity
}

// Available is what can still be promised.
func (l Level) Available() ref.Quantity { return l.OnHand - l.Reserved }

// State is what became of a reservation.
type State string

// The states of a reservation. Committed and released are final.
const (
	Held      State = "held"      // counted in Level.Reserved
	Committed State = "committed" // the pieces have left
	Released  State = "released"  // the pieces are free again
)

var transitions = map[State][]State{
	Held:      {Committed, Released},
	Committed: {},
	Released:  {},
}

// Reservation promises pieces of a SKU at a location to an owner. There is at
// most one per (owner, SKU, location).
type Reservation struct {
	// Owner is whom it is for: an order's id.
	Owner    string
	SKU      ref.SKUID
	Location ref.LocationID
	Quantity ref.Quantity
	State    State
	// ExpiresAt is when a held one is released by itself; zero for never, as
	// while a payment is under way.
	ExpiresAt time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Settle moves a reservation to a state that follows its own, and reports
// whether there is such a way: what is final stays.
func (r *Reservation) Settle(to State, at time.Time) bool {
	if !slices.Contains(transitions[r.State], to) {
		return false
	}
	r.State, r.UpdatedAt = to, at
	return true
}

// Kind says why stock moved.
type Kind string

// The kinds of movement.
const (
	KindReceive Kind = "receive" // goods came in
	KindAdjust  Kind = "adjust"  // a correction, up or down
	KindReturn  Kind = "return"  // what was sold came back
	KindReserve Kind = "reserve"
	KindCommit  Kind = "commit" // sold
	KindRelease Kind = "release"
)

// Movement is one entry of the stock ledger. Entries are only ever added; the
// sum of a SKU's entries at a location is its [Level].
type Movement struct {
	// Seq orders the entries of a SKU at a location.
	Seq      int64
	SKU      ref.SKUID
	Location ref.LocationID
	Kind     Kind
	// OnHand and Reserved are what was added to the level's numbers.
	OnHand   ref.Quantity
	Reserved ref.Quantity
	// Ref is what it was for: the owner of the reservation, a document.
	Ref string
	At  time.Time
}

// Change is a movement that is not a reservation's: its delta goes to OnHand.
type Change struct {
	SKU      ref.SKUID
	Location ref.LocationID
	Kind     Kind
	Delta    ref.Quantity
	Ref      string
}

// Shortage is a demand that cannot be met.
type Shortage struct {
	SKU  ref.SKUID    `json:"sku"`
	Want ref.Quantity `json:"want"`
	Have ref.Quantity `json:"have"`
}

// ErrShort returns the fault of demands that cannot be met: Exhausted, code
// "inventory.short", with the shortages as parameter "short".
func ErrShort(short []Shortage) error {
	f := fault.New(fault.Exhausted, "inventory.short", "there are not enough pieces").With("short", short)
	if len(short) == 1 {
		f = f.With("sku", string(short[0].SKU)).With("want", short[0].Want).With("have", short[0].Have)
	}
	return f
}
