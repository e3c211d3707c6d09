// Package coupon keeps coupons: rights to a promotion that members claim, are
// given, or redeem a code for, that an order holds and uses, and that come back
// or expire.
//
//	// the site offers a hundred, one per member
//	t, err := coupons.Create(ctx, ref.Staff("ann"), coupon.CreateInput{Terms: coupon.Terms{
//		Promotion: "ten-off-hundred", Name: "10 off 100", Way: coupon.ByClaim,
//		Validity: coupon.Validity{Days: 7}, Total: 100, PerMember: 1,
//	}})
//	t, err = coupons.Activate(ctx, ref.Staff("ann"), t.ID, t.Version)
//	// a member takes one; an Exhausted fault says that there are none left
//	c, err := coupons.Claim(ctx, ref.Member("m-1"), coupon.ClaimInput{Template: t.ID})
//	// in the unit that places the order
//	err = coupons.Hold(ctx, coupon.Holding{Group: "group-1", Member: "m-1", IDs: []coupon.ID{c.ID}, At: now})
//	// and in the one that records what became of it
//	moved, err := coupons.Settle(ctx, "group-1", coupon.Paid, now)
//
// Nothing is ever read and then written: of N members who claim the last
// coupon one gets it, of N orders that want one coupon one holds it, and of
// payment, return, revocation and expiry one has its way. A bound is a
// conditional update; where there is none nothing is counted, so that a coupon
// for everybody is no row that everybody waits for. Ids follow from the keys
// of calls, from who registers and from the order that is rewarded: what is
// repeated gives the same coupon and counts once.
//
// A code is 80 random bits with a check character. The store keeps its HMAC
// under a key of the host, so that neither a copy of the database nor 10,000
// guesses give anybody a coupon: see [CodeKey] and [Limiter].
//
// A template and its coupons belong to the site or to a merchant; a coupon
// belongs to one member, and is missing for everybody else. Reads are strong.
//
// What it does not do: what a coupon gives and what it may be combined with is
// the business of the promotion it names, which package promo evaluates.
package coupon
