package checkout_test

import (
	"errors"
	"fmt"

	"github.com/soukhq/souk/order/checkout"
)

// A shop shows the new quote instead of charging another price.
func ExampleChangedError() {
	place := func() error { return &checkout.ChangedError{Quote: checkout.Quote{ID: "new"}} }

	var changed *checkout.ChangedError
	if err := place(); errors.As(err, &changed) {
		fmt.Println("agree to quote", changed.Quote.ID)
	}
	// Output: agree to quote new
}

// An order's own refund has a key of its own, so that it happens once.
func ExampleRefundKey() {
	fmt.Println(checkout.RefundKey("o-1", "cancel"))
	// Output: order/o-1/cancel
}
