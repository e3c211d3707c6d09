package money

import (
	_ "github.com/soukhq/souk/commerce/clock"
	_ "github.com/soukhq/souk/commerce/event"
	_ "github.com/soukhq/souk/commerce/fault"
)
