package faultpoint_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/internal/faultpoint"
	"github.com/soukhq/souk/storage/memory"
)

// The process ends right before its first commit, and leaves nothing behind.
func Example() {
	ctx, base, set := context.Background(), memory.New().Stores(), faultpoint.New()
	if err := set.Arm("commit/before", 1, faultpoint.Crash); err != nil {
		fmt.Println(err)
		return
	}
	process := set.Start()
	stores := process.Stores(base)
	err := stores.Units.Do(ctx, func(ctx context.Context) error {
		return stores.Merchants.Insert(ctx, &merchant.Merchant{ID: "tea-house", Name: "Tea House", State: merchant.Active})
	})
	left, _ := base.Merchants.GetMany(ctx, []merchant.ID{"tea-house"})

	fmt.Println(errors.Is(err, faultpoint.ErrCrashed), process.Crashed(), len(left))
	fmt.Println(set.Fired(), set.Hits()["Merchants.Insert/after"])
	// Output:
	// true true 0
	// [commit/before] 1
}
