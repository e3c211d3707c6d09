package order

import (
	"fmt"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// MaxRefundLines bounds the lines of one [UnitRefund].
const MaxRefundLines = 500

// UnitRefund is a refund of pieces of an order's lines, and perhaps of its
// delivery, as it was decided: it stands in the history for ever. What of it
// has reached the buyer is told by Order.Refunded. One without lines and
// delivery gives back what was kept back of the order before, as pieces of
// another order of the group came back.
type UnitRefund struct {
	// Key was chosen by who asked for it: one refund per (order, Key).
	Key   string          `json:"key"`
	Lines []RefundedUnits `json:"lines,omitempty"`
	// Delivery is the worth of the delivery, where that is refunded too.
	Delivery *Worth `json:"delivery,omitempty"`
	// Withdrawn says that the buyer did not send the pieces back: they could not
	// be delivered, or were lost or damaged on the way.
	Withdrawn bool `json:"withdrawn,omitempty"`
	// ClawBacks are kept back of what Lines and Delivery are worth, or given
	// back beside it.
	ClawBacks []ClawBack `json:"claw_backs,omitempty"`
	// Amount is what goes back to the buyer: what it is all worth less the
	// claw-backs, of which some may be less than nothing, and less what an
	// earlier goodwill has given back already.
	Amount money.Money `json:"amount"`
	// Payment names the payment's refund; empty where Amount is zero.
	Payment string `json:"payment,omitempty"`
}

// RefundedUnits are pieces of one line.
type RefundedUnits struct {
	Line LineID    `json:"line"`
	SKU  ref.SKUID `json:"sku"`
	// Before is how many pieces of the line were refunded earlier.
	Before   ref.Quantity `json:"before"`
	Quantity ref.Quantity `json:"quantity"`
	Worth
}

// Worth is what pieces of a line were sold for: their share of each amount of
// the line. Whatever the parts and their order, the shares of all pieces sum
// to the amounts of the line.
type Worth struct {
	List     money.Money `json:"list"`
	Discount money.Money `json:"discount"`
	Tax      money.Money `json:"tax"`
	Gross    money.Money `json:"gross"`
	// Adjustments are the promotions' shares, which their bearers get back.
	Adjustments []Adjustment `json:"adjustments,omitempty"`
}

// Worth returns what all of it is worth, before claw-backs.
func (r *UnitRefund) Worth() (money.Money, error) {
	sum := money.Zero(r.Amount.Currency())
	var err error
	for i := range r.Lines {
		if sum, err = sum.Add(r.Lines[i].Gross); err != nil {
			return sum, err
		}
	}
	if r.Delivery != nil {
		return sum.Add(r.Delivery.Gross)
	}
	return sum, nil
}

// Clone returns a copy that shares nothing mutable with r.
func (r UnitRefund) Clone() UnitRefund {
	r.Lines = slices.Clone(r.Lines)
	for i := range r.Lines {
		r.Lines[i].Adjustments = cloneAdjustments(r.Lines[i].Adjustments)
	}
	if r.Delivery != nil {
		w := *r.Delivery
		w.Adjustments = cloneAdjustments(w.Adjustments)
		r.Delivery = &w
	}
	r.ClawBacks = cloneClawBacks(r.ClawBacks)
	return r
}

// WithdrawnUnits returns how many pieces of each line were refunded that were
// withdrawn; nil for none. It counts the entries of every order in the history.
func WithdrawnUnits(history []Entry) map[LineID]ref.Quantity {
	var out map[LineID]ref.Quantity
	for i := range history {
		u := history[i].Units
		if u == nil || !u.Withdrawn {
			continue
		}
		if out == nil {
			out = map[LineID]ref.Quantity{}
		}
		for j := range u.Lines {
			out[u.Lines[j].Line] += u.Lines[j].Quantity
		}
	}
	return out
}

// Clone returns a copy that shares nothing mutable with e.
func (e Entry) Clone() Entry {
	if e.Units != nil {
		u := e.Units.Clone()
		e.Units = &u
	}
	return e
}

// ReturnedUnits returns how many pieces of its lines were refunded, of those of
// which any were; nil for none.
func (o *Order) ReturnedUnits() map[LineID]ref.Quantity {
	var out map[LineID]ref.Quantity
	for i := range o.Lines {
		if l := &o.Lines[i]; l.Returned > 0 {
			if out == nil {
				out = map[LineID]ref.Quantity{}
			}
			out[l.ID] = l.Returned
		}
	}
	return out
}

// RefundUnits notes that pieces of the order, or its delivery, are refunded;
// the money is noted by [Order.Refund] once it has arrived. Kinds:
// FailedPrecondition for an order that was not paid or is being canceled;
// NotFound for a foreign line; Exhausted, code "order.over_return", where not
// as many pieces are left, and "order.over_refund", where the amount is more
// than the pieces are worth or than is left of what was paid; Conflict where
// others were refunded meanwhile; Invalid where it is nothing.
//
// History holds the entries of the order so far, and perhaps others: no more
// is given back to the buyer, and by each bearer, than was kept back before.
func (o *Order) RefundUnits(c Cause, r UnitRefund, history []Entry) (Entry, error) {
	return o.change(c, func(next *Order, e *Entry) error {
		switch {
		case o.Payment == PaymentUnpaid, o.State == StateCanceling, o.State == StateCanceled:
			return fault.New(fault.FailedPrecondition, "order.not_refundable", "the order's pieces cannot be refunded").
				With("order", string(o.ID)).With("state", string(o.State)).With("payment", string(o.Payment))
		case len(r.Lines) == 0 && r.Delivery == nil && len(r.ClawBacks) == 0:
			return fault.New(fault.Invalid, "order.refund_units", "a refund is more than nothing").
				WithField("lines", "required", nil)
		case len(r.Lines) > MaxRefundLines:
			return fault.New(fault.Invalid, "order.refund_units", "too many lines at once").
				WithField("lines", "too_many", fault.Params{"max": MaxRefundLines})
		}
		next.Lines = slices.Clone(o.Lines)
		for i := range r.Lines {
			if err := next.takeBack(&r.Lines[i]); err != nil {
				return err
			}
		}
		if r.Delivery != nil {
			if o.Shipping.Returned {
				return overReturn(o, "delivery")
			}
			next.Shipping.Returned = true
		}
		if err := r.bounded(o); err != nil {
			return err
		}
		if err := r.balanced(o, history); err != nil {
			return err
		}
		kept := r.Clone()
		e.Units = &kept
		return nil
	})
}

// takeBack counts pieces of a line as returned.
func (o *Order) takeBack(r *RefundedUnits) error {
	l, err := o.Line(r.Line)
	if err != nil {
		return err
	}
	switch {
	case r.Quantity < 1 || r.Quantity > l.Quantity-l.Returned:
		return overReturn(o, string(l.ID)).With("left", l.Quantity-l.Returned)
	case r.Before != l.Returned:
		return fault.New(fault.Conflict, "order.stale", "other pieces were refunded meanwhile").With("line", string(l.ID))
	}
	l.Returned += r.Quantity
	return nil
}

// bounded checks the amounts: what goes back is no more than the pieces are
// worth, less what is kept back, and beside it what is given back.
func (r *UnitRefund) bounded(o *Order) error {
	worth, err := r.Worth()
	if err != nil {
		return err
	}
	out := r.Amount
	for i := range r.ClawBacks {
		if out, err = out.Add(r.ClawBacks[i].Amount); err != nil {
			return err
		}
	}
	if r.Amount.Sign() < 0 || out.Minor() > worth.Minor() || r.Amount.Minor() > o.Refundable().Minor() {
		return overRefund(o, r.Amount)
	}
	return nil
}

// balanced checks the claw-backs: each is what its bearers get, and with those
// of the history nobody gets less than nothing of a promotion.
func (r *UnitRefund) balanced(o *Order, history []Entry) error {
	for i := range r.ClawBacks {
		c := &r.ClawBacks[i]
		sum := money.Zero(r.Amount.Currency())
		var err error
		for _, b := range c.Bearers {
			if sum, err = sum.Add(b.Amount); err != nil {
				return err
			}
			if b.Amount.IsZero() {
				return unbalanced(o, c)
			}
		}
		if !sum.Equal(c.Amount) || len(c.Bearers) == 0 {
			return unbalanced(o, c)
		}
	}
	all, err := KeptBack(history, o.ID)
	if err != nil {
		return err
	}
	if all, err = SumClawBacks(append(all, r.ClawBacks...)); err != nil {
		return err
	}
	for i := range all {
		for _, b := range all[i].Bearers {
			if b.Amount.Sign() < 0 {
				return unbalanced(o, &all[i])
			}
		}
	}
	return nil
}

func unbalanced(o *Order, c *ClawBack) error {
	return fault.New(fault.Exhausted, "order.over_refund", "more is given back than was kept back").
		With("order", string(o.ID)).With("promotion", string(c.Promotion))
}

func overReturn(o *Order, what string) *fault.Fault {
	return fault.New(fault.Exhausted, "order.over_return", "not as much is left that was not refunded").
		With("order", string(o.ID)).With("what", what)
}

func overRefund(o *Order, amount money.Money) error {
	return fault.New(fault.Exhausted, "order.over_refund", "more than was paid and not yet refunded").
		With("order", string(o.ID)).With("amount", amount).With("refunded", o.Refunded)
}

// returned checks how many pieces came back.
func (c *checker) returned(path string, l *Line) {
	if l.Returned < 0 || l.Returned > l.Quantity {
		c.Add(fmt.Sprintf("%s.returned", path), "out_of_range", fault.Params{"min": 0, "max": l.Quantity})
	}
}
