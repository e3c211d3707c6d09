package redemption

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// Campaigns tells what is live; campaign.Service implements it.
type Campaigns interface {
	Live(ctx context.Context) (*campaign.Live, error)
}

// Coupon is a coupon that its member can use.
type Coupon struct {
	ID        ref.CouponID
	Promotion ref.PromotionID
	Expires   time.Time // zero: never
}

// Coupons is what a checkout asks of the buyers' coupons.
type Coupons interface {
	// Wallet returns the coupons that a member can use, those that expire
	// first at the front, and no more than a checkout looks at. One statement.
	Wallet(ctx context.Context, member ref.MemberID, at time.Time) ([]Coupon, error)
	// Named returns those of the coupons that the member can use. One
	// statement. It is asked for those that the buyer insists on and that lie
	// behind what Wallet returned.
	Named(ctx context.Context, member ref.MemberID, ids []ref.CouponID, at time.Time) ([]Coupon, error)
	// Hold ties coupons of a member to a group, all of them or none, inside
	// the unit that places it. One statement. Kinds: Exhausted or
	// FailedPrecondition where one cannot be used.
	Hold(ctx context.Context, group ref.GroupID, member ref.MemberID, ids []ref.CouponID, at time.Time) error
	// Release gives a group's coupons back, inside the unit that ends it; of
	// one that had come as far as being paid, or to the buyer's door, as the
	// terms of each coupon have it.
	Release(ctx context.Context, group ref.GroupID, paid bool, at time.Time) error
}

// Buyers tells what promotions may ask about a buyer. It is asked only where a
// live promotion does.
type Buyers interface {
	// Buyer returns what is known of a buyer.
	Buyer(ctx context.Context, q BuyerQuery) (promo.Buyer, error)
}

// BuyerQuery names a buyer.
type BuyerQuery struct {
	Member ref.MemberID // empty for a guest
	// Except is a group that counts as not placed yet.
	Except ref.GroupID
}

// Config is what [Promotions] are made of.
type Config struct {
	// Campaigns tells what is live. Required.
	Campaigns Campaigns
	// Versions keeps the versions of promotions, for refunds. Required.
	Versions campaign.Store
	// Usage counts the uses, in the backend of the checkout. Required.
	Usage campaign.UsageStore
	// Offers tells what gifts are and how many there are: that of the
	// checkout. Required.
	Offers cart.Offers
	// Engine decides. Required.
	Engine *promo.Engine
	// Coupons holds the buyers' coupons. Defaults to none.
	Coupons Coupons
	// Buyers tells what is known of a buyer. Defaults to the id alone: then a
	// promotion that asks for segments, tags or earlier orders is not offered.
	Buyers Buyers
	// MaxCandidates bounds the promotions that are looked at for one basket,
	// the ones of highest priority. Defaults to 2,000, the engine's default,
	// which it must not exceed.
	MaxCandidates int
	// Location is where conditions on the time of day are measured. Defaults
	// to UTC.
	Location *time.Location
	// Log gets ids and codes. Defaults to silence.
	Log *slog.Logger
}

// Promotions implements [checkout.Promotions].
type Promotions struct {
	cfg  Config
	last atomic.Pointer[shelf]
}

var _ checkout.Promotions = (*Promotions)(nil)

// New returns promotions, or an error that names every missing field.
func New(cfg Config) (*Promotions, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("redemption.Config."+field+" is required"))
		}
	}
	need(cfg.Campaigns != nil, "Campaigns")
	need(cfg.Versions != nil, "Versions")
	need(cfg.Usage != nil, "Usage")
	need(cfg.Offers != nil, "Offers")
	need(cfg.Engine != nil, "Engine")
	if cfg.MaxCandidates < 0 {
		missing = append(missing, errors.New("redemption.Config.MaxCandidates must not be negative"))
	}
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if cfg.MaxCandidates == 0 {
		cfg.MaxCandidates = 2_000
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Promotions{cfg: cfg}, nil
}
