package commerce

import (
	_ "github.com/soukhq/souk/commerce/rest"
	_ "github.com/soukhq/souk/payment/fakepay"
	_ "github.com/soukhq/souk/payment/offlinepay"
	_ "github.com/soukhq/souk/storage/bunstore"
	_ "github.com/soukhq/souk/storage/memory"
)
