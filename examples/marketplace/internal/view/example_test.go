package view_test

import (
	"fmt"

	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

func ExampleSteps() {
	fmt.Println(view.Steps())
	// Output:
	// [address delivery payment review]
}
