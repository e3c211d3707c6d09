// Package campaign keeps the promotions of a shop: who may change them, which
// are live, and how often each was used.
//
//	c, err := campaigns.Save(ctx, ref.Staff("ann"), campaign.SaveInput{Promotion: tenPercent})
//	c, err = campaigns.Activate(ctx, ref.Staff("ann"), c.ID, c.Version)
//
//	live, err := campaigns.Live(ctx) // decoded, cached by revision
//	used, err := uses.Used(ctx, buyer, limited)
//	err = units.Do(ctx, func(ctx context.Context) error {
//		// all of it or nothing; Exhausted names the promotion and the limit
//		return uses.Redeem(ctx, redemptions)
//	})
//
// A [Campaign] is a promotion with a state: a draft, active, paused or ended.
// What package promo says of the promotion is checked before it is kept, the
// exclusion groups with it; a changed promotion is a further version, and the
// earlier ones stay, because quotes and orders name them. Merchants keep their
// own, staff the site's and everybody's.
//
// Uses are counted where there is a limit and nowhere else, by one conditional
// statement in the unit that places the order: of N buyers of the last use
// exactly one has it. A group of orders is one use, however many merchants it
// is split among, and however often it is asked for.
//
// A limit counts from the version that sets it. What it does not do: coupons
// are those of promo/coupon, and what applies to a cart promo/redemption
// decides.
package campaign
