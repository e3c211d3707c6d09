package merchant_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx := context.Background()
	stores := memory.New().Stores()
	merchants, err := merchant.NewService(merchant.Config{
		Store: stores.Merchants, Units: stores.Units, Events: stores.Events,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	m, err := merchants.Register(ctx, ref.Staff("ann"), merchant.RegisterInput{ID: "tea", Name: "Tea House"})
	fmt.Println(m.Name, m.Sells(), err)
	m, err = merchants.Suspend(ctx, ref.Staff("ann"), m.ID, m.Version)
	fmt.Println(m.Name, m.Sells(), err)
	_, err = merchants.Get(ctx, ref.Merchant("spice"), m.ID)
	fmt.Println("for others it is missing:", errors.Is(err, fault.NotFound))
	// Output:
	// Tea House true <nil>
	// Tea House false <nil>
	// for others it is missing: true
}
