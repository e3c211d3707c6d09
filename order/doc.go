// Package order keeps what was bought: order groups, each with one order per
// merchant, from placing to completion.
//
//	group, entries, err := order.New(order.PlaceInput{...}, order.Cause{At: now, By: "member:7"})
//	err = units.Do(ctx, func(ctx context.Context) error {
//		return book.Place(ctx, &group, entries, order.Personal{ShipTo: address})
//	})
//	...
//	o, err := orders.Ship(ctx, ref.Merchant("tea-house"), order.ShipInput{
//		Target: order.Target{Group: group.ID, Order: group.Orders[0].ID},
//		Parcel: order.Parcel{Carrier: "SF", Tracking: "SF123"},
//	})
//
// A [Group] is written once: its lines are frozen with title, options, price,
// tax and every promotion's share. What moves are the orders in it, each
// through the states of [State] and [PaymentState] by methods that say what
// happens ([Order.Pay], [Order.Ship], [Order.Cancel]) and return the [Entry]
// for the history. [Book] writes rows, history and events together, inside
// the caller's unit of work; [Service] is what buyers, merchants and staff
// call. A merchant sees only the own order of a group. Reads are strong.
//
// Names, addresses, mail addresses and notes live apart, in a
// [PersonalStore], and can be erased while the order stays.
//
// Decisions that a shop may make its own: [SplitStrategy] (which lines become
// which order) and [Numberer] (what orders are called).
//
// What it does not do: prices, stock and money. order/checkout quotes, places
// and cancels; it writes through Book.
package order
