package web_test

import (
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// Where a visitor asked to go is followed inside the shop alone, and every
// fault has its page.
func Example() {
	fmt.Println(web.LocalPath("/en/cart", "/"), web.LocalPath("//evil.example", "/"))
	fmt.Println(web.Negotiate("zh-TW,zh;q=0.9,en;q=0.5", web.Locales()))
	fmt.Println(web.StatusOf(fault.New(fault.NotFound, "order.not_found", "no such order")))
	// Output:
	// /en/cart /
	// zh-CN
	// 404
}
