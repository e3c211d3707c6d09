package scratch_test

import (
	"fmt"
	"os"

	"github.com/soukhq/souk/internal/scratch"
)

// A test of many small commits keeps its database where they cost least.
func Example() {
	dir, err := os.MkdirTemp(scratch.Dir(), "souk-")
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := os.Stat(dir)
	fmt.Println(info.IsDir(), err)
	fmt.Println(os.RemoveAll(dir))
	// Output:
	// true <nil>
	// <nil>
}
