package doctest_test

import (
	"fmt"

	"github.com/soukhq/souk/internal/doctest"
)

func ExamplePages() {
	pages, err := doctest.Pages("testdata/site")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range pages {
		fmt.Println(p.Path, len(p.Problems()))
	}
	// Output:
	// order/cart/readme.md 0
	// right.md 0
	// wrong.md 7
}
