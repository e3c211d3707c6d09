// Package cart keeps what buyers intend to buy, as guests and as members.
//
//	c, err := carts.Open(ctx, ref.Guest(token), "en")
//	c, err = carts.Add(ctx, ref.Guest(token), cart.AddInput{
//		Target: cart.Target{Cart: c.ID},
//		Items:  []cart.Item{{SKU: "tea-100g", Quantity: 2}},
//	})
//	view, err := carts.View(ctx, ref.Guest(token), cart.ViewInput{Cart: c.ID, Locale: "en-US"})
//	merged, err := carts.SignIn(ctx, ref.Member("7"), ref.Guest(token))
//
// A cart belongs to a channel and has its currency; a buyer has one open cart
// per channel. Every change names the cart's version or takes the newest, and
// two changes never overwrite each other. Nothing that is charged is kept: a
// [View] asks [Offers] for today's prices and stock, marks what changed since
// the buyer last saw it and says what keeps a line from being ordered, with
// the demand summed per SKU.
//
// [Service.SignIn] takes a guest's carts over in one unit of work, once;
// [MergeStrategy] is the decision behind it, by default nothing gets lost.
// Reads are strong; a foreign cart is missing like one that does not exist.
//
// What it does not do: it reserves nothing and computes no discounts, tax or
// delivery. order/checkout makes an order of a version of a cart, once, and
// closes it with [Service.Convert].
package cart
