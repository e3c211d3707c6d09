package promo_test

import (
	"errors"
	"fmt"

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
