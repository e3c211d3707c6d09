package pgtest

import (
	_ "github.com/soukhq/souk/examples/marketplace"
	_ "github.com/soukhq/souk/internal/skiptest"
	_ "github.com/soukhq/souk/storage/bunstore"
)
