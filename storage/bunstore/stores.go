package bunstore

import "github.com/soukhq/souk/storage"

// Stores returns the stores of the database.
func (db *DB) Stores() storage.Stores {
	return storage.Stores{
		Units: db,

		Events:      events{db},
		Cursors:     cursors{db},
		Letters:     letters{db},
		Claims:      claims{db},
		Idempotency: idempotency{db},
		Leases:      leases{db},
		Inbox:       inbox{db},

		Merchants: merchants{db},

		Members:        members{db},
		AddressBooks:   addressBooks{db},
		SignInAttempts: signInAttempts{db},
		Staff:          staff{db},

		Products:   products{db},
		Categories: categories{db},
		Brands:     brands{db},
		Prices:     prices{db},
		Inventory:  stock{db},
		Listings:   listings{db},

		Carts:          carts{db},
		Orders:         orders{db},
		OrderPersonals: personals{db},

		Payments:       payments{db},
		PaymentRefunds: paymentRefunds{db},
		PaymentNotices: paymentNotices{db},
		PaymentCases:   paymentCases{db},

		Campaigns:   campaigns{db},
		PromoGroups: promoGroups{db},
		PromoUses:   promoUses{db},

		CouponTemplates: couponTemplates{db},
		Coupons:         coupons{db},
		CouponCodes:     couponCodes{db},

		SearchSettings: searchSettings{db},
		SearchLog:      searchLog{db},

		Signals:       signals{db},
		ShelfPolicies: shelfPolicies{db},
		Impressions:   impressions{db},
		ShelfStats:    shelfStats{db},
	}
}
