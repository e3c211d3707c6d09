package order

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Order is one merchant's part of a group. It is changed by the methods below
// only; each returns the [Entry] for the history, and a [Store] writes both
// together.
type Order struct {
	ID    ID
	Group GroupID
	// Place is the order's position in the group, from 0.
	Place    int
	Number   string
	Merchant ref.MerchantID

	// Member, Guest, Channel and PlacedAt repeat the group's, so that lists
	// of orders read one table.
	Member   ref.MemberID
	Guest    string
	Channel  ref.ChannelID
	PlacedAt time.Time

	State   State
	Payment PaymentState
	// Deadline is when the order moves by itself: the time to pay by while it
	// is pending, the time it counts as received while it is shipped, the time
	// to end it while it is being canceled. Zero where it waits for ever.
	Deadline time.Time
	Parcel   Parcel

	Lines    []Line
	Shipping Shipping

	// Totals are sums over Lines and Shipping.
	Totals
	// Refunded is what was given back so far, from 0 to Total.
	Refunded money.Money

	UpdatedAt time.Time
	// Steps counts the entries of the history.
	Steps int64
	// Version counts the writes; a store refuses an update of another one.
	Version int64
}

// Totals are the amounts of an order.
type Totals struct {
	// Goods is the list amount of the lines, ShippingFee that of the delivery.
	Goods       money.Money
	ShippingFee money.Money
	// Discount is what promotions took off both.
	Discount money.Money
	Net      money.Money
	Tax      money.Money
	// Total is what the buyer pays for the order.
	Total money.Money
}

// Parcel says how a shipped order travels.
type Parcel struct {
	Carrier  string
	Tracking string
}

// Cause says when, by whom and why an order changes.
type Cause struct {
	At time.Time
	// By is who acted, as ref.Scope.String names it: "member:...", "system".
	By string
	// Reason is a code such as "unpaid" or "changed_mind": at most
	// [MaxReason] bytes. What people wrote goes into a [Note].
	Reason string
}

// Entry is one step in the history of an order. Entries are only ever added.
type Entry struct {
	Group GroupID
	Order ID
	// Seq counts the order's entries from 1.
	Seq int64
	Cause

	From, To               State
	PaymentFrom, PaymentTo PaymentState
	// Amount is the money that moved: what was paid, refunded or returned;
	// zero otherwise.
	Amount money.Money
	// Returned says that Amount is a refund that came back.
	Returned bool
	// Units says which pieces are refunded, in the entry of that decision; nil
	// in every other.
	Units *UnitRefund
}

// checked returns the cause as it is stored. Invalid, path "reason".
func (c Cause) checked() (Cause, error) {
	k := &checker{}
	k.text("by", c.By, MaxText)
	k.text("reason", c.Reason, MaxReason)
	c.At = clock.Normalize(c.At)
	return c, k.Err("order.cause", "the cause is not valid")
}

// change runs fn on a copy and keeps it, with its entry, where fn succeeds.
// Every change is Invalid where its cause is.
func (o *Order) change(c Cause, fn func(next *Order, e *Entry) error) (Entry, error) {
	c, err := c.checked()
	if err != nil {
		return Entry{}, err
	}
	next := *o
	e := Entry{
		Group: o.Group, Order: o.ID, Seq: o.Steps + 1, Cause: c,
		From: o.State, PaymentFrom: o.Payment, Amount: money.Zero(o.Total.Currency()),
	}
	if err := fn(&next, &e); err != nil {
		return Entry{}, err
	}
	e.To, e.PaymentTo = next.State, next.Payment
	next.Steps, next.UpdatedAt = e.Seq, c.At
	*o = next
	return e, nil
}

// Confirm releases an order for fulfilment that is not paid in advance: cash
// on delivery, or nothing to pay. FailedPrecondition.
func (o *Order) Confirm(c Cause) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if o.State == StateCanceling {
			return o.refused(StateConfirmed)
		}
		next.Deadline = time.Time{}
		return next.transition(StateConfirmed)
	})
}

// Await lets an unpaid order wait for its payment until then, or, where that
// is zero, until somebody decides: a pending one, and a confirmed one that will
// not be paid on delivery after all, which is pending again. FailedPrecondition.
func (o *Order) Await(c Cause, until time.Time) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if o.Payment != PaymentUnpaid {
			return o.refused(StatePending)
		}
		next.Deadline = clock.Normalize(until)
		if o.State == StatePending {
			return nil
		}
		return next.transition(StatePending)
	})
}

// Pay records that the order was paid in full and confirms it if it was
// pending. An order that is being canceled stays so: [Order.Resume] or
// [Order.Cancel] with a refund resolves it. FailedPrecondition for a canceled
// order and one that is paid.
func (o *Order) Pay(c Cause) (Entry, error) {
	return o.change(c, func(next *Order, e *Entry) error {
		if o.State == StateCanceled {
			return fault.New(fault.FailedPrecondition, "order.closed", "the order was canceled").With("order", string(o.ID))
		}
		e.Amount = o.Total
		if o.State == StatePending {
			next.Deadline = time.Time{}
			if err := next.transition(StateConfirmed); err != nil {
				return err
			}
		}
		return next.transitionPayment(PaymentPaid)
	})
}

// RequestCancel marks the order as being canceled: nothing ships any more,
// and everything it holds stays held until the payment is certain.
// FailedPrecondition, code "order.not_cancellable".
func (o *Order) RequestCancel(c Cause) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if !o.Cancellable() {
			return o.notCancellable()
		}
		next.Deadline = c.At // due at once, for whoever ends it
		return next.transition(StateCanceling)
	})
}

// TakeBack marks a shipped order that nobody paid for as being canceled: the
// buyer did not take it, and the goods are back. FailedPrecondition, code
// "order.not_cancellable".
func (o *Order) TakeBack(c Cause) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if o.State != StateShipped || o.Payment != PaymentUnpaid {
			return o.notCancellable()
		}
		next.Deadline = c.At
		return next.transition(StateCanceling)
	})
}

// Cancel ends the order without fulfilment. Where it was paid the refund
// follows by [Order.Refund]. FailedPrecondition, code "order.not_cancellable".
func (o *Order) Cancel(c Cause) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if !o.State.To(StateCanceled) {
			return o.notCancellable()
		}
		next.Deadline = time.Time{}
		return next.transition(StateCanceled)
	})
}

// Resume takes a cancellation back that turned out impossible: the provider
// had taken the money and the shop keeps the order. FailedPrecondition for an
// order that is not being canceled.
func (o *Order) Resume(c Cause) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if o.State != StateCanceling {
			return o.refused(StateConfirmed)
		}
		next.Deadline = time.Time{}
		return next.transition(StateConfirmed)
	})
}

// Ship hands the order to a carrier; it completes by itself at receiveBy
// unless that is zero. FailedPrecondition, code "order.nothing_to_ship" where
// every piece was refunded, and so is on the shelf again.
func (o *Order) Ship(c Cause, p Parcel, receiveBy time.Time) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if o.State == StateConfirmed && !o.Kept() {
			return fault.New(fault.FailedPrecondition, "order.nothing_to_ship", "every piece was refunded").
				With("order", string(o.ID))
		}
		next.Parcel, next.Deadline = p, clock.Normalize(receiveBy)
		return next.transition(StateShipped)
	})
}

// Kept reports whether the buyer keeps a piece that was not refunded.
func (o *Order) Kept() bool {
	return slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Returned < l.Quantity })
}

// Owed reports whether there is something to pay for the order and nobody has.
func (o *Order) Owed() bool { return o.Payment == PaymentUnpaid && !o.Total.IsZero() }

// Complete records that the buyer has received the order. FailedPrecondition,
// code "order.unpaid" where nobody has paid for it.
func (o *Order) Complete(c Cause) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if o.State == StateShipped && o.Owed() {
			return fault.New(fault.FailedPrecondition, "order.unpaid", "nobody has paid for the order").
				With("order", string(o.ID))
		}
		next.Deadline = time.Time{}
		return next.transition(StateCompleted)
	})
}

// Refund records that amount was given back. Kinds: FailedPrecondition where
// nothing was paid; Exhausted, code "order.over_refund", where it is more
// than what is left; Invalid for an amount that is not positive or of another
// currency.
func (o *Order) Refund(c Cause, amount money.Money) (Entry, error) {
	return o.refund(c, amount, false)
}

// ReturnRefund records that amount of an earlier refund came back: the bank
// could not deliver it. Kinds as for [Order.Refund].
func (o *Order) ReturnRefund(c Cause, amount money.Money) (Entry, error) {
	return o.refund(c, amount, true)
}

func (o *Order) refund(c Cause, amount money.Money, returned bool) (Entry, error) {
	return o.change(c, func(next *Order, e *Entry) error {
		if amount.Sign() <= 0 {
			return fault.New(fault.Invalid, "order.refund_amount", "a refund is more than nothing").
				WithField("amount", "out_of_range", nil)
		}
		if o.Payment == PaymentUnpaid {
			return next.transitionPayment(PaymentPartiallyRefunded)
		}
		apply := o.Refunded.Add
		if returned {
			apply = o.Refunded.Sub
		}
		done, err := apply(amount)
		if err != nil {
			return err
		}
		to := PaymentPartiallyRefunded
		switch {
		case done.Sign() < 0 || done.Minor() > o.Total.Minor():
			return overRefund(o, amount)
		case done.Equal(o.Total):
			to = PaymentRefunded
		case done.IsZero():
			to = PaymentPaid
		}
		next.Refunded, e.Amount, e.Returned = done, amount, returned
		return next.transitionPayment(to)
	})
}

// Prolong moves the deadline of a pending or shipped order to a later time.
// FailedPrecondition where it has none; Invalid, path "until", where it is
// not later.
func (o *Order) Prolong(c Cause, until time.Time) (Entry, error) {
	return o.change(c, func(next *Order, _ *Entry) error {
		if o.Deadline.IsZero() {
			return fault.New(fault.FailedPrecondition, "order.no_deadline", "the order has no deadline").
				With("order", string(o.ID))
		}
		if !until.After(o.Deadline) {
			return fault.New(fault.Invalid, "order.deadline", "a deadline only moves on").
				WithField("until", "out_of_range", fault.Params{"after": o.Deadline})
		}
		next.Deadline = clock.Normalize(until)
		return nil
	})
}

// Line returns a line of the order. NotFound.
func (o *Order) Line(id LineID) (*Line, error) {
	if i := slices.IndexFunc(o.Lines, func(l Line) bool { return l.ID == id }); i >= 0 {
		return &o.Lines[i], nil
	}
	return nil, missingLine(id)
}

// Cancellable reports whether the order can still be canceled: it is not
// shipped.
func (o *Order) Cancellable() bool {
	return o.State == StatePending || o.State == StateConfirmed
}

// Refundable returns what was paid and not yet given back.
func (o *Order) Refundable() money.Money {
	if o.Payment == PaymentUnpaid {
		return money.Zero(o.Total.Currency())
	}
	return money.New(o.Total.Minor()-o.Refunded.Minor(), o.Total.Currency())
}

// Clone returns a copy that shares nothing mutable with o.
func (o Order) Clone() Order {
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		o.Lines[i] = o.Lines[i].Clone()
	}
	o.Shipping = o.Shipping.Clone()
	return o
}

func (o *Order) refused(to State) error {
	return fault.New(fault.FailedPrecondition, "order.state", "the order's state does not allow this").
		With("order", string(o.ID)).With("from", string(o.State)).With("to", string(to))
}

func (o *Order) notCancellable() error {
	return fault.New(fault.FailedPrecondition, "order.not_cancellable", "the order can no longer be canceled").
		With("order", string(o.ID)).With("state", string(o.State))
}
