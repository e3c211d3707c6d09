package coupon

import (
	"context"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Limiter bounds how often codes are guessed. A shop has one for the codes of
// coupons and of promotions, so that a guess at either counts for both.
type Limiter interface {
	// Attempt counts one attempt of a buyer, a member or a guest, and of where
	// it comes from, where that is known. It is called before a code is looked
	// up and outside any unit of work, so that one that fails counts.
	// RateLimited, with the parameter "retry_after" in seconds.
	Attempt(ctx context.Context, buyer ref.Scope, origin string) error
	// Succeeded forgets the attempts of a buyer.
	Succeeded(ctx context.Context, buyer ref.Scope) error
}

// Promotions tells about promotions.
type Promotions interface {
	// CouponOwner returns to whom a promotion belongs that wants a coupon:
	// a merchant, or "" for the site. Kinds: NotFound; FailedPrecondition
	// where the promotion wants no coupon.
	CouponOwner(ctx context.Context, id ref.PromotionID) (ref.MerchantID, error)
}

// Orders tells about order groups.
type Orders interface {
	// Standing returns how a group stands. NotFound.
	Standing(ctx context.Context, group ref.GroupID) (Standing, error)
}

// Standing is how an order group stands.
type Standing struct {
	Member ref.MemberID // empty for a guest's
	// Promoted: promotions gave something on it; of another nothing follows.
	Promoted bool
	// Paid: every order that is still to be fulfilled was paid, and one was.
	Paid bool
	// Over: every order is canceled or was refunded in full.
	Over bool
	// Goods are those of all merchants, and Of those of each of them.
	Goods
	Of map[ref.MerchantID]Goods
}

// Goods is what goods of an order group come to.
type Goods struct {
	// Payable is what they were sold for, without their delivery, and Back
	// what those of them were that came back or were canceled. Zero where
	// nothing was.
	Payable money.Money
	Back    money.Money
}

// earning returns the goods that earn a reward.
func (s *Standing) earning(r Reward) Goods {
	if of, ok := s.Of[r.Merchant]; ok {
		return of
	}
	return s.Goods
}

// Rewards remembers what the promotions of a placed order promised.
type Rewards interface {
	// Coupons returns the coupons that a group earns when all of it is paid,
	// nothing where none; a promotion and template at most once.
	Coupons(ctx context.Context, group ref.GroupID) ([]Reward, error)
}

// Reward is a number of coupons that an order earns.
type Reward struct {
	Promotion ref.PromotionID // that promised it
	Merchant  ref.MerchantID  // whose promotion that is and whose goods earn it; empty for the site's
	Template  TemplateID
	Count     int64
}
