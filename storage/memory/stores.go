package memory

import "github.com/soukhq/souk/storage"

// tables holds every store of a DB.
type tables struct {
	events      *events
	cursors     cursors
	letters     letters
	claims      claims
	idempotency idempotency
	leases      leases
	inbox       inbox

	merchants      merchants
	members        members
	addressBooks   addressBooks
	signInAttempts signInAttempts
	staff          staff

	products   products
	categories categories
	brands     brands
	prices     prices
	stock      stock
	listings   listings

	carts     carts
	orders    orders
	personals personals

	payments       payments
	paymentRefunds paymentRefunds
	paymentNotices paymentNotices
	paymentCases   paymentCases

	campaigns       campaigns
	promoGroups     promoGroups
	promoUses       promoUses
	couponTemplates couponTemplates
	coupons         coupons
	couponCodes     couponCodes

	searchSettings searchSettings
	searchLog      searchLog

	signals       signals
	shelfPolicies shelfPolicies
	impressions   impressions
	shelfStats    shelfStats
}

func newTables(db *DB) *tables {
	log, letters, slugs := newEvents(db), newLetters(db), newSlugs(db)
	tree := newCategories(db, slugs)
	paid, live := newPayments(db), newPromoRevision(db)
	templates, given := newCouponTables(db)
	return &tables{
		events:      log,
		cursors:     newCursors(db, log, letters),
		letters:     letters,
		claims:      newClaims(db),
		idempotency: newIdempotency(db),
		leases:      newLeases(db),
		inbox:       newInbox(db),

		merchants:      newMerchants(db),
		members:        newMembers(db),
		addressBooks:   newAddressBooks(db),
		signInAttempts: newSignInAttempts(db),
		staff:          newStaff(db),

		products:   newProducts(db, slugs, tree),
		categories: tree,
		brands:     newBrands(db, slugs),
		prices:     newPrices(db),
		stock:      newStock(db),
		listings:   newListings(db),

		carts:     newCarts(db),
		orders:    newOrders(db),
		personals: newPersonals(db),

		payments:       paid,
		paymentRefunds: newPaymentRefunds(db, paid),
		paymentNotices: newPaymentNotices(db),
		paymentCases:   newPaymentCases(db),

		campaigns:   newCampaigns(db, live),
		promoGroups: newPromoGroups(db, live),
		promoUses:   newPromoUses(db),

		couponTemplates: templates,
		coupons:         given,
		couponCodes:     newCouponCodes(db),

		searchSettings: newSearchSettings(db),
		searchLog:      newSearchLog(db),

		signals:       newSignals(db),
		shelfPolicies: newShelfPolicies(db),
		impressions:   newImpressions(db),
		shelfStats:    newShelfStats(db),
	}
}

// Stores returns the stores of the database.
func (db *DB) Stores() storage.Stores {
	return storage.Stores{
		Units: db,

		Events:      db.data.events,
		Cursors:     db.data.cursors,
		Letters:     db.data.letters,
		Claims:      db.data.claims,
		Idempotency: db.data.idempotency,
		Leases:      db.data.leases,
		Inbox:       db.data.inbox,

		Merchants: db.data.merchants,

		Members:        db.data.members,
		AddressBooks:   db.data.addressBooks,
		SignInAttempts: db.data.signInAttempts,
		Staff:          db.data.staff,

		Products:   db.data.products,
		Categories: db.data.categories,
		Brands:     db.data.brands,
		Prices:     db.data.prices,
		Inventory:  db.data.stock,
		Listings:   db.data.listings,

		Carts:          db.data.carts,
		Orders:         db.data.orders,
		OrderPersonals: db.data.personals,

		Payments:       db.data.payments,
		PaymentRefunds: db.data.paymentRefunds,
		PaymentNotices: db.data.paymentNotices,
		PaymentCases:   db.data.paymentCases,

		Campaigns:   db.data.campaigns,
		PromoGroups: db.data.promoGroups,
		PromoUses:   db.data.promoUses,

		CouponTemplates: db.data.couponTemplates,
		Coupons:         db.data.coupons,
		CouponCodes:     db.data.couponCodes,

		SearchSettings: db.data.searchSettings,
		SearchLog:      db.data.searchLog,

		Signals:       db.data.signals,
		ShelfPolicies: db.data.shelfPolicies,
		Impressions:   db.data.impressions,
		ShelfStats:    db.data.shelfStats,
	}
}
