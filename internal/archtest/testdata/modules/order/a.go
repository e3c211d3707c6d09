package order

import (
	_ "github.com/soukhq/souk/commerce/fault"
	_ "github.com/uptrace/bun"
)
