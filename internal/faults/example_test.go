package faults_test

import (
	"fmt"
	"strings"
)

// What can happen to a payment happens in every order.
func Example() {
	for _, order := range permutations([]string{"answer", "notice", "expiry"}) {
		fmt.Println(strings.Join(order, ", "))
	}
	// Output:
	// answer, notice, expiry
	// answer, expiry, notice
	// notice, answer, expiry
	// notice, expiry, answer
	// expiry, answer, notice
	// expiry, notice, answer
}
