package print

import (
	_ "github.com/soukhq/souk/examples/quickstart/words"
)
