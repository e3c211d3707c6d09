package table

import (
	_ "github.com/soukhq/souk/commerce/money"
	_ "github.com/soukhq/souk/storage/memory"
)
