package dice_test

import (
	"fmt"

	"github.com/soukhq/souk/examples/marketplace/internal/dice"
)

func Example() {
	for range 2 {
		d := dice.New("en-0042", "stock")
		fmt.Println(d.N(100), d.N(100), d.N(100))
	}
	// Output:
	// 11 13 38
	// 11 13 38
}
