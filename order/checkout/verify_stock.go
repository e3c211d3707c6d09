package checkout

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// verifyStock compares what an order holds with what its state allows.
func (v *verifier) verifyStock(o *order.Order) {
	want, have := map[ref.SKUID]ref.Quantity{}, map[ref.SKUID]ref.Quantity{}
	for i := range o.Lines {
		want[o.Lines[i].SKU] += o.Lines[i].Quantity
	}
	for _, r := range v.stock {
		if r.Owner != string(o.ID) {
			continue
		}
		have[r.SKU] += r.Quantity
		state := o.State
		if state == order.StatePending && v.confirmed(o) {
			state = order.StateConfirmed // its stock was handed out
		}
		invariant := misplaced(state, &r)
		v.check(invariant == "", invariant, string(o.ID), "order %s, reservation of %s %s", o.State, r.SKU, r.State)
	}
	v.check(maps.Equal(want, have), "I21", string(o.ID), "lines want %v, reservations hold %v", want, have)
}

// confirmed reports whether an order was to be fulfilled at some time.
func (v *verifier) confirmed(o *order.Order) bool {
	return slices.ContainsFunc(v.history, func(e order.Entry) bool {
		return e.Order == o.ID && e.To == order.StateConfirmed
	})
}

// misplaced names the invariant that a reservation breaks beside an order in a
// state; empty where it is as it shall be.
func misplaced(s order.State, r *inventory.Reservation) string {
	waits := s == order.StatePending || s == order.StateCanceling
	switch {
	case waits && (r.State == inventory.Released || r.State == inventory.Held && !r.ExpiresAt.IsZero()):
		return "I23"
	case s == order.StatePending && r.State == inventory.Committed:
		return "I22"
	case s == order.StateCanceled && r.State == inventory.Held:
		return "I7"
	case !waits && s != order.StateCanceled && r.State != inventory.Committed:
		return "I22"
	}
	return ""
}

// returns is what came back of the stock of orders, each of them with an entry.
type returns map[order.ID][]inventory.Returned

// all reports whether it is known of all of these orders.
func (r returns) all(orders []order.Order) bool {
	return !slices.ContainsFunc(orders, func(o order.Order) bool { _, known := r[o.ID]; return !known })
}

// backOf reads what came back of the stock of orders, in one statement; nil
// entries where the store cannot tell.
func (s *Service) backOf(ctx context.Context, orders []order.Order) (returns, error) {
	rows, err := s.cfg.Stock.Returned(ctx, ownersOf(orders)...)
	unable := errors.Is(err, fault.Unimplemented)
	if err != nil && !unable {
		return nil, err
	}
	out := make(returns, len(orders))
	for i := range orders {
		if out[orders[i].ID] = nil; !unable {
			out[orders[i].ID] = []inventory.Returned{}
		}
	}
	for _, r := range rows {
		out[order.ID(r.Owner)] = append(out[order.ID(r.Owner)], r)
	}
	return out, nil
}

// verifyReturns compares what came back of an order's stock with what became of
// its pieces. What came back without having been handed out is no order's to
// report: the stock's own audit does.
func (v *verifier) verifyReturns(o *order.Order) {
	back := v.back[o.ID]
	if back == nil {
		return
	}
	left := v.shelved(o)
	for _, r := range v.stock {
		if r.Owner != string(o.ID) || r.State != inventory.Committed {
			continue
		}
		want := r.Quantity
		if o.State != order.StateCanceled {
			want = min(want, left[r.SKU])
			left[r.SKU] -= want
		}
		var have ref.Quantity
		if i := slices.IndexFunc(back, func(b inventory.Returned) bool {
			return b.SKU == r.SKU && b.Location == r.Location
		}); i >= 0 {
			have = back[i].Quantity
		}
		invariant := "I22"
		if o.State == order.StateCanceled && have < want {
			invariant = "I7"
		}
		v.check(have == want, invariant, string(o.ID), "order %s, of %d pieces of %s handed out at %s %d came back, not %d",
			o.State, r.Quantity, r.SKU, r.Location, have, want)
	}
}

// shelved is how many pieces of each SKU of an order went back on the shelf
// when they were refunded.
func (v *verifier) shelved(o *order.Order) map[ref.SKUID]ref.Quantity {
	out := map[ref.SKUID]ref.Quantity{}
	for i := range v.history {
		e := &v.history[i]
		if e.Order != o.ID || e.Units == nil || !inHouse(e.To) {
			continue
		}
		for _, r := range e.Units.Lines {
			out[r.SKU] += r.Quantity
		}
	}
	return out
}
