package rest

import (
	_ "github.com/soukhq/souk/commerce"
	_ "github.com/soukhq/souk/examples/quickstart"
	_ "github.com/soukhq/souk/storage/bunstore"
)
