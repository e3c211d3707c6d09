// Package inventory counts goods: how many pieces of a SKU lie where, who has
// reserved them, and every movement that led there.
//
//	err := units.Do(ctx, func(ctx context.Context) error {
//		// all of it or nothing; an Exhausted fault lists what is short
//		return stock.Reserve(ctx, inventory.ReserveInput{Demands: []inventory.Demand{
//			{Owner: "order-1", SKU: "tea-100g", Quantity: 2},
//		}})
//	})
//	// later, in the unit that records the payment
//	sold, err := stock.Commit(ctx, "order-1")
//
// Nothing is ever read and then written: a reservation is one conditional
// update whose affected rows are counted, with the rows locked in the order of
// (SKU, location) and the demand summed per SKU first, so that two lines of
// one cart cannot both have the last piece. Of commit, release and expiry of a
// reservation exactly one wins. Counters are backed by check constraints and
// by a ledger that is only ever added to: [Service.Verify] compares all three,
// [Service.Rebuild] makes the counters follow from the other two again.
//
// What was sold comes back by [Service.Return], in any parts, to the locations
// it came from. A store that is a [ReturnAuditor] tells how much of it did, so
// that it can be compared with what became of the orders.
//
// Which location serves which demand is decided by a [Router].
//
// Reads are strong. What it does not do: purchasing, transfers and stock takes
// are documents of other packages over [Service.Receive] and [Service.Adjust].
package inventory
