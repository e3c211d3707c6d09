package clock_test

import (
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/clock"
)

func ExampleManual() {
	c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	expires := c.Now().Add(15 * time.Minute)
	fmt.Println("expired:", !c.Now().Before(expires))
	c.Advance(15 * time.Minute) // windows are half-open: the end is out
	fmt.Println("expired:", !c.Now().Before(expires))
	// Output:
	// expired: false
	// expired: true
}
