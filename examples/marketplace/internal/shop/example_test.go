package shop_test

import (
	"fmt"

	"github.com/soukhq/souk/examples/marketplace/internal/shop"
)

func ExampleChannels() {
	for _, c := range shop.Channels() {
		fmt.Println(c.ID, c.Currency, c.Locale, c.Country, c.TaxInclusive)
	}
	// Output:
	// en USD en-US US false
	// zh CNY zh-CN CN true
}
