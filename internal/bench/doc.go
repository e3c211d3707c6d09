// Package bench measures a whole shop: how many statements a purchase takes,
// how many purchases a second it makes beside hand-written code that writes
// the same rows, and how the time of placing grows with the cart. It has
// tests and benchmarks only; docs/benchmarks.md says how to run them.
package bench
