package backendtest_test

import (
	"fmt"

	"github.com/soukhq/souk/internal/backendtest"
)

// What a test of everything runs on, and one of statements.
func Example() {
	for _, b := range backendtest.All() {
		fmt.Println(b.Name)
	}
	fmt.Println(len(backendtest.SQL()), "of them with a database")
	// Output:
	// memory
	// sqlite
	// postgres
	// 2 of them with a database
}
