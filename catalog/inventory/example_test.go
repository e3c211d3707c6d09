package inventory_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx, stores := context.Background(), memory.New().Stores()
	stock, err := inventory.NewService(inventory.Config{
		Store: stores.Inventory, Units: stores.Units, Events: stores.Events,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = stock.Receive(ctx, ref.Staff("ann"), inventory.CountInput{
		Counts: []inventory.Count{{SKU: "tea-100g", Location: "main", Quantity: 3}}, Ref: "delivery 17",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	order := func(owner string, n ref.Quantity) error {
		return stores.Units.Do(ctx, func(ctx context.Context) error {
			return stock.Reserve(ctx, inventory.ReserveInput{Demands: []inventory.Demand{
				{Owner: owner, SKU: "tea-100g", Quantity: n},
			}})
		})
	}
	fmt.Println("first order:", order("order-1", 2))
	err = order("order-2", 2)
	fmt.Println("second order is refused:", errors.Is(err, fault.Exhausted))

	err = stores.Units.Do(ctx, func(ctx context.Context) error {
		_, err := stock.Commit(ctx, "order-1")
		return err
	})
	left, lerr := stock.Available(ctx, []ref.SKUID{"tea-100g"})
	fmt.Println("paid:", err, "- left:", left["tea-100g"], lerr)
	broken, err := stock.Verify(ctx, 10)
	fmt.Println("mismatches:", len(broken), err)
	// Output:
	// first order: <nil>
	// second order is refused: true
	// paid: <nil> - left: 1 <nil>
	// mismatches: 0 <nil>
}
