package exprcond_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/exprcond"
)

func params(source string) json.RawMessage {
	data, err := json.Marshal(exprcond.Params{Source: source})
	if err != nil {
		panic(err)
	}
	return data
}

func facts() promo.Facts {
	cart := promo.Cart{
		Currency: "USD", Channel: "en", Payment: "card", Codes: []string{"SPRING"},
		Buyer: promo.Buyer{ID: "ann", Segments: []string{"silver"}, Orders: 3, Attributes: map[string]string{"city": "Oslo"}},
		Lines: []promo.Line{
			{ID: "1", SKU: "tea", Brand: "acme", Merchant: "m", Quantity: 3, Unit: money.New(500, "USD"), Tags: []string{"new"}, Attributes: map[string][]string{"kind": {"green", "loose"}}},
			{ID: "2", SKU: "pot", Brand: "pots", Merchant: "n", Quantity: 1, Unit: money.New(4000, "USD")},
		},
	}
	return promo.Facts{Cart: &cart, Lines: []*promo.Line{&cart.Lines[0]}, Now: time.Date(2026, time.March, 2, 12, 30, 0, 0, time.UTC)}
}

func TestDecides(t *testing.T) {
	t.Parallel()
	c, err := exprcond.New(exprcond.Config{})
	require.NoError(t, err)
	for source, want := range map[string]bool{
		`true`: true,
		`buyer.orders >= 3 && any(lines, .brand == "acme" and .quantity > 1)`: true,
		`buyer.orders == 4`: false,
		`sum(lines, .amount) == 5500 and sum(selected, .amount) == 1500`:    true,
		`"silver" in buyer.segments and buyer.attributes["city"] == "Oslo"`: true,
		`weekday == 1 and hour == 12 and month == 3 and year == 2026`:       true,
		`count(lines, "new" in .tags) == 1 ? payment == "card" : false`:     true,
		`len(codes) > 0 and lower(codes[0]) == "spring"`:                    true,
		`buyer.attributes["none"] == "x"`:                                   false,
		`not buyer.member`:                                                  false,
		`any(lines, "loose" in .attributes["kind"])`:                        true,
		`all(lines, "loose" in .attributes["kind"])`:                        false,
	} {
		require.NoError(t, c.Check(params(source)), source)
		got, err := c.Holds(params(source), facts())
		require.NoError(t, err, source)
		require.Equal(t, want, got, source)
	}
}

func TestRefusesWhenSaved(t *testing.T) {
	t.Parallel()
	c, err := exprcond.New(exprcond.Config{})
	require.NoError(t, err)
	for source, code := range map[string]string{
		``:                           "length",
		strings.Repeat("x", 3000):    "length",
		`1 +`:                        "expression",
		`nobody == 1`:                "expression",
		`buyer.orders`:               "expression",
		`buyer.orders == "x"`:        "expression",
		`now() == now()`:             "expression",
		`repeat("x", 1000000) == ""`: "expression",
		`true` + strings.Repeat(" and true", 200):           "expression",
		`len(1..1000000) > 0`:                               "too_costly",
		`any(lines, any(lines, true))`:                      "too_costly",
		`any(lines, .sku matches "(a+)+b")`:                 "too_costly",
		`map(lines, .sku) == []`:                            "too_costly",
		`reduce(lines, #acc + #acc, "x") == ""`:             "too_costly",
		`2 ** 100 > 1`:                                      "too_costly",
		`let a = "x" + "x"; a == ""`:                        "too_costly",
		`all(lines, count(selected, any(lines, true)) > 0)`: "too_costly",
	} {
		err := c.Check(params(source))
		require.ErrorIs(t, err, fault.Invalid, source)
		var f *fault.Fault
		require.True(t, errors.As(err, &f))
		require.Len(t, f.Fields, 1, source)
		require.Equal(t, code, f.Fields[0].Code, source)
		require.Equal(t, "source", f.Fields[0].Path)
		_, err = c.Holds(params(source), facts())
		require.Error(t, err)
	}
	require.ErrorIs(t, c.Check(json.RawMessage(`{`)), fault.Invalid)
	_, err = exprcond.New(exprcond.Config{MaxBytes: -1})
	require.ErrorIs(t, err, fault.Invalid)
}

func TestFailsWithoutPanic(t *testing.T) {
	t.Parallel()
	c, err := exprcond.New(exprcond.Config{})
	require.NoError(t, err)
	_, err = c.Holds(params(`codes[7] == "x"`), facts())
	require.ErrorIs(t, err, fault.Invalid)
	_, err = c.Holds(params(`1 % (buyer.orders - 3) == 0`), facts())
	require.ErrorIs(t, err, fault.Invalid)
}

func TestKeepsSoManyPrograms(t *testing.T) {
	t.Parallel()
	c, err := exprcond.New(exprcond.Config{MaxPrograms: 2})
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 20 {
				got, err := c.Holds(params(fmt.Sprintf("buyer.orders == %d", (i+k)%5)), facts())
				if err != nil || got != ((i+k)%5 == 3) {
					t.Errorf("%d: %v %v", (i+k)%5, got, err)
				}
			}
		})
	}
	all.Wait()
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`true`, `any(lines, .quantity > 1)`, `buyer.orders in [1, 2]`, `let a = 1; a`, `{"a": 1}["a"] == 1`} {
		f.Add(seed)
	}
	c, err := exprcond.New(exprcond.Config{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, source string) {
		checked := c.Check(params(source))
		_, err := c.Holds(params(source), facts())
		if checked != nil && err == nil {
			t.Errorf("%q runs, but is refused: %v", source, checked)
		}
	})
}

func Example() {
	condition, _ := exprcond.New(exprcond.Config{})
	engine, _ := promo.NewEngine(promo.Config{Conditions: map[string]promo.CustomCondition{exprcond.Kind: condition}})

	p := promo.Promotion{
		ID: "regulars", Version: 1, Name: "For regulars",
		When: promo.Condition{Custom: &promo.Custom{
			Kind: exprcond.Kind, Params: json.RawMessage(`{"source": "buyer.orders >= 3 and any(lines, .brand == 'acme')"}`),
		}},
		Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000}},
	}
	fmt.Println("valid:", engine.Validate(&p) == nil)
	result, _ := engine.Evaluate(promo.Input{
		Cart: promo.Cart{Currency: "USD", Buyer: promo.Buyer{ID: "ann", Orders: 3}, Lines: []promo.Line{
			{ID: "1", SKU: "tea", Brand: "acme", Quantity: 2, Unit: money.New(1000, "USD")},
		}},
		Candidates: []promo.Candidate{{Promotion: p}},
	})
	fmt.Println(result.Decisions[0].Code, result.Totals.Payable)
	// Output:
	// valid: true
	// applied USD 18.00
}
