package storage

import (
	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/order"
)

// Stores is a struct of ports.
type Stores struct {
	Orders   order.Store
	Products catalog.ProductStore
	Thin     catalog.ThinStore
	Fat      catalog.FatStore
}
