package ledger

import (
	_ "github.com/soukhq/souk/payment/wallet"
)
