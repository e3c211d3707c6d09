package outbox_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/storage/memory"
)

type orderPlaced struct {
	Order string `json:"order"`
}

func (orderPlaced) EventName() string { return "order.placed.v1" }

// A reaction takes what a unit of work appended to its effect.
func Example() {
	ctx := context.Background()
	stores := memory.New().Stores()
	box, err := outbox.New(outbox.Config{
		Units: stores.Units, Events: stores.Events, Cursors: stores.Cursors, Letters: stores.Letters, Leases: stores.Leases,
		Consumers: []outbox.Consumer{{
			Name: "greeter", Topics: []string{"order"},
			React: func(_ context.Context, r event.Record) error {
				var placed orderPlaced
				if err := event.Decode(r, &placed); err != nil {
					return err
				}
				fmt.Println("thank you for order", placed.Order)
				return nil
			},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = stores.Units.Do(ctx, func(ctx context.Context) error {
		// ... write the order ...
		r, err := event.New("event-1", "order", "A-1001", time.Now(), orderPlaced{Order: "A-1001"})
		if err != nil {
			return err
		}
		return stores.Events.Append(ctx, r)
	})
	fmt.Println(err, box.Drain(ctx))
	// Output:
	// thank you for order A-1001
	// <nil> <nil>
}
