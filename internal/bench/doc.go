// Package bench measures a whole shop: how many statements a purchase takes,
// how many purchases a second it makes beside hand-written code that writes
// the same rows, and how the time of placing grows with the cart. Beside its tests
// and benchmarks, which docs/benchmarks.md says how to run, it has what those of
// other packages need to show a figure: a [Chart], the [Peak] of the heap, and the
// time that a thread has [Spent].
package bench
