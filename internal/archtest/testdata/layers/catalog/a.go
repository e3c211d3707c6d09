package catalog

import (
	_ "github.com/soukhq/souk/commerce/money"
)
