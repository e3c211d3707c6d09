package checkout

import (
	"slices"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// inHouse reports whether the pieces of a paid order in a state are still where
// they were sold from: what is refunded of them goes back on the shelf by
// itself. Only an order that no piece has left is canceled after it was paid,
// so that by then all refunded pieces are back.
func inHouse(s order.State) bool { return s == order.StateConfirmed }

// unreturned are the pieces of an order that were not refunded.
func unreturned(o *order.Order) []inventory.Back {
	return pieces(o, func(l *order.Line) ref.Quantity { return l.Quantity - l.Returned })
}

// refunded are the pieces of a refund of an order, as it was before.
func refunded(o *order.Order, u *order.UnitRefund) []inventory.Back {
	of := make(map[order.LineID]ref.Quantity, len(u.Lines))
	for i := range u.Lines {
		of[u.Lines[i].Line] = u.Lines[i].Quantity
	}
	return pieces(o, func(l *order.Line) ref.Quantity { return of[l.ID] })
}

// pieces sums up by SKU what comes back of each line of an order, behind what
// was refunded before.
func pieces(o *order.Order, of func(l *order.Line) ref.Quantity) []inventory.Back {
	var out []inventory.Back
	at := make(map[ref.SKUID]int, len(o.Lines))
	for i := range o.Lines {
		l := &o.Lines[i]
		j, ok := at[l.SKU]
		if !ok {
			j = len(out)
			at[l.SKU] = j
			out = append(out, inventory.Back{Owner: string(o.ID), SKU: l.SKU})
		}
		out[j].Before += l.Returned
		out[j].Quantity += of(l)
	}
	return slices.DeleteFunc(out, func(b inventory.Back) bool { return b.Quantity == 0 })
}
