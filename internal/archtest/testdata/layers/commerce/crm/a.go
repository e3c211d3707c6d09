package crm

import (
	_ "github.com/soukhq/souk/commerce/member"
	_ "github.com/soukhq/souk/commerce/report"
	_ "github.com/soukhq/souk/order/cart"
	_ "github.com/soukhq/souk/storage"
)
