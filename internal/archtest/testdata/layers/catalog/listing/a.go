package listing

import (
	_ "github.com/soukhq/souk/catalog"
	_ "github.com/soukhq/souk/catalog/pricing"
	_ "github.com/soukhq/souk/order/checkout"
)
