package uid_test

import (
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/uid"
)

func ExampleV7() {
	g := uid.NewV7(clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)))
	first, second := g.New(), g.New()
	fmt.Println(len(first), first[:13], first[14:15], first < second)
	// Output: 36 019cec37-b600 7 true
}

func ExampleSequence() {
	g := uid.NewSequence("order")
	fmt.Println(g.New(), g.New())
	// Output: order-000001 order-000002
}
