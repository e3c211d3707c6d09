package cart

import (
	kernel "github.com/soukhq/souk/commerce/ref"
)

func scope() kernel.Scope { return kernel.System() }

func member() kernel.Scope { return kernel.Member("m") }
