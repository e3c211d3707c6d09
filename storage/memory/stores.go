package memory

import "github.com/soukhq/souk/storage"

// tables holds every store of a DB.
type tables struct {
	merchants merchants
}

func newTables(db *DB) *tables {
	return &tables{
		merchants: newMerchants(db),
	}
}

// Stores returns the stores of the database.
func (db *DB) Stores() storage.Stores {
	return storage.Stores{
		Units:     db,
		Merchants: db.data.merchants,
	}
}
