package storage_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/storage/memory"
)

// directory answers for merchants from a list that the company keeps
// elsewhere, and leaves the writing to the shop.
type directory struct {
	merchant.Store
	names map[merchant.ID]string
}

func (d directory) Get(ctx context.Context, id merchant.ID) (merchant.Merchant, error) {
	m, err := d.Store.Get(ctx, id)
	if name, ok := d.names[id]; err == nil && ok {
		m.Name = name
	}
	return m, err
}

// One aggregate can live elsewhere: replace its field.
func Example() {
	ctx := context.Background()
	stores := memory.New().Stores()
	stores.Merchants = directory{stores.Merchants, map[merchant.ID]string{"tea": "Tea House Ltd."}}

	m := merchant.Merchant{ID: "tea", Name: "tea", State: merchant.Active}
	if err := stores.Merchants.Insert(ctx, &m); err != nil {
		fmt.Println(err)
		return
	}
	m, err := stores.Merchants.Get(ctx, "tea")
	fmt.Println(m.Name, m.Version, err)
	// Output: Tea House Ltd. 1 <nil>
}
