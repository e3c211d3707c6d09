package storage

import (
	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/search"
)

// Stores is everything a marketplace keeps. A nil field is a store that the
// adapter lacks; commerce.New reports which enabled feature needs it.
type Stores struct {
	// Units begins and commits; every other field joins its units.
	Units uow.Manager

	Events      event.Log
	Cursors     event.Cursors
	Letters     event.Letters
	Claims      uow.Claims
	Idempotency uow.Idempotency
	Leases      uow.Leases
	Inbox       uow.Inbox

	Merchants merchant.Store

	Members        member.Store
	AddressBooks   member.BookStore
	SignInAttempts member.AttemptStore
	Staff          access.Store

	Products   catalog.ProductStore
	Categories catalog.CategoryStore
	Brands     catalog.BrandStore
	Prices     pricing.Store
	Inventory  inventory.Store
	Listings   listing.Store

	Carts          cart.Store
	Orders         order.Store
	OrderPersonals order.PersonalStore

	Payments       payment.Store
	PaymentRefunds payment.RefundStore
	PaymentNotices payment.NoticeStore
	PaymentCases   payment.CaseStore

	Campaigns   campaign.Store
	PromoGroups campaign.GroupStore
	PromoUses   campaign.UsageStore

	CouponTemplates coupon.TemplateStore
	Coupons         coupon.Store
	CouponCodes     coupon.CodeStore

	SearchSettings search.SettingsStore
	SearchLog      search.LogStore

	Signals       recommend.SignalStore
	ShelfPolicies shelf.PolicyStore
	Impressions   shelf.ImpressionStore
	ShelfStats    shelf.StatStore
}
