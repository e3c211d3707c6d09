// Package recommendtest is the conformance suite of every recommender.
//
//	func TestRecommender(t *testing.T) {
//		recommendtest.Run(t, recommendtest.Harness{
//			Open: func(t recommendtest.T) recommendtest.Rig {
//				clk := clock.NewManual(start)
//				r := newRecommender(t, clk)
//				return recommendtest.Rig{Recommender: r, Clock: clk, Settle: r.Flush}
//			},
//		})
//	}
//
// A [Rig] is a fresh recommender, its clock, and a function that waits until
// it has learned all that was recorded. The package's own test feeds the suite
// broken recommenders and requires a case to fail for each of them.
//
// What it does not do: it measures no accuracy; the command examples/receval
// does that on data.
package recommendtest
