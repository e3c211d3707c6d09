package promo_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/promo"
)

func ExampleEngine_Validate() {
	engine, err := promo.NewEngine(promo.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = engine.Validate(&promo.Promotion{
		ID: "p-1", Version: 1, Name: "Spring",
		When:    promo.Condition{Amount: &promo.AmountCondition{Min: money.Zero("USD")}},
		Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 1_500_000}},
	})
	var f *fault.Fault
	if errors.As(err, &f) {
		for _, field := range f.Fields {
			fmt.Println(field.Path, field.Code)
		}
	}
	// Output:
	// when.amount.min positive
	// benefit.percent.ppm out_of_range
}

func Example() {
	engine, _ := promo.NewEngine(promo.Config{})
	spring := promo.Promotion{ID: "spring", Version: 1, Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000}}}
	tea := promo.Line{ID: "1", SKU: "tea", Merchant: "tea-house", Quantity: 3, Unit: money.New(1299, "USD")}
	result, err := engine.Evaluate(promo.Input{
		Cart:       promo.Cart{Currency: "USD", Lines: []promo.Line{tea}},
		Candidates: []promo.Candidate{{Promotion: spring}},
		Now:        time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC),
	})
	fmt.Println("to pay:", result.Totals.Payable, "instead of", result.Totals.List, err)
	// Output:
	// to pay: USD 35.07 instead of USD 38.97 <nil>
}

// Several promotions, who pays for them, and what the buyer just misses.
func ExampleEngine_Evaluate() {
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	engine, _ := promo.NewEngine(promo.Config{})
	result, _ := engine.Evaluate(promo.Input{
		Cart: promo.Cart{Currency: "USD", Lines: []promo.Line{
			{ID: "1", SKU: "tea", Merchant: "tea-house", Quantity: 3, Unit: usd(1299)},
			{ID: "2", SKU: "pot", Merchant: "potter", Quantity: 1, Unit: usd(4900)},
		}},
		Candidates: []promo.Candidate{
			{Promotion: promo.Promotion{ID: "tea-10", Version: 1, Merchant: "tea-house", Benefit: promo.Benefit{
				Percent: &promo.Percent{PPM: 100_000},
			}}},
			{Promotion: promo.Promotion{ID: "30-off-100", Version: 1, Benefit: promo.Benefit{Tiers: &promo.Tiers{
				By: promo.ByAmount, Mode: promo.TierStep, Tiers: []promo.Tier{{Amount: usd(10000), Off: usd(3000)}},
			}}}},
		},
		Now: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC),
	})
	for _, a := range result.Allocations {
		fmt.Println(a.Promotion, "takes", a.Amount.Decimal(), "off line", a.Line, "- paid by", a.Bearers[0].Party)
	}
	fmt.Println("to pay:", result.Totals.Payable)
	for _, d := range result.Decisions {
		if d.NearMiss != nil {
			fmt.Println(d.Promotion, d.Code, "-", d.NearMiss.Amount.Decimal(), "more for", d.NearMiss.Off.Decimal(), "off")
		}
	}
	// Output:
	// tea-10 takes 3.90 off line 1 - paid by merchant
	// to pay: USD 84.07
	// 30-off-100 below_amount - 15.93 more for 30.00 off
}
