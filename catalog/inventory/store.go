package inventory

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Store keeps levels, reservations and the ledger. The number of statements
// of a method never depends on how many rows it is handed, and rows are
// locked in the order of (SKU, location).
type Store interface {
	// Levels returns the levels of SKUs, by (SKU, location).
	Levels(ctx context.Context, skus []ref.SKUID) ([]Level, error)
	// Reserve inserts reservations as held and raises the levels' Reserved,
	// all of them or none: where a level lacks pieces it writes nothing,
	// returns every shortage by SKU and leaves the unit usable. Kinds:
	// FailedPrecondition outside a unit; AlreadyExists where an owner has a
	// reservation of a SKU at a location, which fails the unit.
	Reserve(ctx context.Context, rs []Reservation, at time.Time) ([]Shortage, error)
	// Settle moves the owners' held reservations to Committed or Released,
	// adjusts the levels and returns those it moved, by (owner, SKU,
	// location). Of concurrent calls one moves a reservation.
	// FailedPrecondition outside a unit.
	Settle(ctx context.Context, owners []string, to State, at time.Time) ([]Reservation, error)
	// Extend sets the expiry of the owners' held reservations, zero for
	// never, and returns how many there are.
	Extend(ctx context.Context, owners []string, until, at time.Time) (int, error)
	// Apply applies changes, creating levels that lack, all of them or none.
	// Exhausted, code "inventory.short", where OnHand would fall below
	// Reserved. FailedPrecondition outside a unit.
	Apply(ctx context.Context, changes []Change, at time.Time) error
	// Expired returns the owners of at most limit held reservations that
	// expire at or before the given time, the oldest first, each owner once.
	// Inside a unit it skips what other units are working on and keeps what it
	// returns from them.
	Expired(ctx context.Context, before time.Time, limit int) ([]string, error)
	// Reservations returns the reservations of owners, by (owner, SKU,
	// location).
	Reservations(ctx context.Context, owners []string) ([]Reservation, error)
	// Ledger pages through the movements, the newest last.
	Ledger(ctx context.Context, q LedgerQuery, p page.Request) (page.Page[Movement], error)
}

// LedgerQuery selects movements; zero fields select all.
type LedgerQuery struct {
	SKU  ref.SKUID
	Kind Kind
}

// Auditor is an optional power of a [Store]: to compare levels, reservations
// and ledger where they lie, and to put levels right.
type Auditor interface {
	// Audit returns at most limit levels whose numbers do not follow from the
	// reservations and the ledger, by (SKU, location).
	Audit(ctx context.Context, limit int) ([]Mismatch, error)
	// AuditReservations returns at most limit reservations whose state does
	// not follow from the ledger, by (owner, SKU, location).
	AuditReservations(ctx context.Context, limit int) ([]Unfounded, error)
	// Repair makes the levels of SKUs follow: OnHand from the ledger, Reserved
	// from the held reservations, entering into the ledger what it lacks of
	// them. It returns the levels it changed, as they were. It locks the
	// levels first, so it may run while the shop sells. FailedPrecondition
	// outside a unit, and, code "inventory.irreparable", where more pieces are
	// held than the ledger knows: then nothing is written.
	Repair(ctx context.Context, skus []ref.SKUID, at time.Time) ([]Mismatch, error)
}

// ReturnAuditor is an optional power of a [Store]: to tell what came back.
type ReturnAuditor interface {
	// Returned returns how many pieces of the owners' reservations came back,
	// as the ledger has it, by (owner, SKU, location). One statement.
	Returned(ctx context.Context, owners []string) ([]Returned, error)
}

// Returned is how many pieces of a reservation came back.
type Returned struct {
	Owner    string
	SKU      ref.SKUID
	Location ref.LocationID
	Quantity ref.Quantity
}

// Mismatch is a level that does not follow from what it counts.
type Mismatch struct {
	Level
	// HeldSum is what its held reservations add up to; LedgerOnHand and
	// LedgerReserved what its movements do.
	HeldSum        ref.Quantity
	LedgerOnHand   ref.Quantity
	LedgerReserved ref.Quantity
}

// Sound reports whether the level follows from what it counts.
func (m Mismatch) Sound() bool {
	return m.Reserved >= 0 && m.Reserved <= m.OnHand && m.Reserved == m.HeldSum &&
		m.OnHand == m.LedgerOnHand && m.Reserved == m.LedgerReserved
}

// Unfounded is a reservation whose state does not follow from the ledger: it
// was counted twice, or both sold and freed, or not at all, or more of it came
// back than was sold.
type Unfounded struct {
	Owner    string
	SKU      ref.SKUID
	Location ref.LocationID
	// Quantity and State are the reservation's; zero where there is none.
	Quantity ref.Quantity
	State    State
	// What the ledger says was reserved, sold and freed, in how many entries.
	Reserved ref.Quantity
	Sold     ref.Quantity
	Freed    ref.Quantity
	Entries  int
	// Returned is how much of what was sold came back, in any number of
	// entries that Entries does not count.
	Returned ref.Quantity
}

// Founded reports whether the state follows from the ledger.
func (u Unfounded) Founded() bool {
	sold, freed, entries := ref.Quantity(0), ref.Quantity(0), 1
	switch u.State {
	case Held:
	case Committed:
		sold, entries = u.Quantity, 2
	case Released:
		freed, entries = u.Quantity, 2
	default:
		return false
	}
	return u.Quantity > 0 && u.Reserved == u.Quantity && u.Sold == sold && u.Freed == freed && u.Entries == entries &&
		u.Returned >= 0 && u.Returned <= sold
}
