package member

import (
	_ "github.com/soukhq/souk/commerce/merchant"
	_ "github.com/soukhq/souk/commerce/ref"
	_ "github.com/soukhq/souk/order"
)
