package order

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Target names the order that a call is about.
type Target struct {
	Group GroupID
	Order ID
	// Version is the version the caller has seen; Conflict where the order
	// moved on. Zero takes the newest.
	Version int64
}

// ShipInput says how an order travels.
type ShipInput struct {
	Target
	// Parcel may be empty: a pickup, a download.
	Parcel Parcel
}

// Ship hands a confirmed order to a carrier. The merchant and staff may.
// Kinds: NotFound, PermissionDenied, Invalid, Conflict; FailedPrecondition, code
// "order.nothing_to_ship" where every piece was refunded.
func (s *Service) Ship(ctx context.Context, scope ref.Scope, in ShipInput) (Order, error) {
	c := &checker{}
	c.text("parcel.carrier", in.Parcel.Carrier, MaxReference)
	c.text("parcel.tracking", in.Parcel.Tracking, MaxReference)
	if err := c.Err("order.parcel", "the parcel is not valid"); err != nil {
		return Order{}, err
	}
	cause := s.cause(ctx, scope, "")
	var receiveBy time.Time
	if s.cfg.ReceiveWithin > 0 {
		receiveBy = cause.At.Add(s.cfg.ReceiveWithin)
	}
	return s.change(ctx, scope, in.Target, may{merchant: true}, func(o *Order) (Entry, error) {
		return o.Ship(cause, in.Parcel, receiveBy)
	})
}

// Complete confirms the receipt of a shipped order. The buyer and staff may.
// Kinds: NotFound, PermissionDenied, Conflict; FailedPrecondition, code
// "order.unpaid" where what was to be paid on delivery has not arrived.
func (s *Service) Complete(ctx context.Context, scope ref.Scope, in Target) (Order, error) {
	cause := s.cause(ctx, scope, "received")
	return s.change(ctx, scope, in, may{buyer: true}, func(o *Order) (Entry, error) { return o.Complete(cause) })
}

// ProlongInput moves the deadline of an order.
type ProlongInput struct {
	Target
	Until time.Time
}

// Prolong gives a buyer more time before a shipped order counts as received:
// merchant, staff and the buyer may. More time to pay is a matter of the
// payment too, and so the checkout's: FailedPrecondition, code "order.pay_by",
// for an order that is pending. Kinds: NotFound, Invalid, PermissionDenied,
// FailedPrecondition, Conflict.
func (s *Service) Prolong(ctx context.Context, scope ref.Scope, in ProlongInput) (Order, error) {
	cause := s.cause(ctx, scope, "prolonged")
	if latest := cause.At.Add(s.cfg.MaxProlong); in.Until.After(latest) {
		return Order{}, fault.New(fault.Invalid, "order.deadline", "the deadline is too far away").
			WithField("until", "out_of_range", fault.Params{"max": latest})
	}
	return s.change(ctx, scope, in.Target, may{buyer: true, merchant: true}, func(o *Order) (Entry, error) {
		if o.State == StatePending {
			return Entry{}, fault.New(fault.FailedPrecondition, "order.pay_by", "the time to pay is the payment's as well").
				With("order", string(o.ID))
		}
		return o.Prolong(cause, in.Until)
	})
}

// dueLease is how long a claimed order is kept from other workers.
const dueLease = time.Minute

// CompleteDue completes at most limit orders whose time to be received is
// over, and returns how many. One that nobody has paid for is none of them: it
// is looked at again later. Workers on many nodes may run it together. Only
// staff and system may: PermissionDenied.
func (s *Service) CompleteDue(ctx context.Context, scope ref.Scope, limit int) (int, error) {
	if !scope.All() {
		return 0, denied()
	}
	due, err := s.cfg.Store.ClaimDue(ctx, DueQuery{
		State: StateShipped, Now: s.cfg.Clock.Now(), Lease: dueLease, Limit: limit,
	})
	if err != nil {
		return 0, err
	}
	done := 0
	var failed []error
	for _, d := range due {
		cause := s.cause(ctx, scope, "overdue")
		o, err := s.change(ctx, scope, Target{Group: d.Group, Order: d.Order}, may{}, func(o *Order) (Entry, error) {
			switch {
			case o.State != StateShipped || o.Deadline.IsZero() || o.Deadline.After(cause.At):
				return Entry{}, errMoved
			case o.Owed():
				unpaid := cause
				unpaid.Reason = "unpaid"
				return o.Prolong(unpaid, cause.At.Add(max(s.cfg.ReceiveWithin, unpaidAgain)))
			}
			return o.Complete(cause)
		})
		switch {
		case err == nil && o.State == StateCompleted:
			done++
		case err == nil:
		case !errors.Is(err, errMoved):
			failed = append(failed, err)
		}
	}
	return done, errors.Join(failed...)
}

// unpaidAgain is the least time until an order that nobody has paid for is due
// again.
const unpaidAgain = 24 * time.Hour

// errMoved says that a claimed order moved before its turn came.
var errMoved = errors.New("order: moved meanwhile")
