package memory_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx := context.Background()
	stores := memory.New().Stores()
	tea := merchant.Merchant{ID: "tea", Name: "Tea House", State: merchant.Active}

	err := stores.Units.Do(ctx, func(ctx context.Context) error {
		if err := stores.Merchants.Insert(ctx, &tea); err != nil {
			return err
		}
		return errors.New("the host changed its mind")
	})
	fmt.Println(err)

	_, err = stores.Merchants.Get(ctx, "tea")
	fmt.Println("rolled back:", errors.Is(err, fault.NotFound))
	// Output:
	// the host changed its mind
	// rolled back: true
}
