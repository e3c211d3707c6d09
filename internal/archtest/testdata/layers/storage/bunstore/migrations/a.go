package migrations

import (
	_ "github.com/soukhq/souk/commerce/fault"
	_ "github.com/soukhq/souk/storage/memory"
)
