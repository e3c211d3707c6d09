package checkout

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// CancelInput names what is to be canceled.
type CancelInput struct {
	Group ref.GroupID
	// Orders of the group; all that the scope sees where none is named.
	Orders []order.ID
	// Versions are those of the orders that the caller has seen: where one that
	// is not canceled yet moved on, nothing is canceled. The newest is taken of
	// an order that is not in it.
	Versions map[order.ID]int64
	// Reason is a code such as "changed_mind": at most order.MaxReason lower
	// case letters, digits and underscores. Events carry it, so it is never
	// what somebody wrote.
	Reason string
}

// Canceled is what became of a cancellation.
type Canceled struct {
	Group order.Group
	// Refunds are those that the cancellation opened, one per paid order that
	// the scope may see. A merchant sees no more of them than what goes back.
	Refunds []payment.Refund
	// GivenBack is what goes back beside it: what was kept back of refunds of
	// the group's other orders, and is not due any more.
	GivenBack []GivenBack
	// Pending says that the provider has not yet said what became of the
	// payment: the orders stay "canceling", and a worker ends it.
	Pending bool
}

// Cancel cancels a group or single orders of it, before or after the payment,
// as long as they are not shipped. Before the payment, what is under way at
// the provider is closed first and nothing is freed until that is certain; the
// rest of the group stays to be paid. After it, the order's money goes back
// and its stock returns. Buyers cancel the own orders, merchants the own part,
// staff any. Canceling again changes nothing. Never call it inside a unit.
//
// A buyer who takes a part out keeps no offer that only the whole had earned,
// where its policy for partial refunds is to take it back: everything can be
// canceled and ordered anew, and what is paid can be refunded in part, see
// [Service.Refund]. What a merchant or the staff cancel is not the buyer's
// doing. Of two cancellations at once the second is asked with what the first
// has left. What earlier refunds have kept back goes back as far as it is not
// due any more, and with it nobody pays for a cancellation.
//
// Kinds: NotFound; Invalid; FailedPrecondition, code "order.not_cancellable",
// for one that was shipped, "checkout.order_changed" for another version than
// was seen, and "checkout.offer_lost", with the promotion, as above: nothing is
// canceled then.
func (s *Service) Cancel(ctx context.Context, scope ref.Scope, in CancelInput) (Canceled, error) {
	return s.cancel(ctx, scope, in, (*order.Order).RequestCancel)
}

// TakeBack closes orders that were shipped to be paid on delivery and that the
// buyer did not take: the goods are back, and their stock is. All shipped orders
// of the group where none is named. Where a courier is still waiting for the
// money, that is closed first, as by [Service.Cancel]; what was collected all the
// same goes back to the buyer. For the promotions it is the buyer who gave the
// orders up: where nothing else is left of the group, coupons come back as their
// terms have it, and where something is, they do not earn an offer for it when
// some of that is refunded. Staff and system only. Taking back again changes
// nothing. Never call it inside a unit. Kinds: NotFound, PermissionDenied,
// Invalid; FailedPrecondition, code "order.not_cancellable", for an order that is
// paid or was never shipped, and "checkout.order_changed" as for Cancel: nothing
// is taken back then.
func (s *Service) TakeBack(ctx context.Context, scope ref.Scope, in CancelInput) (Canceled, error) {
	if !scope.All() {
		return Canceled{}, fault.New(fault.PermissionDenied, "checkout.denied", "only the site's staff may do this")
	}
	if len(in.Orders) == 0 {
		g, err := s.cfg.Book.Get(ctx, in.Group)
		if err != nil {
			return Canceled{}, err
		}
		for i := range g.Orders {
			if g.Orders[i].State == order.StateShipped {
				in.Orders = append(in.Orders, g.Orders[i].ID)
			}
		}
	}
	return s.cancel(ctx, scope, in, (*order.Order).TakeBack)
}

// request is how an order begins to be canceled.
type request func(*order.Order, order.Cause) (order.Entry, error)

func (s *Service) cancel(ctx context.Context, scope ref.Scope, in CancelInput, ask request) (Canceled, error) {
	if err := checkReason(in.Reason); err != nil {
		return Canceled{}, err
	}
	if actor.From(ctx).Scope.Kind() == ref.NoScope {
		ctx = actor.With(ctx, actor.Actor{Scope: scope})
	}
	var intent ref.IntentID
	all, owned := false, false
	err := s.retry(ctx, func(ctx context.Context) error {
		g, picked, err := s.pick(ctx, scope, in)
		owned = err == nil && scope.Owns(g.Member, g.Guest)
		if err != nil || len(picked) == 0 {
			return err
		}
		intent = g.Intent
		all = everything(&g, picked)
		whole := owned && !scope.All() && !all
		if whole {
			if err := s.keepsOffers(ctx, &g, picked); err != nil {
				return err
			}
		}
		return s.request(ctx, &g, picked, all, whole, in.Reason, ask)
	})
	if err != nil {
		return Canceled{}, err
	}
	if intent != "" && all {
		// Whatever becomes of the call, the sweeper ends it.
		if _, err := s.cfg.Payments.Send(ctx, ref.System(), intent); err != nil {
			s.cfg.Log.WarnContext(ctx, "checkout: the cancellation goes on without us", "group", in.Group, "error", err)
		}
	}
	out, err := s.finish(ctx, in.Group)
	if err != nil {
		return Canceled{}, err
	}
	if owned { // even where it became somebody else's meanwhile
		return out, nil
	}
	return out.seen(scope)
}

// seen returns the part of what became of it that a merchant may see.
func (c Canceled) seen(scope ref.Scope) (Canceled, error) {
	var err error
	if c.Group, err = c.Group.Seen(scope); err != nil {
		return c, err
	}
	own := make([]payment.Refund, 0, len(c.Refunds))
	for _, r := range c.Refunds {
		id, _ := refundedOrder(r.Key)
		if _, err := c.Group.Order(id); err == nil {
			r.Intent, r.Legs = "", nil
			own = append(own, r)
		}
	}
	c.Refunds, c.GivenBack = own, seenBack(&c.Group, c.GivenBack)
	return c, nil
}

// checkReason keeps what people write out of the events: a reason is a code.
func checkReason(reason string) error {
	var v fault.Violations
	switch {
	case len(reason) > order.MaxReason:
		v.Add("reason", "too_long", fault.Params{"max": order.MaxReason})
	case strings.Trim(reason, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		v.Add("reason", "malformed", nil)
	}
	return v.Err("checkout.invalid", "the cancellation is not valid")
}

// pick loads the group and returns the orders that are to be canceled and are
// not yet, as they were seen: one that changes from here on loses its race, and
// is picked anew.
func (s *Service) pick(ctx context.Context, scope ref.Scope, in CancelInput) (order.Group, []*order.Order, error) {
	g, err := s.cfg.Book.Get(ctx, in.Group)
	if err != nil {
		return order.Group{}, nil, err
	}
	seen, err := g.Seen(scope)
	if err != nil {
		return order.Group{}, nil, err
	}
	named, err := seen.Select(in.Orders...)
	if err != nil {
		return order.Group{}, nil, err
	}
	var picked []*order.Order
	for _, n := range named {
		o, err := g.Order(n.ID)
		if err != nil {
			return order.Group{}, nil, err
		}
		if o.State == order.StateCanceled || o.State == order.StateCanceling {
			continue
		}
		if v := in.Versions[o.ID]; v != 0 && v != o.Version {
			return order.Group{}, nil, fault.New(fault.FailedPrecondition, "checkout.order_changed", "the order changed since it was seen").
				With("order", string(o.ID))
		}
		picked = append(picked, o)
	}
	return g, picked, nil
}

// keepsOffers refuses to take a part out of a group where what is left would
// keep an offer that it would not have earned and that is to be taken back.
// Shares that only differ by how cents were rounded, at most one a line and one
// of its tax, are the same.
func (s *Service) keepsOffers(ctx context.Context, g *order.Group, picked []*order.Order) error {
	if !g.Promoted {
		return nil
	}
	history, err := s.historyOf(ctx, g)
	if err != nil {
		return err
	}
	in, _, err := s.keeps(g, history, picked)
	if err != nil {
		return err
	}
	in.Refund = money.New(money.MaxMinor, g.Currency())
	lost, err := s.cfg.Promotions.ClawBack(ctx, in)
	if err != nil {
		return err
	}
	cents := int64(0)
	for i := range g.Orders {
		for j := range g.Orders[i].Lines {
			if l := &g.Orders[i].Lines[j]; in.Kept[l.ID] > 0 && l.Inclusive {
				cents++
			} else if in.Kept[l.ID] > 0 {
				cents += 2
			}
		}
	}
	for _, c := range lost {
		if c.Amount.Minor() > cents {
			return fault.New(fault.FailedPrecondition, "checkout.offer_lost", "only the whole order earns what was taken off").
				With("promotion", string(c.Promotion))
		}
	}
	return nil
}

// everything reports whether no order would be left to be paid for.
func everything(g *order.Group, picked []*order.Order) bool {
	gone := map[order.ID]bool{}
	for _, o := range picked {
		gone[o.ID] = true
	}
	for i := range g.Orders {
		o := &g.Orders[i]
		if !gone[o.ID] && o.State != order.StateCanceled && o.State != order.StateCanceling {
			return false
		}
	}
	return true
}

// request marks orders as being canceled, in one unit, and gives the payment
// up where nothing is left to be paid for. Where it depends on the whole group,
// the rest of it has to be as it was read.
func (s *Service) request(
	ctx context.Context, g *order.Group, picked []*order.Order, all, whole bool, reason string, ask request,
) error {
	cause := order.Cause{At: s.cfg.Clock.Now(), By: acting(ctx, ref.System()), Reason: reason}
	b := &batch{cause: cause}
	for _, o := range picked {
		b.do(o, func(c order.Cause) (order.Entry, error) { return ask(o, c) })
	}
	if b.err != nil {
		return b.err
	}
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if all && unpaid(picked) {
			// The payment's row first, as everywhere. Where nothing is under
			// way it is over at once, and Completion.Closed has canceled the
			// orders already.
			in, err := s.cfg.Payments.Withdraw(ctx, ref.System(), g.Intent, payment.CancelBuyer)
			if err != nil {
				return meanwhile(err)
			}
			if in.State == payment.IntentCanceled {
				back := slices.DeleteFunc(b.entries, func(e order.Entry) bool { return e.From != order.StateShipped })
				return s.shelve(ctx, back, cause, ask)
			}
		}
		if whole {
			b.orders = watch(g, b.orders)
		}
		return s.cfg.Book.Record(ctx, g, b.orders, b.entries)
	})
}

// shelve ends the orders that came back: their payment is over, and
// Completion.Closed has left them alone, as not even that brings goods back.
func (s *Service) shelve(ctx context.Context, back []order.Entry, cause order.Cause, ask request) error {
	if len(back) == 0 {
		return nil
	}
	g, err := s.cfg.Book.Get(ctx, back[0].Group)
	if err != nil {
		return err
	}
	b := &batch{cause: cause}
	for _, e := range back {
		o, err := g.Order(e.Order)
		if err != nil {
			return err
		}
		b.do(o, func(c order.Cause) (order.Entry, error) { return ask(o, c) })
		b.do(o, o.Cancel)
	}
	return s.end(ctx, &g, b)
}

func unpaid(orders []*order.Order) bool {
	for _, o := range orders {
		if o.Payment != order.PaymentUnpaid {
			return false
		}
	}
	return true
}

// finish ends what is being canceled in a group, as far as the payment is
// certain.
func (s *Service) finish(ctx context.Context, id ref.GroupID) (Canceled, error) {
	var out Canceled
	err := s.retry(ctx, func(ctx context.Context) error {
		g, err := s.cfg.Book.Get(ctx, id)
		if err != nil {
			return err
		}
		out = Canceled{Group: g}
		open := canceling(&g)
		if len(open) == 0 {
			return nil
		}
		if unpaid(open) {
			return s.finishUnpaid(ctx, &out)
		}
		return s.finishPaid(ctx, &out, open)
	})
	if err != nil {
		return Canceled{}, err
	}
	for i, r := range out.Refunds {
		sent, err := s.cfg.Payments.SendRefund(ctx, ref.System(), r.ID)
		if err != nil {
			s.cfg.Log.WarnContext(ctx, "checkout: the refund goes on without us", "group", id, "error", err)
			continue
		}
		out.Refunds[i] = sent
	}
	s.sendBack(ctx, id, out.GivenBack)
	if len(out.Refunds)+len(out.GivenBack) > 0 {
		if out.Group, err = s.cfg.Book.Get(ctx, id); err != nil {
			return Canceled{}, err
		}
	}
	return out, nil
}

// meanwhile turns what a payment says that was taken, given up or reduced since
// the orders were read into a race that was lost: whoever retries reads both anew.
func meanwhile(err error) error {
	switch fault.CodeOf(err) {
	case "payment.captured", "payment.over", "payment.invalid":
		return fault.Wrap(err, fault.Conflict, "checkout.paid_meanwhile", "the payment went on meanwhile")
	}
	return err
}

// finishUnpaid closes what is under way at the provider and takes the orders
// out of what is to be paid. Where that leaves nothing to be paid for, the
// payment as a whole is given up: whoever asked for a part of the group may not
// have seen that others asked for the rest. The payment is read before the
// orders: what was under way by then was begun before another cancellation of the
// same orders has ended, and is not how the rest of the group is paid.
func (s *Service) finishUnpaid(ctx context.Context, out *Canceled) error {
	in, err := s.cfg.Payments.Get(ctx, ref.System(), out.Group.Intent)
	if err != nil {
		return err
	}
	if out.Group, err = s.cfg.Book.Get(ctx, out.Group.ID); err != nil {
		return err
	}
	g := &out.Group
	open := canceling(g)
	if len(open) == 0 {
		return nil // somebody else has ended it
	}
	none := everything(g, nil)
	switch {
	case !in.State.Alive():
	case none:
		in, err = s.cfg.Payments.Cancel(ctx, ref.System(), g.Intent, payment.CancelBuyer)
	default:
		in, err = s.cfg.Payments.Free(ctx, in)
	}
	switch {
	case fault.CodeOf(err) == "payment.attempt_open", err == nil && in.State == payment.IntentCanceling:
		out.Pending = true
		return nil
	case err != nil:
		return meanwhile(err)
	case in.State.Paid():
		return fault.New(fault.Conflict, "checkout.paid_meanwhile", "the order was paid at this very moment")
	case in.State.Alive():
		err = s.reduce(ctx, g, open)
	default:
		err = s.leave(ctx, g.ID)
	}
	pending := fault.CodeOf(err) == "payment.attempt_open"
	if err != nil && !pending {
		return err
	}
	out.Group, err = s.cfg.Book.Get(ctx, g.ID)
	out.Pending = pending && len(canceling(&out.Group)) > 0
	return err
}

// leave ends what a payment that is over has left being canceled.
func (s *Service) leave(ctx context.Context, id ref.GroupID) error {
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		g, err := s.cfg.Book.Get(ctx, id)
		if open := canceling(&g); err == nil && len(open) > 0 {
			err = s.cancelAll(ctx, &g, open)
		}
		return err
	})
}

// reduce takes orders that are being canceled out of what is to be paid.
func (s *Service) reduce(ctx context.Context, g *order.Group, open []*order.Order) error {
	by := open[0].Total
	for _, o := range open[1:] {
		var err error
		if by, err = by.Add(o.Total); err != nil {
			return err
		}
	}
	var in payment.Intent
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if in, err = s.cfg.Payments.Reduce(ctx, ref.System(), g.Intent, by); err != nil {
			return meanwhile(err)
		}
		// The orders as they were read, also where what is left costs nothing and
		// is paid for by that: whoever has reduced it by them already loses here.
		return s.cancelAll(ctx, g, open)
	})
	if err != nil {
		return err
	}
	if last, ok := in.Last(); ok && last.State == payment.AttemptSent {
		// What is paid on delivery; whatever becomes of the call, it is waited for.
		if _, err := s.cfg.Payments.Pay(ctx, in); err != nil {
			s.cfg.Log.WarnContext(ctx, "checkout: the payment goes on without us", "group", g.ID, "error", err)
		}
	}
	return nil
}

// canceling returns the orders of a group that are being canceled.
func canceling(g *order.Group) []*order.Order {
	var out []*order.Order
	for i := range g.Orders {
		if g.Orders[i].State == order.StateCanceling {
			out = append(out, &g.Orders[i])
		}
	}
	return out
}

// finishPaid cancels paid orders: their stock returns and their refunds are
// opened in the same unit, as is what the others give back. What is on its way
// back is read before it, and looked at again once the payment's row is held.
func (s *Service) finishPaid(ctx context.Context, out *Canceled, open []*order.Order) error {
	g := &out.Group
	under, err := s.refunding(ctx, g)
	if err != nil {
		return err
	}
	less, err := s.without(ctx, g, under, linked("cancel", string(open[0].ID)))
	if err != nil {
		return err
	}
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.refundAll(ctx, out, open, under); err != nil {
			return err
		}
		b := &batch{cause: order.Cause{At: s.cfg.Clock.Now(), By: acting(ctx, ref.System()), Reason: string(payment.ReasonCanceled)}}
		back, err := s.recordBack(ctx, g, less.back, less.history, b, payment.ReasonCanceled)
		if err != nil {
			return err
		}
		if err := s.stillUnder(ctx, g.ID, under, opened(out.Refunds, back)); err != nil {
			return err
		}
		out.GivenBack = back
		if less.any {
			if err := s.cfg.Book.Record(ctx, g, watch(g, b.orders), b.entries); err != nil {
				return err
			}
		}
		return s.cancelAll(ctx, g, open)
	})
}

// refundAll opens the refunds of what is left of paid orders, beside what is on
// its way back, inside a unit.
func (s *Service) refundAll(ctx context.Context, out *Canceled, open []*order.Order, under map[order.ID]int64) error {
	out.Refunds = nil
	for _, o := range open {
		left := o.Refundable()
		left = money.New(left.Minor()-under[o.ID], left.Currency())
		if left.Sign() <= 0 {
			continue
		}
		r, err := s.cfg.Payments.Refund(ctx, ref.System(), payment.RefundInput{
			Intent: out.Group.Intent, Key: RefundKey(o.ID, "cancel"), Reason: payment.ReasonCanceled, Amount: left,
		})
		if err != nil {
			return err
		}
		out.Refunds = append(out.Refunds, r)
	}
	return nil
}

// opened returns the ids of refunds, and of those of what is given back.
func opened(refunds []payment.Refund, back []GivenBack) []payment.RefundID {
	var ids []payment.RefundID
	for i := range refunds {
		ids = append(ids, refunds[i].ID)
	}
	for i := range back {
		ids = append(ids, back[i].Refund.ID)
	}
	return ids
}

// cancelAll ends orders and restocks what they held, inside a unit. Of two
// cancellations at once, each of a part of a group, one sees the other's part
// as one that is being canceled and ends it too, so that one of them loses and
// reads anew: the promotions hear of the last one.
func (s *Service) cancelAll(ctx context.Context, g *order.Group, orders []*order.Order) error {
	b := &batch{cause: order.Cause{At: s.cfg.Clock.Now(), By: acting(ctx, ref.System())}}
	for _, o := range orders {
		b.do(o, o.Cancel)
	}
	return s.end(ctx, g, b)
}

// end enters cancellations, lets the promotions know, and restocks what they
// held: the rows of the stock come last, as where they were reserved.
func (s *Service) end(ctx context.Context, g *order.Group, b *batch) error {
	if err := b.record(ctx, s.cfg.Book, g); err != nil {
		return err
	}
	if err := release(ctx, s.cfg.Promotions, s.cfg.Book, g, b.cause.At); err != nil {
		return err
	}
	return restock(ctx, s.cfg.Stock, b.orders)
}

// maxRaces bounds how often a step is taken again that lost a race.
const maxRaces = 5

// retry runs fn again where it lost a race against a notice, a sweeper or
// another click.
func (s *Service) retry(ctx context.Context, fn func(ctx context.Context) error) error {
	for try := 1; ; try++ {
		err := fn(ctx)
		// A refund that came in between leaves less to be given back.
		lost := errors.Is(err, fault.Conflict) || fault.CodeOf(err) == "payment.refund_exceeds"
		if err == nil || try == maxRaces || !lost || ctx.Err() != nil {
			return err
		}
	}
}
