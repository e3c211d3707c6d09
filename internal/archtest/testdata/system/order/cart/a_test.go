package cart_test

import "github.com/soukhq/souk/commerce/ref"

func scope() ref.Scope { return ref.System() }
