package bunstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/storage/bunstore"
)

func Example() {
	dir, err := os.MkdirTemp("", "souk-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := trade(context.Background(), "sqlite:"+filepath.Join(dir, "shop.db")); err != nil {
		fmt.Println(err)
	}
	// Output: Tea House 1
}

// trade works the same on "postgres://...".
func trade(ctx context.Context, url string) error {
	db, err := bunstore.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	stores := db.Stores()

	now := clock.System{}.Now()
	tea := merchant.Merchant{ID: "tea", Name: "Tea House", State: merchant.Active, CreatedAt: now, UpdatedAt: now}
	if err := stores.Merchants.Insert(ctx, &tea); err != nil {
		return err
	}
	tea, err = stores.Merchants.Get(ctx, tea.ID)
	if err != nil {
		return err
	}
	fmt.Println(tea.Name, tea.Version)
	return nil
}
