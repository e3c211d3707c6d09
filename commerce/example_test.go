package commerce_test

import (
	"context"
	"fmt"
	"log"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/ref"
)

func ExampleNew() {
	m, err := commerce.New(commerce.Config{}) // a whole marketplace in memory
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	seller, err := m.Merchants.Register(ctx, ref.Staff("ann"), merchant.RegisterInput{Name: "Tea House"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(seller.Name, seller.State)
	// Output: Tea House active
}
