package event

import (
	_ "github.com/soukhq/souk/commerce/merchant"
	_ "github.com/soukhq/souk/commerce/money"
	_ "github.com/soukhq/souk/commerce/uow"
)
