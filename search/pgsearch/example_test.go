package pgsearch_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search/pgsearch"
)

// What is wrong with a configuration is said all at once.
func ExampleOpen() {
	_, err := pgsearch.Open(context.Background(), pgsearch.Config{})
	var f *fault.Fault
	if errors.As(err, &f) {
		for _, field := range f.Fields {
			fmt.Println(field.Path, field.Code)
		}
	}
	// Output:
	// Pool required
	// Name malformed
}
