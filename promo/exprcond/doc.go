// Package exprcond lets a shop write conditions of promotions as expressions,
// for what the built-in conditions of package promo cannot say.
//
//	condition, err := exprcond.New(exprcond.Config{})
//	engine, err := promo.NewEngine(promo.Config{
//		Conditions: map[string]promo.CustomCondition{exprcond.Kind: condition},
//	})
//
// A promotion then names the kind and hands it the text:
//
//	{"custom": {"kind": "expr", "params": {"source":
//		"buyer.orders >= 3 && any(lines, .brand == 'acme' and .quantity > 1)"}}}
//
// The language is that of github.com/expr-lang/expr: typed, without side
// effects, and always ending. [Env] is what an expression can name; amounts are
// minor units. Promo's Engine.Validate compiles it before a promotion is saved, so
// that a wrong name, a wrong type and what would run long are refused then:
// loops over the lines may not be nested, there are no ranges, patterns,
// powers, variables and calls, and the size is bounded. See [Config].
//
// What it does not do: an expression sees the cart before any promotion, so
// that it cannot depend on what else applies.
package exprcond
