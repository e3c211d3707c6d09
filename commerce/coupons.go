package commerce

import (
	"context"
	"errors"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

// standings tells coupons how order groups stand.
type standings struct{ orders order.Store }

var _ coupon.Orders = standings{}

// Standing implements [coupon.Orders].
func (s standings) Standing(ctx context.Context, id ref.GroupID) (coupon.Standing, error) {
	g, err := s.orders.Get(ctx, id)
	if err != nil {
		return coupon.Standing{}, err
	}
	none := coupon.Goods{Payable: money.Zero(g.Currency()), Back: money.Zero(g.Currency())}
	out := coupon.Standing{Member: g.Member, Promoted: g.Promoted, Over: true, Goods: none, Of: map[ref.MerchantID]coupon.Goods{}}
	unpaid := false
	for i := range g.Orders {
		o := &g.Orders[i]
		of := none
		if err := errors.Join(goods(o, &out.Goods), goods(o, &of)); err != nil {
			return coupon.Standing{}, err
		}
		out.Of[o.Merchant] = of // one order per merchant
		if o.State == order.StateCanceled || o.Payment == order.PaymentRefunded {
			continue
		}
		out.Over = false
		unpaid = unpaid || o.Payment == order.PaymentUnpaid
	}
	out.Paid = !out.Over && !unpaid
	return out, nil
}

// goods adds what the goods of an order are worth, and those of them that came
// back or never went out. What the delivery costs, and what was given back
// beside the goods, a goodwill say, changes nothing about what they earn.
func goods(o *order.Order, to *coupon.Goods) error {
	for i := range o.Lines {
		l := &o.Lines[i]
		var err error
		if to.Payable, err = to.Payable.Add(l.Gross); err != nil {
			return err
		}
		n := l.Returned
		if o.State == order.StateCanceled {
			n = l.Quantity
		}
		if n == 0 {
			continue
		}
		worth, err := checkout.WorthOf(l, 0, n)
		if err != nil {
			return err
		}
		if to.Back, err = to.Back.Add(worth.Gross); err != nil {
			return err
		}
	}
	return nil
}

// couponOwners tells coupons about the campaigns that want one.
type couponOwners struct{ campaigns campaign.Store }

var _ coupon.Promotions = couponOwners{}

// CouponOwner implements [coupon.Promotions].
func (o couponOwners) CouponOwner(ctx context.Context, id ref.PromotionID) (ref.MerchantID, error) {
	c, err := o.campaigns.Get(ctx, id)
	if err == nil && c.Promotion.Redeem != promo.RedeemCoupon {
		err = fault.New(fault.FailedPrecondition, "coupon.not_wanted", "the promotion wants no coupon").With("promotion", string(id))
	}
	return c.Merchant, err
}

// purgeAttempts forgets attempts whose time is over. The limiter of sign-ins
// and that of codes count in one place, so that one of them does it for both.
func (m *Marketplace) purgeAttempts(ctx context.Context, n int) (int, error) {
	if t, ok := m.cfg.Members.Limiter.(*member.Throttle); ok {
		return t.Purge(ctx, n)
	}
	if t, ok := m.cfg.Coupons.Limiter.(codeThrottle); ok {
		return t.Purge(ctx, n)
	}
	return 0, nil // a host's own limiters keep their own counts
}
