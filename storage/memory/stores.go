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

	merchants  merchants
	products   products
	categories categories
	brands     brands
	orders     orders
	personals  personals
	carts      carts
	stock      stock
	prices     prices

	payments       payments
	paymentRefunds paymentRefunds
	paymentNotices paymentNotices
	paymentCases   paymentCases
}

func newTables(db *DB) *tables {
	log, letters, slugs := newEvents(db), newLetters(db), newSlugs(db)
	paid := newPayments(db)
	return &tables{
		events:      log,
		cursors:     newCursors(db, log, letters),
		letters:     letters,
		claims:      newClaims(db),
		idempotency: newIdempotency(db),
		leases:      newLeases(db),
		inbox:       newInbox(db),

		merchants:  newMerchants(db),
		products:   newProducts(db, slugs),
		categories: newCategories(db, slugs),
		brands:     newBrands(db, slugs),
		orders:     newOrders(db),
		personals:  newPersonals(db),
		carts:      newCarts(db),
		stock:      newStock(db),
		prices:     newPrices(db),

		payments:       paid,
		paymentRefunds: newPaymentRefunds(db, paid),
		paymentNotices: newPaymentNotices(db),
		paymentCases:   newPaymentCases(db),
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

		Products:   db.data.products,
		Categories: db.data.categories,
		Brands:     db.data.brands,

		Orders:         db.data.orders,
		OrderPersonals: db.data.personals,
		Carts:          db.data.carts,
		Inventory:      db.data.stock,
		Prices:         db.data.prices,
		Payments:       db.data.payments,
		PaymentRefunds: db.data.paymentRefunds,
		PaymentNotices: db.data.paymentNotices,
		PaymentCases:   db.data.paymentCases,
	}
}
