package memory

import "github.com/soukhq/souk/storage"

// tables holds every store of a DB.
type tables struct {
	merchants  merchants
	products   products
	categories categories
	brands     brands
	stock      stock
}

func newTables(db *DB) *tables {
	slugs := newSlugs(db)
	return &tables{
		merchants:  newMerchants(db),
		products:   newProducts(db, slugs),
		categories: newCategories(db, slugs),
		brands:     newBrands(db, slugs),
		stock:      newStock(db),
	}
}

// Stores returns the stores of the database.
func (db *DB) Stores() storage.Stores {
	return storage.Stores{
		Units:     db,
		Merchants: db.data.merchants,

		Products:   db.data.products,
		Categories: db.data.categories,
		Brands:     db.data.brands,
		Inventory:  db.data.stock,
	}
}
