package event

import (
	_ "github.com/soukhq/souk/commerce/uow"
	_ "github.com/soukhq/souk/commerce/money"
	_ "github.com/soukhq/souk/commerce/merchant"
)
