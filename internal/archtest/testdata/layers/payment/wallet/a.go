package wallet

import (
	_ "github.com/soukhq/souk/payment"
	_ "github.com/soukhq/souk/payment/ledger"
)
