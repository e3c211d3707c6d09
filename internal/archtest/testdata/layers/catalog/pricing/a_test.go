package pricing_test

import (
	_ "github.com/soukhq/souk/examples/quickstart"
	_ "github.com/soukhq/souk/order"
	_ "github.com/soukhq/souk/storage/memory"
)
