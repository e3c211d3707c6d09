package main

import (
	_ "github.com/soukhq/souk/commerce"
	_ "github.com/soukhq/souk/examples/marketplace"
	_ "github.com/soukhq/souk/examples/quickstart/internal/print"
)
