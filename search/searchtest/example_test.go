package searchtest_test

import (
	"fmt"

	"github.com/soukhq/souk/search/searchtest"
)

// The cases can be looked at without running them.
func ExampleCases() {
	spelling := 0
	for _, c := range searchtest.Cases() {
		if c.Lacks != nil && c.Lacks(searchtest.Limits{NoSpelling: true}) {
			spelling++
		}
	}
	fmt.Println(len(searchtest.Cases()) > 30, spelling)
	// Output: true 2
}
