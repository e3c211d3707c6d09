// Package dice draws numbers that depend on nothing but their seed, so that
// the demo shop is the same shop on every machine and at every start.
//
//	d := dice.New("en-0042", "stock")
//	left := 12 + d.N(180)
//
// What it does not do: nothing here is random enough to keep a secret.
package dice
