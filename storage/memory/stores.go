package memory

import "github.com/soukhq/souk/storage"

func newStores(db *DB) storage.Stores {
	log, letters, slugs := newEvents(db), newLetters(db), newSlugs(db)
	tree := newCategories(db, slugs)
	paid, live := newPayments(db), newPromoRevision(db)
	templates, given := newCouponTables(db)
	accounts := newMembers(db)
	return storage.Stores{
		Units: db,

		Events:      log,
		Cursors:     newCursors(db, log, letters),
		Letters:     letters,
		Claims:      newClaims(db),
		Idempotency: newIdempotency(db),
		Leases:      newLeases(db),
		Inbox:       newInbox(db),

		Merchants: newMerchants(db),

		Members:        accounts,
		AddressBooks:   newAddressBooks(db),
		SignInAttempts: newSignInAttempts(db),
		Staff:          newStaff(db),

		Products:   newProducts(db, slugs, tree),
		Categories: tree,
		Brands:     newBrands(db, slugs),
		Prices:     newPrices(db),
		Inventory:  newStock(db),
		Listings:   newListings(db),

		Carts:          newCarts(db),
		Orders:         newOrders(db),
		OrderPersonals: newPersonals(db),

		Payments:       paid,
		PaymentRefunds: newPaymentRefunds(db, paid),
		PaymentNotices: newPaymentNotices(db),
		PaymentCases:   newPaymentCases(db),

		Campaigns:   newCampaigns(db, live),
		PromoGroups: newPromoGroups(db, live),
		PromoUses:   newPromoUses(db),

		CouponTemplates: templates,
		Coupons:         given,
		CouponCodes:     newCouponCodes(db),

		SearchSettings: newSearchSettings(db),
		SearchLog:      newSearchLog(db),

		Signals:       newSignals(db, accounts),
		ShelfPolicies: newShelfPolicies(db),
		Impressions:   newImpressions(db),
		ShelfStats:    newShelfStats(db),
	}
}

// Stores returns the stores of the database.
func (db *DB) Stores() storage.Stores { return db.stores }
