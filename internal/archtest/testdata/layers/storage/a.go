package storage

import (
	_ "github.com/soukhq/souk/order"
	_ "github.com/soukhq/souk/order/checkout"
	_ "github.com/soukhq/souk/storage/memory"
)
