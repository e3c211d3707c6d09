package bunstore

import "github.com/soukhq/souk/storage"

// Stores returns the stores of the database.
func (db *DB) Stores() storage.Stores {
	return storage.Stores{
		Units:     db,
		Merchants: merchants{db},

		Products:   products{db},
		Categories: categories{db},
		Brands:     brands{db},
		Inventory:  stock{db},
	}
}
