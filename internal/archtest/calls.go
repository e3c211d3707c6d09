package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// systemUsers lists the files that may act as the system: workers, and the
// verified notices of providers. Everybody else acts for somebody.
func systemUsers() map[string]string {
	return map[string]string{
		"order/checkout/place.go":                    "sends the payment of an order that it has just placed for its buyer",
		"order/checkout/cancel.go":                   "moves the payment of an order whose scope it has checked",
		"order/checkout/refund.go":                   "pays back pieces of an order whose scope it has checked",
		"order/checkout/clawback.go":                 "pays back what a group had kept back, whose scope was checked",
		"order/checkout/due.go":                      "the worker that ends cancellations",
		"order/checkout/prolong.go":                  "moves the payment of a group whose scope it has checked",
		"order/checkout/completion.go":               "records what a provider's verified notice or answer says",
		"commerce/work.go":                           "the background workers",
		"commerce/verify_stream.go":                  "the verifier reads every order and payment",
		"order/checkout/verify.go":                   "the verifier reads everything",
		"order/checkout/verify_intent.go":            "the verifier reads everything",
		"examples/marketplace/internal/seed/seed.go": "hires the demo's first employee",
		"examples/marketplace/hire.go":               "hires the first employee by order of whoever starts the program",
	}
}

// recoverers lists the roots where a panic may be caught: elsewhere it hides
// a defect and leaves half a change behind.
func recoverers() map[string]string {
	return map[string]string{
		"commerce/outbox/run.go":                      "root of the consumers",
		"commerce/work.go":                            "root of the background workers",
		"examples/marketplace/house.go":               "root of the tidying of sessions",
		"examples/marketplace/internal/web/shield.go": "root of the HTTP handlers",
		"payment/lanes.go":                            "root of the goroutines that work for one gateway each",
		"recommend/shelf/serve.go":                    "root of the strategies, which are asked and change nothing",
	}
}

// panickers lists the files that may panic, each on a defect of the program
// that no input can reach.
func panickers() map[string]string {
	return map[string]string{
		"storage/memory/scan.go":                      "a store of this module sorts by a type that scan does not know",
		"examples/marketplace/internal/web/shield.go": "hands http.ErrAbortHandler on to the server, whose own signal it is",
	}
}

// secretMakers lists the packages that may read secure random numbers.
func secretMakers() map[string]string {
	return map[string]string{
		"commerce/uid":                      "random part of the ids",
		"promo/coupon":                      "codes of coupons",
		"internal/pgtest":                   "the password of a throw-away server",
		"examples/marketplace/internal/web": "the tokens of guests",
	}
}

// checkSystem keeps ref.System to the listed files and to tests.
func checkSystem(t *Tree, report reporter) {
	for _, f := range t.Go() {
		if f.Test() || systemUsers()[f.Path] != "" || strings.HasSuffix(f.Package.Path, "test") {
			continue
		}
		f.Uses(func(target, name string, pos token.Pos) {
			if isSystem(target, name) {
				report(f.Path, f.Line(pos), "ref.System is for the files that archtest lists")
			}
		})
	}
}

func isSystem(target, name string) bool { return target == Module+"/commerce/ref" && name == "System" }

// checkClock keeps the time of the machine behind commerce/clock, and sleeps
// out of everything: what waits, waits for a timer and for its context. A test
// may yield for a moment.
func checkClock(t *Tree, report reporter) {
	readers := []string{"Now", "Since", "Until"}
	for _, f := range t.Go() {
		if f.Package.Path == "commerce/clock" {
			continue
		}
		f.Uses(func(target, name string, pos token.Pos) {
			switch {
			case target != "time":
			case slices.Contains(readers, name) && !f.Test() && !below(f.Path, "internal"):
				report(f.Path, f.Line(pos), "time.%s: take a clock.Clock", name)
			}
		})
		checkSleep(f, report)
	}
}

// longestNap is how many milliseconds a test may sleep at a time.
const longestNap = 50

func checkSleep(f *File, report reporter) {
	ast.Inspect(f.AST, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		target, name, ok := f.qualified(call.Fun)
		if !ok || target != "time" || name != "Sleep" {
			return true
		}
		tests := f.Test() || strings.HasSuffix(f.Package.Path, "test")
		if !tests || !nap(f, call.Args) {
			report(f.Path, f.Line(call.Pos()), "time.Sleep waits for nothing in particular")
		}
		return true
	})
}

// nap reports whether the argument of a sleep reads n * time.Millisecond with
// a small n.
func nap(f *File, args []ast.Expr) bool {
	product, ok := args[0].(*ast.BinaryExpr)
	if !ok || product.Op != token.MUL {
		return false
	}
	count, ok := product.X.(*ast.BasicLit)
	if !ok {
		return false
	}
	n, err := strconv.Atoi(count.Value)
	target, unit, _ := f.qualified(product.Y)
	return err == nil && n <= longestNap && target == "time" && (unit == "Millisecond" || unit == "Microsecond")
}

// checkRandom forbids the shared generator of math/rand, which no seed
// replays, and keeps secure random numbers to the listed packages.
func checkRandom(t *Tree, report reporter) {
	seeded := []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "PCG", "ChaCha8", "Zipf", "Source"}
	for _, f := range t.Go() {
		for _, spec := range f.AST.Imports {
			if spec.Path.Value == `"math/rand"` {
				report(f.Path, f.Line(spec.Pos()), "math/rand: take a generator of math/rand/v2 with a seed")
			}
			if spec.Path.Value == `"crypto/rand"` && !f.Test() && secretMakers()[f.Package.Path] == "" {
				report(f.Path, f.Line(spec.Pos()), "crypto/rand is for the packages that archtest lists")
			}
		}
		f.Uses(func(target, name string, pos token.Pos) {
			if target == "math/rand/v2" && !slices.Contains(seeded, name) {
				report(f.Path, f.Line(pos), "rand.%s draws from the shared generator, which no seed replays", name)
			}
		})
	}
}

func checkRecover(t *Tree, report reporter) {
	checkBuiltin(t, "recover", recoverers(), "recover stands only at the roots that archtest lists", report)
}

func checkPanic(t *Tree, report reporter) {
	checkBuiltin(t, "panic", panickers(), "return an error; only what archtest lists may panic", report)
}

// checkBuiltin keeps calls of a built-in function to the listed files, to
// tests and to suites.
func checkBuiltin(t *Tree, name string, listed map[string]string, text string, report reporter) {
	for _, f := range t.Go() {
		if f.Test() || listed[f.Path] != "" || strings.HasSuffix(f.Package.Path, "test") {
			continue
		}
		for _, pos := range builtinCalls(f, name) {
			report(f.Path, f.Line(pos), "%s", text)
		}
	}
}

// builtinCalls returns where a file calls a built-in function.
func builtinCalls(f *File, name string) []token.Pos {
	var calls []token.Pos
	ast.Inspect(f.AST, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if id, ok := call.Fun.(*ast.Ident); ok && id.Name == name && id.Obj == nil {
			calls = append(calls, call.Pos())
		}
		return true
	})
	return calls
}

func callsBuiltin(f *File, name string) bool { return len(builtinCalls(f, name)) > 0 }

// checkUnits has the function of a unit of work call its context ctx, so that
// nobody reaches for the outer one by mistake.
func checkUnits(t *Tree, report reporter) {
	for _, f := range t.Go() {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			do, isMethod := call.Fun.(*ast.SelectorExpr)
			fn, isLit := call.Args[1].(*ast.FuncLit)
			if !isMethod || do.Sel.Name != "Do" || !isLit || len(fn.Type.Params.List) != 1 {
				return true
			}
			param := fn.Type.Params.List[0]
			if target, name, ok := f.qualified(param.Type); !ok || target != "context" || name != "Context" {
				return true
			}
			if len(param.Names) == 1 && param.Names[0].Name != "ctx" && param.Names[0].Name != "_" {
				report(f.Path, f.Line(fn.Pos()), "the context of a unit of work is named ctx")
			}
			return true
		})
	}
}
