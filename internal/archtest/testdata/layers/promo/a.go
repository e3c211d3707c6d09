package promo

import (
	_ "github.com/soukhq/souk/promo/engine"
	_ "github.com/soukhq/souk/internal/skiptest"
)
