// Package promo is the promotion engine: which promotions apply to a cart,
// what they take off each line, to the cent, who pays for it, and why the
// others do not apply.
//
//	engine, err := promo.NewEngine(promo.Config{})
//	result, err := engine.Evaluate(promo.Input{
//		Cart:       cart,
//		Candidates: []promo.Candidate{{Promotion: tenPercent}, {Promotion: thirtyOff, Coupon: &coupon}},
//		Now:        clock.Now(),
//	})
//	fmt.Println(result.Totals.Payable)
//	for _, d := range result.Decisions {
//		fmt.Println(d.Promotion, d.Code)
//	}
//
// It is a pure function: no store, no clock, no goroutine, no float. The same
// input gives the same result, whatever the order of its lines and candidates.
//
// # The model
//
// A [Promotion] is data: a [Selector] of lines, a [Condition], one [Benefit],
// and rules of sharing. From its benefit, its [Level] and its owner follows
// the [Phase] in which it applies:
//
//  1. price promotions, one per line;
//  2. line promotions, the merchants' before the site's;
//  3. a merchant's order level;
//  4. the site's order level;
//  5. shipping, the merchants' before the site's;
//  6. gifts, points and coupons, which change no amount.
//
// Each phase sees the amounts that the earlier ones left. Inside a phase the
// members of line groups come first, group by group; then, one after another,
// the others, by priority and id. A threshold is tested once, before its
// promotion applies.
//
// # Sharing and exclusion
//
// Two promotions apply together if each permits the other ([Sharing]) and no
// [Group] keeps them apart: per order, per merchant, or per line, where each
// line goes to its better offer. Among what may be combined, the engine
// searches the combination with the lowest payable amount. Ties go to fewer
// coupons; of coupons that do the same, the one that expires first. The search
// is exact as long as Config.MaxNodes lasts; otherwise Search.Optimal is false
// and Search.Gap bounds what a better combination could save.
//
// So where groups pick the best for the buyer and nothing is pinned, another
// promotion never raises the payable amount. It may where the buyer insists on a
// gift or a reward: that keeps out what it excludes as long as it is given, and
// the new promotion may be what lets it be given. On two lines of 10.00, a gift
// from 8.00 paid for the first excludes 5.00 off, and 3.00 off the first line
// spoils it: nobody insists on it, and 8.00 are off. Then 3.01 off the second
// line takes the place of the 3.00: the gift is given, the 5.00 are kept out, and
// 3.01 are off. The same goes for a pinned discount that has a place only beside
// the new promotion.
//
// # Money
//
// An [Allocation] is the only thing that carries an amount; totals are sums of
// them. Percentages round half away from zero, once per unit, line or sum,
// after the level; sums are prorated by largest remainder over the lines they
// were taken of. No line falls below zero or its floor. Bearers split each
// promotion exactly, by column and by row.
//
// An order keeps its allocations. [Sold.Reverse] gives the shares of returned
// units back so that any sequence of returns sums to what was paid.
// [Engine.ClawBack] computes what the kept units alone would not have earned, as
// the difference to what earlier returns took: it follows from what is kept, not
// from the parts in which the rest came back.
//
// # Explanations
//
// Every candidate gets a [Decision] in the same pass: a code, its parameters,
// and what was missing ("12.00 more for 30 off").
//
// What it does not do: it counts no uses and claims no coupons, it grants no
// points and picks no stock, and it knows no taxes.
package promo
