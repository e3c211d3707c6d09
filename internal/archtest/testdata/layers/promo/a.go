package promo

import (
	_ "github.com/soukhq/souk/internal/skiptest"
	_ "github.com/soukhq/souk/promo/engine"
)
