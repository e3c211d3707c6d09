// Package checkout turns a cart into a placed, paid order group, and is the
// one path on which an order is placed, paid, canceled or closed.
//
//	q, err := desk.Quote(ctx, buyer, choice)         // what it costs, and why
//	p, err := desk.Place(ctx, buyer, checkout.PlaceInput{
//		Choice: choice, Quote: q.ID, Key: key,     // exactly that, or nothing
//	})
//	// p.Intent.Action tells the buyer how to pay
//
// A quote is a pure pipeline in a fixed order: prices, delivery rates,
// promotions, tax, payable. Nothing of it is stored: its id is a digest of all
// of it, and [Service.Place] computes it anew and refuses anything else with
// [ChangedError], which carries the new quote. A changed price is answered
// with a quote, never with a charge.
//
// Placing is one unit of work: the cart's version is claimed, the orders, the
// payment intent with its first attempt and the events are written, the
// versions of the prices are compared once more, the uses of the promotions are
// counted, the stock is reserved. The delivery rates, the tax table and what
// the promotions give are asked before it; of these, only uses and coupons can
// go meanwhile, and then the unit leaves nothing behind. The provider is called
// after the commit. What comes of it is recorded by [Completion], which the payment service calls in the very unit
// that records the outcome, so that a payment is never captured without its
// orders being paid, and no order is closed while its money is uncertain.
//
// What promotions give is frozen with the orders: each line and each delivery
// keeps its adjustments, gifts become lines that cost nothing. [Promotions] is
// the port; it hears of a group once more when the last of its orders is
// canceled, whether unpaid or paid.
//
// Pieces of an order are paid back by [Service.Refund], from the amounts and
// the adjustments that were frozen: whatever comes back in whatever order, the
// parts sum to what was paid, and each bearer of a promotion gets back what it
// bore of them. Pieces that are still in the house go back to stock with their
// refund, so that canceling the rest of the order returns no piece twice.
//
// Placing is idempotent twice: by the caller's key, and by the cart, a version
// of which becomes a group once. One order per merchant is placed.
//
// Quotes read what is committed; placing and canceling are strong.
package checkout
