package order

import (
	_ "github.com/soukhq/souk/order/cart"
)
