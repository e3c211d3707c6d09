package pricing

import (
	_ "github.com/soukhq/souk/catalog"
	_ "github.com/soukhq/souk/catalog/inventory"
	_ "github.com/soukhq/souk/catalog/pricing/internal/table"
	_ "github.com/soukhq/souk/promo"
)
