package checkout

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"

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

// Verify reads every order with its payment and its reservations and yields
// what does not agree; it changes nothing. It stops at the first error of a
// store.
//
//   - I6: a paid order's intent is captured, and an unpaid order that waits
//     for no cash has one that is not.
//   - I7: a canceled order holds no stock.
//   - I8: what orders say was refunded is what the intent says.
//   - I17: a cart's version became this one group.
//   - I21, I22: the reservations of an order are those of its lines, held
//     while it waits, committed once it is to be fulfilled.
//   - I23: what waits for a payment never expires by itself.
//   - I26: the history of an order leads to its states.
func (s *Service) Verify(ctx context.Context, orders *order.Service) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		seen := map[ref.GroupID]bool{}
		req := page.Request{Limit: page.MaxLimit}
		for {
			p, err := orders.List(ctx, ref.System(), order.Query{}, req)
			if err != nil {
				yield(Violation{}, err)
				return
			}
			for i := range p.Items {
				id := p.Items[i].Group
				if seen[id] {
					continue
				}
				seen[id] = true
				v := &verifier{yield: yield}
				if err := s.verifyGroup(ctx, orders, id, v); err != nil {
					yield(Violation{}, err)
					return
				}
				if v.stopped {
					return
				}
			}
			if p.Next == "" {
				return
			}
			req.After = p.Next
		}
	}
}

type verifier struct {
	yield   func(Violation, error) bool
	stopped bool
}

func (v *verifier) check(ok bool, invariant, object, format string, args ...any) {
	if !ok && !v.stopped {
		v.stopped = !v.yield(Violation{Invariant: invariant, Object: object, Detail: fmt.Sprintf(format, args...)}, nil)
	}
}

func (s *Service) verifyGroup(ctx context.Context, orders *order.Service, id ref.GroupID, v *verifier) error {
	g, err := s.cfg.Book.Get(ctx, id)
	if err != nil {
		return err
	}
	in, err := s.cfg.Payments.Get(ctx, ref.System(), g.Intent)
	if err != nil {
		return err
	}
	history, err := orders.History(ctx, ref.System(), id)
	if err != nil {
		return err
	}
	reservations, err := s.cfg.Stock.Reservations(ctx, ownersOf(g.Orders)...)
	if err != nil {
		return err
	}
	if g.Cart != "" {
		from, err := s.cfg.Book.PlacedFrom(ctx, g.Cart, g.CartVersion)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		v.check(from == g.ID, "I17", string(g.ID), "the cart's version belongs to %q", from)
	}
	var refunded int64
	for i := range g.Orders {
		o := &g.Orders[i]
		refunded += o.Refunded.Minor()
		name := string(o.ID)
		v.check((o.Payment == order.PaymentUnpaid) == !in.State.Paid() || o.State == order.StateCanceled || o.State == order.StateCanceling,
			"I6", name, "order %s, intent %s", o.Payment, in.State)
		verifyHistory(v, o, history)
		v.verifyStock(o, reservations)
	}
	v.check(refunded <= in.Refunded.Minor(), "I8", string(g.ID), "orders refunded %d, intent %d", refunded, in.Refunded.Minor())
	return nil
}

// verifyHistory folds the entries of an order.
func verifyHistory(v *verifier, o *order.Order, history []order.Entry) {
	var state order.State
	var paid order.PaymentState
	steps := int64(0)
	for _, e := range history {
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

// verifyStock compares what an order holds with what its state allows.
func (v *verifier) verifyStock(o *order.Order, reservations []inventory.Reservation) {
	want, have := map[ref.SKUID]ref.Quantity{}, map[ref.SKUID]ref.Quantity{}
	for i := range o.Lines {
		want[o.Lines[i].SKU] += o.Lines[i].Quantity
	}
	for _, r := range reservations {
		if r.Owner != string(o.ID) {
			continue
		}
		have[r.SKU] += r.Quantity
		ok := false
		switch o.State {
		case order.StatePending:
			ok = r.State == inventory.Held && r.ExpiresAt.IsZero()
		case order.StateConfirmed, order.StateShipped, order.StateCompleted:
			ok = r.State == inventory.Committed
		case order.StateCanceling:
			ok = r.State != inventory.Released
		case order.StateCanceled:
			ok = r.State != inventory.Held
		}
		invariant := "I22"
		if o.State == order.StateCanceled {
			invariant = "I7"
		}
		if o.State == order.StatePending && r.State == inventory.Held {
			invariant = "I23"
		}
		v.check(ok, invariant, string(o.ID), "order %s, reservation of %s %s", o.State, r.SKU, r.State)
	}
	v.check(maps.Equal(want, have), "I21", string(o.ID), "lines want %v, reservations hold %v", want, have)
}
