package rest

import (
	_ "github.com/soukhq/souk/commerce"
	_ "github.com/soukhq/souk/storage/bunstore"
	_ "github.com/soukhq/souk/examples/quickstart"
)
