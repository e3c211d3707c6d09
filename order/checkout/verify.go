package checkout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// Violation is a broken invariant between orders, payments and stock: its
// name, as in the project's model of money, the object, and how.
type Violation = payment.Violation

// Verify reads every group with its payment and its reservations, one at a
// time, then every payment with its group, a page at a time, and yields what
// does not agree; it changes nothing. What seems broken is read until it stands
// still, so that the shop may go on meanwhile. It stops at the first error of a
// store.
//
//   - I5: a group is payable as its orders come to, and what is to be paid is
//     what the orders that want it come to.
//   - I6: a paid order's intent is captured, and an unpaid order that waits
//     for no cash has one that is not. A group has its intent, and an intent
//     its group.
//   - I7: a canceled order holds no stock, and all that was handed out for it is
//     back; a payment that is over leaves no order waiting.
//   - I8: what orders say was refunded is what the intent says, and the pieces
//     that were refunded are no more than were sold, each for its own share. No
//     more of what was kept back is given back than was, of no promotion and by
//     no bearer.
//   - I17: a cart's version became this one group, the remembered answer to a
//     key is the group that its cart became, and a group that was placed so
//     lately that its key is still remembered has one. Where the store of calls
//     has no [uow.CallLister], only the first is looked at.
//   - I21, I22: the reservations of an order are those of its lines, held
//     while it waits, committed once it is to be fulfilled. Of what was handed
//     out came back what was refunded before it was shipped, or canceled, and
//     no more. Where the store of stock is no [inventory.ReturnAuditor], what
//     came back is not looked at.
//   - I23: what waits for a payment never expires.
//   - I26: the history of an order leads to its states.
//   - I31: what was received is paid for.
//   - I29: what is to be fulfilled is paid for, or waits to be paid on delivery.
//   - I30: what waits for its payment does so as long as its payment, which is
//     given up at some time, unless goods beside it are out of the house.
func (s *Service) Verify(ctx context.Context, orders *order.Service) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		calls := s.keyedCalls()
		req := page.Request{Limit: page.MaxLimit}
		for {
			p, err := orders.List(ctx, ref.System(), order.Query{}, req)
			if err != nil {
				yield(Violation{}, err)
				return
			}
			back, err := s.backOf(ctx, p.Items)
			if err != nil {
				yield(Violation{}, err)
				return
			}
			for i := range p.Items {
				if p.Items[i].Place != 0 {
					continue // its group is looked at with the first order of it
				}
				v, err := s.verifyStill(ctx, orders, p.Items[i].Group, back)
				if err != nil {
					yield(Violation{}, err)
					return
				}
				if calls.expect(&v.group) && !calls.answered(ctx, yield) {
					return
				}
				for _, v := range v.out {
					if !yield(v, nil) {
						return
					}
				}
			}
			if p.Next == "" {
				break
			}
			req.After = p.Next
		}
		if calls.all(ctx, yield) {
			s.verifyIntents(ctx, yield)
		}
	}
}

// verifier gathers what is wrong with a group.
type verifier struct {
	group   order.Group
	intent  payment.Intent
	history []order.Entry
	refunds map[string]payment.Refund // where pieces were refunded
	stock   []inventory.Reservation
	back    returns
	out     []Violation
}

func (v *verifier) check(ok bool, invariant, object, format string, args ...any) {
	if !ok {
		v.out = append(v.out, Violation{Invariant: invariant, Object: object, Detail: fmt.Sprintf(format, args...)})
	}
}

// maxLooks bounds how often a group is read that seems broken and moves on.
const maxLooks = 20

// verifyStill looks at a group as verifyGroup does. Where something does not agree
// it looks again, until two looks find the same: then nothing has moved from one
// to the other, and what they found was so at one moment.
func (s *Service) verifyStill(ctx context.Context, orders *order.Service, id ref.GroupID, back returns) (*verifier, error) {
	v, err := s.verifyGroup(ctx, orders, id, back)
	for look := 1; err == nil && len(v.out) > 0 && look < maxLooks; look++ {
		last := v
		if v, err = s.verifyGroup(ctx, orders, id, nil); err == nil && reflect.DeepEqual(v, last) {
			break
		}
	}
	return v, err
}

// verifyGroup looks at a group; back is what is known of the stock that came
// back of orders, perhaps of this group.
func (s *Service) verifyGroup(ctx context.Context, orders *order.Service, id ref.GroupID, back returns) (*verifier, error) {
	v := &verifier{}
	var err error
	if v.group, err = s.cfg.Book.Get(ctx, id); errors.Is(err, fault.NotFound) {
		v.check(false, "I6", string(id), "it has orders, and is not there")
		return v, nil
	} else if err != nil {
		return nil, err
	}
	g := &v.group
	v.intent, err = s.cfg.Payments.Get(ctx, ref.System(), g.Intent)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	known := err == nil
	if v.history, err = orders.History(ctx, ref.System(), id); err != nil {
		return nil, err
	}
	if v.stock, err = s.cfg.Stock.Reservations(ctx, ownersOf(g.Orders)...); err != nil {
		return nil, err
	}
	if v.back = back; !back.all(g.Orders) {
		if v.back, err = s.backOf(ctx, g.Orders); err != nil {
			return nil, err
		}
	}
	if g.Cart != "" {
		from, err := s.cfg.Book.PlacedFrom(ctx, g.Cart, g.CartVersion)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return nil, err
		}
		v.check(from == g.ID, "I17", string(g.ID), "the cart's version belongs to %q", from)
	}
	if v.check(known, "I6", string(g.ID), "its payment %q is not there", g.Intent); known {
		v.check(v.intent.Group == g.ID, "I6", string(g.ID), "its payment %s is for %q", g.Intent, v.intent.Group)
		v.verifyMoney()
		if err := s.paidBack(ctx, v); err != nil {
			return nil, err
		}
		v.verifyTerms(func(gateway string) bool {
			caps, ok := s.gateway(gateway)
			return ok && caps.Terms == payment.TermsOnDelivery
		})
	}
	v.verifyPayable()
	for i := range g.Orders {
		v.verifyHistory(&g.Orders[i])
		v.verifyUnits(&g.Orders[i])
		v.verifyStock(&g.Orders[i])
		v.verifyReturns(&g.Orders[i])
	}
	return v, nil
}

// verifyMoney compares the orders with their payment.
func (v *verifier) verifyMoney() {
	g, in := &v.group, &v.intent
	over := in.State == payment.IntentCanceled || in.State == payment.IntentFailed
	var wanted, refunded int64
	paid, some := false, false
	for i := range g.Orders {
		o := &g.Orders[i]
		refunded += o.Refunded.Minor()
		paid = paid || o.Payment != order.PaymentUnpaid
		if o.State != order.StateCanceled || o.Payment != order.PaymentUnpaid {
			wanted += o.Total.Minor()
			some = true
		}
		v.check((o.Payment == order.PaymentUnpaid) == !in.State.Paid() || o.State == order.StateCanceled || o.State == order.StateCanceling,
			"I6", string(o.ID), "order %s, intent %s", o.Payment, in.State)
		v.check(!over || o.State == order.StateCanceled, "I7", string(o.ID), "order %s, intent %s", o.State, in.State)
	}
	v.check(!some || over || wanted == in.Payable.Minor(), "I5", string(g.ID), "orders come to %d, payable is %s", wanted, in.Payable)
	// Money that came too late for every order is given back without any.
	v.check(refunded == in.Refunded.Minor() || !paid && refunded == 0,
		"I8", string(g.ID), "orders refunded %d, intent %d", refunded, in.Refunded.Minor())
}

// verifyPayable compares what was to be paid when the group was placed with
// its orders, whose amounts never change.
func (v *verifier) verifyPayable() {
	var sum int64
	for i := range v.group.Orders {
		sum += v.group.Orders[i].Total.Minor()
	}
	v.check(sum == v.group.Payable.Minor(), "I5", string(v.group.ID), "orders come to %d, the group is payable as %s", sum, v.group.Payable)
}

// verifyTerms requires that somebody has the money, or is sure to ask for it.
func (v *verifier) verifyTerms(onDelivery func(gateway string) bool) {
	g, in := &v.group, &v.intent
	collected := false
	for _, a := range in.Attempts {
		collected = collected || !a.State.Definite() && onDelivery(a.Gateway)
	}
	// What is canceled is taken out of what is collected in two steps.
	between := slices.ContainsFunc(g.Orders, func(o order.Order) bool { return o.State == order.StateCanceling })
	for i := range g.Orders {
		o := &g.Orders[i]
		if !o.Owed() {
			continue
		}
		v.check(o.State != order.StateCompleted, "I31", string(o.ID), "received, and %s", o.Payment)
		v.check(o.State != order.StateConfirmed || collected || between, "I29", string(o.ID), "to be fulfilled, and nobody asks for the money")
		waits := o.State == order.StatePending && in.State.Alive()
		v.check(!waits || o.Deadline.Equal(in.PayBy) && (!o.Deadline.IsZero() || shippedUnpaid(g)),
			"I30", string(o.ID), "waits until %s, its payment until %s", o.Deadline, in.PayBy)
	}
}

// verifyHistory folds the entries of an order.
func (v *verifier) verifyHistory(o *order.Order) {
	var state order.State
	var paid order.PaymentState
	steps := int64(0)
	for _, e := range v.history {
		if e.Order != o.ID {
			continue
		}
		steps++
		v.check(e.Seq == steps && e.From == state && e.PaymentFrom == paid, "I26", string(o.ID), "entry %d does not follow", e.Seq)
		state, paid = e.To, e.PaymentTo
	}
	v.check(state == o.State && paid == o.Payment && steps == o.Steps, "I26", string(o.ID),
		"history leads to %s, %s after %d steps; stored %s, %s, %d", state, paid, steps, o.State, o.Payment, o.Steps)
}

// paidBack reads the payment's refunds where pieces of orders were refunded, or
// a paid order was canceled.
func (s *Service) paidBack(ctx context.Context, v *verifier) error {
	pieces := slices.ContainsFunc(v.history, func(e order.Entry) bool { return e.Units != nil })
	if !pieces && !slices.ContainsFunc(v.group.Orders, owedAll) {
		return nil
	}
	all, err := s.cfg.Payments.RefundsOfCapture(ctx, ref.System(), v.group.Intent)
	if err != nil {
		return err
	}
	v.refunds = make(map[string]payment.Refund, len(all))
	for _, r := range all {
		v.refunds[string(r.ID)] = r
	}
	asked := spread(&v.group, all, func(o *order.Order) int64 { return o.Total.Minor() })
	for i := range v.group.Orders {
		o := &v.group.Orders[i]
		v.check(!owedAll(*o) || asked[o.ID] == o.Total.Minor(), "I8", string(o.ID), "canceled and paid, and %d of %s go back", asked[o.ID], o.Total)
	}
	return nil
}

// owedAll reports whether all that was paid for an order is to go back.
func owedAll(o order.Order) bool {
	return o.State == order.StateCanceled && o.Payment != order.PaymentUnpaid
}

// verifyUnits folds the refunds of pieces of an order.
func (v *verifier) verifyUnits(o *order.Order) {
	back, delivery := map[order.LineID]ref.Quantity{}, false
	var kept []order.ClawBack
	for i := range v.history {
		u := v.history[i].Units
		if u == nil || v.history[i].Order != o.ID {
			continue
		}
		for _, r := range u.Lines {
			l, err := o.Line(r.Line)
			if err != nil {
				v.check(false, "I8", string(o.ID), "refund %q of a line that is not there: %s", u.Key, r.Line)
				continue
			}
			v.check(r.Before == back[l.ID], "I8", string(o.ID), "refund %q of line %s follows %d pieces, not %d", u.Key, l.ID, r.Before, back[l.ID])
			worth, err := WorthOf(l, back[l.ID], r.Quantity)
			v.check(err == nil && reflect.DeepEqual(worth, r.Worth), "I8", string(o.ID), "refund %q of line %s is not its share", u.Key, l.ID)
			back[l.ID] += r.Quantity
		}
		v.verifyAmount(o, u)
		v.check(u.Delivery == nil || !delivery, "I8", string(o.ID), "the delivery was refunded twice")
		delivery = delivery || u.Delivery != nil
		kept = append(kept, u.ClawBacks...)
		v.verifyKept(o, u, kept)
		paid, ok := v.refunds[u.Payment]
		v.check(u.Amount.IsZero() && u.Payment == "" || ok && paid.Amount == u.Amount, "I8", string(o.ID),
			"refund %q of %s is paid by %q of %s", u.Key, u.Amount, u.Payment, paid.Amount)
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		v.check(l.Returned == back[l.ID] && l.Returned <= l.Quantity, "I8", string(o.ID),
			"of line %s %d of %d pieces are refunded, by the history %d", l.ID, l.Returned, l.Quantity, back[l.ID])
	}
	v.check(o.Shipping.Returned == delivery, "I8", string(o.ID), "delivery refunded: %v, by the history %v", o.Shipping.Returned, delivery)
}

// verifyAmount compares what a refund gives back with what it is worth: that, or
// all that was left.
func (v *verifier) verifyAmount(o *order.Order, u *order.UnitRefund) {
	worth, err := u.Worth()
	for _, c := range u.ClawBacks {
		if err == nil {
			worth, err = worth.Sub(c.Amount)
		}
	}
	exact := err == nil && u.Amount == worth || u.Amount.Minor() < worth.Minor() && v.nothingLeft(o)
	v.check(err == nil && exact && u.Amount.Sign() >= 0, "I8", string(o.ID), "refund %q gives %s back of %s", u.Key, u.Amount, worth)
}

// nothingLeft reports whether all that was paid for an order went back, or is on
// its way. What is owed counts as well where it failed or came back, for a case
// is open for it: the refunds of pieces and of cancellations. Another one, such
// as a goodwill, counts as long as it has not: then what was decided beside it
// falls short, see [Service.Refund].
func (v *verifier) nothingLeft(o *order.Order) bool {
	owed := map[string]bool{}
	for i := range v.history {
		if u := v.history[i].Units; u != nil {
			owed[u.Payment] = true
		}
	}
	refunds := slices.SortedFunc(maps.Values(v.refunds), func(a, b payment.Refund) int { return cmp.Compare(a.ID, b.ID) })
	refunds = slices.DeleteFunc(refunds, func(r payment.Refund) bool {
		lost := r.State == payment.RefundFailed || r.State == payment.RefundReversed
		return lost && !owed[string(r.ID)] && r.Reason != payment.ReasonCanceled
	})
	return spread(&v.group, refunds, func(o *order.Order) int64 { return o.Total.Minor() })[o.ID] == o.Total.Minor()
}

// verifyKept looks at what a refund keeps back and gives back, after the
// earlier ones: kept holds the claw-backs of all of them.
func (v *verifier) verifyKept(o *order.Order, u *order.UnitRefund, kept []order.ClawBack) {
	sums, err := order.SumClawBacks(kept)
	v.check(err == nil, "I8", string(o.ID), "claw-backs of refund %q do not add up", u.Key)
	for _, c := range slices.Concat(u.ClawBacks, sums) {
		sum := int64(0)
		for _, b := range c.Bearers {
			sum += b.Amount.Minor()
		}
		v.check(sum == c.Amount.Minor(), "I8", string(o.ID), "of %s of promotion %s refund %q gives its bearers %d", c.Amount, c.Promotion, u.Key, sum)
	}
	for _, c := range sums {
		for _, b := range c.Bearers {
			v.check(b.Amount.Sign() > 0, "I8", string(o.ID), "after refund %q %s has got %s of promotion %s", u.Key, b.Party, b.Amount, c.Promotion)
		}
	}
}
