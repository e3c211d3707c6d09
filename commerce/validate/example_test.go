package validate_test

import (
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/validate"
)

func Example() {
	type AddLine struct {
		SKU      ref.SKUID    `json:"sku" validate:"required,id"`
		Quantity ref.Quantity `json:"quantity" validate:"quantity"`
	}
	type AddInput struct {
		Lines []AddLine `json:"lines" validate:"min=1,max=200,dive"`
		Note  string    `json:"note" validate:"max=200,text"`
	}

	err := validate.New().Struct(AddInput{
		Lines: []AddLine{{SKU: "tea-100g", Quantity: 1}, {Quantity: -1}},
		Note:  "ring\x07",
	})
	var bad *fault.Fault
	if errors.As(err, &bad) {
		fmt.Println(bad.Kind, bad.Code)
		for _, f := range bad.Fields {
			fmt.Println(f.Path, f.Code, f.Params)
		}
	}
	// Output:
	// invalid input.invalid
	// lines[1].sku required map[]
	// lines[1].quantity out_of_range map[max:1000000 min:1]
	// note text map[]
}
