package checkout

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/promo"
)

// Promotions takes amounts off a quote, gives gifts, and counts the uses of
// what it gave. It is asked after the delivery rates and before the tax, and
// its answer is frozen on the orders.
//
// A group on which it gave nothing never hears of it again: Redeem, Release,
// PaidBy and ClawBack are called for a [order.Group] that is Promoted only, and
// cost a shop without promotions nothing.
type Promotions interface {
	// Apply returns what promotions give on a basket. It depends on the basket
	// and on stored promotions alone and writes nothing: placing asks again
	// and has to get the same answer. The sum over a line never exceeds its
	// list amount.
	Apply(ctx context.Context, b Basket) (Adjusted, error)
	// Redeem counts what Apply gave, inside the unit that places the group,
	// once however many orders the group has; the same group again is the same
	// use. Kinds: Exhausted or FailedPrecondition, where a limit, a budget or
	// a coupon has gone meanwhile: the unit rolls back, and the buyer is
	// quoted anew.
	Redeem(ctx context.Context, in RedeemInput) error
	// Release gives back what was redeemed, inside the unit in which the last
	// order of the group is canceled: once per group. A group of which a part
	// is fulfilled keeps its use.
	Release(ctx context.Context, in ReleaseInput) error
	// PaidBy refuses a gateway under which less would have been given on a
	// group that waits for its payment. It only reads. Kinds:
	// FailedPrecondition, code "checkout.offer_lost", with the promotion.
	PaidBy(ctx context.Context, group ref.GroupID, gateway string) error
	// ClawBack returns what the buyer owes where units come back without
	// which a promotion would not have been given, and gets back of what was
	// owed before and is not any more: by promotion and bearer the difference
	// to what was clawed back before, at most the refund in all. It reads what
	// was redeemed and writes nothing.
	ClawBack(ctx context.Context, in ClawBackInput) ([]order.ClawBack, error)
}

// Basket is what promotions see of a quote.
type Basket struct {
	Channel  ref.ChannelID
	Currency money.Currency
	Locale   ref.Locale
	// Member or Guest buys, as in [cart.Cart]. Contact is the mail address in
	// its one written form, by which a buyer without an account is counted;
	// empty while it is not known.
	Member  ref.MemberID
	Guest   string
	Contact string
	Company ref.CompanyID
	// Payment is the code of the gateway, where one was chosen.
	Payment string
	// Coupons are those that the buyer pinned, Codes what was typed, Gifts the
	// choice by promotion; sorted, each once.
	Coupons []ref.CouponID
	// NoOtherCoupons: none is to be used but those.
	NoOtherCoupons bool
	Codes          []string
	Gifts          map[ref.PromotionID][]ref.SKUID
	// Compare asks for the alternatives too.
	Compare bool
	At      time.Time
	Parts   []BasketPart
}

// BasketPart is one merchant's part, with its delivery.
type BasketPart struct {
	Merchant ref.MerchantID
	Lines    []BasketLine
	// Method is the code of the delivery method, and Delivery its list amount.
	Method   string
	Delivery money.Money
}

// BasketLine is one line at its list amount.
type BasketLine struct {
	SKU        ref.SKUID
	Product    ref.ProductID
	Brand      ref.BrandID
	Categories []ref.CategoryID // from the root of the tree to the product's own
	Tags       []string
	Attributes map[string][]string // values by name
	Quantity   ref.Quantity
	Unit       money.Money
	Floor      money.Money // of one piece; zero for none
	List       money.Money
}

// Adjusted is what promotions give on a basket.
type Adjusted struct {
	// Parts hold the adjustments: by part of the basket, and in it by line.
	Parts []AdjustedPart
	// Gifts become lines of the orders, after those that the buyer chose.
	Gifts []GiftLine
	// Choices are those that the buyer has among gifts.
	Choices []GiftChoice
	// Result says what applied and why the rest did not, for the buyer to see.
	// Its rewards are part of what the buyer agrees to.
	Result promo.Result
	// Alternatives is what it comes to with this or that coupon, where the
	// basket asks for it.
	Alternatives []promo.Alternative
}

// AdjustedPart holds the adjustments of one part.
type AdjustedPart struct {
	Lines    [][]order.Adjustment
	Delivery []order.Adjustment
}

// GiftLine is a gift. It goes with the first part of its merchant, weighs
// nothing in the delivery rate, and is reserved as what is bought.
type GiftLine struct {
	// Offer is the gift's: what the order freezes. Its merchant has a part in
	// the basket, and enough is left beside what the buyer wants.
	Offer    cart.Offer
	Quantity ref.Quantity
	// Adjustment takes off all that the pieces cost.
	Adjustment order.Adjustment
}

// GiftChoice is a promotion that gives some of several gifts, and which the
// buyer would rather have is for Choice.Gifts to say.
type GiftChoice struct {
	Promotion ref.PromotionID
	// Most is how many of the options are given.
	Most int
	// Options are the gifts that can be had, more than Most, in the order in
	// which they are given to who does not choose.
	Options []GiftOption
}

// GiftOption is a gift that the buyer may choose.
type GiftOption struct {
	Offer    cart.Offer
	Quantity ref.Quantity
	// Given says that it is one of those that this basket gets.
	Given bool
}

// Empty reports whether promotions gave nothing.
func (a *Adjusted) Empty() bool {
	if len(a.Gifts) > 0 || len(a.Result.Rewards) > 0 {
		return false
	}
	for _, p := range a.Parts {
		if len(p.Delivery) > 0 {
			return false
		}
		for _, l := range p.Lines {
			if len(l) > 0 {
				return false
			}
		}
	}
	return true
}

// RedeemInput is a group that is being placed, and what promotions gave on it.
type RedeemInput struct {
	Group    ref.GroupID
	Basket   Basket
	Adjusted Adjusted
	At       time.Time
}

// ReleaseInput is a group of which no order will be fulfilled.
type ReleaseInput struct {
	Group ref.GroupID
	// Paid says that it had been paid and the money goes back: then a coupon
	// comes back as its terms have it. Where nothing was ever paid, everything
	// does.
	Paid bool
	// Refused says that some of it had been shipped, to be paid on delivery, and
	// the buyer did not take it: coupons come back as for what was paid.
	Refused bool
	At      time.Time
}

// ClawBackInput is a partial refund.
type ClawBackInput struct {
	// Group is the whole group as it is before this refund. Its lines stand in
	// the order of the basket, the gifts of an order after the others.
	Group order.Group
	// Kept is how many pieces of each line the buyer keeps after this refund;
	// lines of canceled orders, and of those that are about to be, are not
	// kept.
	Kept map[order.LineID]ref.Quantity
	// Withdrawn is how many pieces of each line a merchant or the shop took out
	// of the group, by canceling their order or as [RefundInput] has it. The
	// buyer does not keep them and is not to blame: what is kept earns as much
	// as if they were there.
	Withdrawn map[order.LineID]ref.Quantity
	// Before is what was clawed back of each promotion earlier, and not given
	// back, see [order.SumClawBacks]. What was of a canceled order went back
	// with it.
	Before []order.ClawBack
	// Refund is what the returned pieces are worth.
	Refund money.Money
	At     time.Time
}

// NoPromotions gives nothing.
type NoPromotions struct{}

var _ Promotions = NoPromotions{}

// Apply implements [Promotions].
func (NoPromotions) Apply(_ context.Context, b Basket) (Adjusted, error) {
	out := Adjusted{Parts: make([]AdjustedPart, len(b.Parts))}
	for i, p := range b.Parts {
		out.Parts[i].Lines = make([][]order.Adjustment, len(p.Lines))
	}
	return out, nil
}

// Redeem implements [Promotions].
func (NoPromotions) Redeem(context.Context, RedeemInput) error { return nil }

// Release implements [Promotions].
func (NoPromotions) Release(context.Context, ReleaseInput) error { return nil }

// PaidBy implements [Promotions].
func (NoPromotions) PaidBy(context.Context, ref.GroupID, string) error { return nil }

// ClawBack implements [Promotions].
func (NoPromotions) ClawBack(context.Context, ClawBackInput) ([]order.ClawBack, error) {
	return nil, nil
}
