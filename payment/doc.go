// Package payment takes money for an order group and gives it back, through
// any number of providers, so that a lost answer, a crash or two clicks at
// once cost nobody anything.
//
//	draft, err := payments.Draft(payment.OpenInput{
//		Group: group.ID, Member: ann, Payable: total, Gateway: "fakepay", PayBy: now.Add(30 * time.Minute),
//	})
//	var intent payment.Intent
//	err = units.Do(ctx, func(ctx context.Context) (err error) {
//		// ... the orders, their stock ...
//		intent, err = payments.Open(ctx, draft) // the attempt stands as sent
//		return err
//	})
//	intent, err = payments.Pay(ctx, intent) // the call, outside the unit
//
// An [Intent] is what is to be paid; it has tenders, and an [Attempt] for
// every try at a provider. What is about to be sent is written down first;
// the call is made outside any transaction; what came of it is recorded in
// one unit with what the [Subject] (the orders) makes of it, even if the
// caller has gone. A call without an answer leaves the attempt unknown, and
// only the provider's own word, asked for ([Gateway.Query], Cancel) or sent
// and verified ([Service.Notify]), moves it on; [Service.Sweep], run by any
// number of workers, asks after 2, 5, 15, 30 seconds, then 1, 5, 15 minutes,
// until it is definite. Money that comes too late or twice is refunded by
// itself, or becomes a [Case] for a person where the gateway cannot. Another
// amount than ours moves nothing and becomes a case too.
//
// A provider is a [Gateway], found by the code of its [Caps]; what else it
// can do are the optional powers [Refunder], [Notifier] and [Capturer], found
// through wrappers by [As]. Package paymenttest is the suite that every
// gateway passes; fakepay is a bank to develop against, offlinepay takes
// transfers and cash on delivery.
//
// Reads are strong. [Service.Verify] proves the books: it lists every broken
// invariant and changes nothing.
//
// What it does not do: it computes no price and no tax, splits no money among
// merchants, keeps no balances and never sees card data.
package payment
