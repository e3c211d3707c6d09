package crashtest_test

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

// Two devices order the same cart by the same key at the same time. Whichever
// comes first, one of them must be told of the other's order.
func Example() {
	in := keyed{cart: 0, variant: 0, key: 1}
	first := porcupine.Operation{ClientId: 0, Input: in, Call: 1, Output: answer{kind: "placed", group: "g1"}, Return: 4}
	second := porcupine.Operation{ClientId: 1, Input: in, Call: 2, Return: 3}

	second.Output = answer{kind: "placed", group: "g1", replayed: true}
	fmt.Println(verdictOn([]porcupine.Operation{first, second}, time.Minute))
	second.Output = answer{kind: "placed", group: "g2"}
	fmt.Println(verdictOn([]porcupine.Operation{first, second}, time.Minute))
	// Output:
	// Ok
	// Illegal
}
