package money

import (
	_ "github.com/soukhq/souk/commerce/fault"
	_ "github.com/soukhq/souk/commerce/clock"
	_ "github.com/soukhq/souk/commerce/event"
)
