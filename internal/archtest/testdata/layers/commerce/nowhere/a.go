package nowhere

import (
	_ "github.com/soukhq/souk/commerce/fault"
)
