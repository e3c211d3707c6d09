package memory

import (
	_ "github.com/soukhq/souk/commerce"
	_ "github.com/soukhq/souk/order"
	_ "github.com/soukhq/souk/storage"
	_ "github.com/soukhq/souk/storage/bunstore"
)
