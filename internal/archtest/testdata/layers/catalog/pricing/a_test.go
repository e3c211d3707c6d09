package pricing_test

import (
	_ "github.com/soukhq/souk/storage/memory"
	_ "github.com/soukhq/souk/order"
	_ "github.com/soukhq/souk/examples/quickstart"
)
