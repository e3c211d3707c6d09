package fault_test

import (
	"errors"
	"fmt"
	"io"

	"github.com/soukhq/souk/commerce/fault"
)

func Example() {
	find := func(id string) error {
		return fault.New(fault.NotFound, "order.not_found", "no such order").With("id", id)
	}
	err := fmt.Errorf("order page: %w", find("o-7"))

	if errors.Is(err, fault.NotFound) {
		fmt.Println("404:", fault.CodeOf(err))
	}
	// Output: 404: order.not_found
}

func ExampleViolations() {
	quantity, name := 0, ""

	var v fault.Violations
	if quantity < 1 {
		v.Add("quantity", "out_of_range", fault.Params{"min": 1})
	}
	if name == "" {
		v.Add("name", "required", nil)
	}
	err := v.Err("line.invalid", "the line is not valid")

	var bad *fault.Fault
	if errors.As(err, &bad) {
		for _, f := range bad.Fields {
			fmt.Println(f.Path, f.Code)
		}
	}
	// Output:
	// quantity out_of_range
	// name required
}

func ExampleWrap() {
	err := fault.Wrap(io.ErrUnexpectedEOF, fault.Unavailable, "search.away", "search is not available")
	fmt.Println(fault.KindOf(err), errors.Is(err, io.ErrUnexpectedEOF))
	// Output: unavailable true
}
