package paymenttest_test

import (
	"fmt"

	"github.com/soukhq/souk/payment/paymenttest"
)

// Run takes a *testing.T; the cases can be looked at without one.
func ExampleCases() {
	withoutRefund := 0
	for _, c := range paymenttest.Cases() {
		needs := map[paymenttest.Lack]bool{}
		for _, l := range c.Needs {
			needs[l] = true
		}
		if !needs[paymenttest.Refund] {
			withoutRefund++
		}
	}
	fmt.Println(len(paymenttest.Cases()) >= 45, withoutRefund < len(paymenttest.Cases()))
	// Output: true true
}
