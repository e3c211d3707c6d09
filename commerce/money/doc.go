// Package money holds exact amounts: an int64 of minor units and an ISO 4217
// currency. No float touches an amount anywhere in Souk.
//
//	price := money.New(1999, "USD")           // $19.99
//	line, err := price.Mul(3)                 // 59.97
//	off, err := line.Percent(150_000, money.HalfUp) // 15 % = 9.00
//	net, err := line.Sub(off)
//	shares, err := net.Allocate([]int64{1, 1, 1})
//	fmt.Println(net.Format("en-US"))          // $50.97
//
// Arithmetic is checked: a result beyond int64, or a second currency, is a
// fault.Invalid with a code of this package. Rounding happens only in
// [Money.Percent] and [Money.MulDiv], is named by the caller, and works on a
// 128-bit product. A split is always [Money.Allocate], whose parts sum to the
// whole.
//
// Amounts from outside come in through [Parse] (what a person types),
// [ParseDecimal] (data files) or JSON, all of which refuse what is beyond
// [MaxMinor]; amounts that were built by [New] from foreign numbers go through
// [Money.Check].
//
// Number of decimals: [Currency.Exponent] is the minor unit of ISO 4217, in
// which payment providers count, also where CLDR would print fewer decimals.
//
// What it does not do: no exchange rates, no cash rounding, no units that are
// not money (points are counted by their ledger).
package money
