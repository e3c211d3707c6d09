// Package offlinepay takes money that moves outside any provider: bank
// transfers, which staff match with the account's statement, and cash on
// delivery.
//
//	transfer, err := offlinepay.New(offlinepay.Config{
//		Kind: offlinepay.Transfer, Secrets: secrets, Show: map[string]string{"iban": "DE02 1203 0000 0000 2020 51"},
//	})
//	// A staff page, when the money is on the account:
//	reply, err := payments.Notify(ctx, "transfer", transfer.Received(offlinepay.Receipt{
//		Number: attempt.Number, Amount: attempt.Amount, Reference: "stmt 41/7", Staff: "ann",
//	}))
//
// A payment stays pending until a person says that the money is there. What
// the person says is signed and goes the way of every provider's notice: it is
// stored as evidence first, a repetition changes nothing, another amount than
// the order's moves nothing and becomes a case. So do refunds: they are paid
// back by hand, and confirmed with [Gateway.PaidBack].
//
// A transfer is given up when its time is over; money that arrives after is
// late, and becomes a refund for a person. Cash on delivery never expires: its
// order is confirmed unpaid, and paid, or refused, at the door.
//
// What it does not do: it reads no account statement, and it keeps no record
// of its own, so that there is nobody to query (Caps.NoQuery).
package offlinepay
