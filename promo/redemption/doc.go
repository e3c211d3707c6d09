// Package redemption brings promotions into a checkout: which are candidates
// for a basket, what they give, and that no limit is exceeded by it.
//
//	promotions, err := redemption.New(redemption.Config{
//		Campaigns: campaigns, Versions: stores.Campaigns, Usage: stores.PromoUses,
//		Coupons: coupons, Offers: listing, Engine: engine,
//	})
//	shop, err := checkout.NewService(checkout.Config{Promotions: promotions, ...})
//
// It implements [checkout.Promotions] over the campaigns that are live, the
// wallet of the buyer and the engine of package promo.
//
// A quote reads one revision; what is live is decoded once per revision. The
// buyer's wallet is read where a live promotion wants a coupon, the counters
// where a promotion with a limit would apply, the catalogue where a gift would
// be given, and what is known of the buyer where a live promotion asks. So a
// hundred promotions of which none applies cost two small statements at most.
//
// Placing counts what applies in the unit of the order: the uses in one
// statement, the coupons in another, however many there are. Whoever comes too
// late is quoted anew. A group of orders of which nothing is left gives its
// uses and coupons back. What a refund has to know of a promotion that may be
// clawed back is kept with its use. A guest is counted by the mail address; what
// was used for orders that become a member's counts for the member from then on
// ([Promotions.React]).
//
// What it does not do: it grants no points, and coupons that an order earns are
// given by promo/coupon once it is paid.
package redemption
