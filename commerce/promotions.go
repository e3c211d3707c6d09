package commerce

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/promo/redemption"
)

// regulars tells promotions how often a member has ordered before.
type regulars struct{ orders order.Store }

var _ redemption.Buyers = regulars{}

// Buyer implements [redemption.Buyers]: it counts the groups that were not
// canceled.
func (r regulars) Buyer(ctx context.Context, q redemption.BuyerQuery) (promo.Buyer, error) {
	if q.Member == "" {
		return promo.Buyer{}, nil
	}
	n, err := r.count(ctx, &q)
	if err != nil {
		return promo.Buyer{}, err
	}
	return promo.Buyer{ID: q.Member, Orders: n}, nil
}

// count asks a store that can count, and reads page by page where it cannot.
func (r regulars) count(ctx context.Context, q *redemption.BuyerQuery) (int64, error) {
	if c, ok := uow.As[order.Counter](r.orders); ok {
		return c.CountGroups(ctx, q.Member, q.Except)
	}
	groups := map[ref.GroupID]bool{}
	for p := (page.Request{Limit: page.MaxLimit}); ; {
		found, err := r.orders.List(ctx, order.Query{Member: q.Member}, p)
		if err != nil {
			return 0, err
		}
		for i := range found.Items {
			if o := &found.Items[i]; o.State != order.StateCanceled && o.Group != q.Except {
				groups[o.Group] = true
			}
		}
		if p.After = found.Next; p.After == "" {
			return int64(len(groups)), nil
		}
	}
}

// followOrders is the consumer by which uses and coupons follow from orders and
// members: one, so that an order is read once for both.
func (b *builder) followOrders() func(context.Context, event.Record) error {
	coupons := b.m.Coupons
	uses, ours := b.m.cfg.Checkout.Promotions.(*redemption.Promotions)
	if !ours { // the host counts by itself
		return coupons.React
	}
	return func(ctx context.Context, r event.Record) error {
		if err := uses.React(ctx, r); err != nil {
			return err
		}
		return coupons.React(ctx, r)
	}
}

// wallets hands the buyers' coupons to the checkout.
type wallets struct{ coupons *coupon.Service }

var _ redemption.Coupons = wallets{}

// Wallet implements [redemption.Coupons].
func (w wallets) Wallet(ctx context.Context, member ref.MemberID, at time.Time) ([]redemption.Coupon, error) {
	return usable(w.coupons.Wallet(ctx, member, at))
}

// Named implements [redemption.Coupons].
func (w wallets) Named(ctx context.Context, member ref.MemberID, ids []ref.CouponID, at time.Time) ([]redemption.Coupon, error) {
	return usable(w.coupons.Named(ctx, member, ids, at))
}

func usable(found []coupon.Coupon, err error) ([]redemption.Coupon, error) {
	if err != nil {
		return nil, err
	}
	out := make([]redemption.Coupon, len(found))
	for i := range found {
		out[i] = redemption.Coupon{ID: found[i].ID, Promotion: found[i].Promotion, Expires: found[i].ExpiresAt}
	}
	return out, nil
}

// Hold implements [redemption.Coupons].
func (w wallets) Hold(ctx context.Context, group ref.GroupID, member ref.MemberID, ids []ref.CouponID, at time.Time) error {
	return w.coupons.Hold(ctx, coupon.Holding{Group: group, Member: member, IDs: ids, At: at})
}

// Release implements [redemption.Coupons].
func (w wallets) Release(ctx context.Context, group ref.GroupID, paid bool, at time.Time) error {
	outcome := coupon.Unpaid
	if paid {
		outcome = coupon.Canceled
	}
	_, err := w.coupons.Settle(ctx, group, outcome, at)
	return err
}

// promised tells coupons what the promotions of an order promised.
type promised struct {
	uses      campaign.UsageStore
	campaigns campaign.Store
}

var _ coupon.Rewards = promised{}

// Coupons implements [coupon.Rewards].
func (p promised) Coupons(ctx context.Context, group ref.GroupID) ([]coupon.Reward, error) {
	uses, err := p.uses.ByGroup(ctx, group)
	if err != nil {
		return nil, err
	}
	var out []coupon.Reward
	var keys []campaign.VersionKey
	for _, u := range uses {
		for _, r := range u.Rewards {
			if u.State == campaign.Held && r.Kind == promo.RewardCoupon {
				out = append(out, coupon.Reward{Promotion: u.Promotion, Template: coupon.TemplateID(r.Of), Count: r.Count})
				keys = append(keys, campaign.VersionKey{Promotion: u.Promotion, Version: u.Version})
			}
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	made, err := p.campaigns.Versions(ctx, slices.Compact(keys))
	if err != nil {
		return nil, err
	}
	for i := range out {
		for _, m := range made {
			if m.ID == out[i].Promotion {
				out[i].Merchant = m.Merchant
			}
		}
	}
	return out, nil
}
