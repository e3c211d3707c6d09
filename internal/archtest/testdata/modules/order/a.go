package order

import (
	_ "github.com/uptrace/bun"
	_ "github.com/soukhq/souk/commerce/fault"
)
