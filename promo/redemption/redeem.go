package redemption

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// use is what one promotion gave a group.
type use struct {
	promotion *promo.Promotion
	coupon    ref.CouponID
	amount    money.Money
	gifts     []promo.GiftGrant
	rewards   []promo.RewardGrant
}

// Redeem implements [checkout.Promotions]. A use is stored where something
// will ask for it: a limit, the coupons it earns, a gift, a refund that claws
// back, another way to pay.
func (p *Promotions) Redeem(ctx context.Context, in checkout.RedeemInput) error {
	s, err := p.shelf(ctx)
	if err != nil {
		return err
	}
	uses, err := usesOf(s, &in)
	if err != nil {
		return err
	}
	rs, err := p.redemptions(ctx, s, &in, uses)
	if err != nil {
		return err
	}
	if len(rs) > 0 {
		if err := p.cfg.Usage.Redeem(ctx, rs); err != nil {
			return err
		}
	}
	return p.hold(ctx, &in, uses)
}

// usesOf sums up what each promotion gave, by promotion. FailedPrecondition,
// code "promo.changed", where one is no longer live as it was.
func usesOf(s *shelf, in *checkout.RedeemInput) ([]*use, error) {
	var all []*use
	of := func(id ref.PromotionID, version int64, by ref.CouponID) (*use, error) {
		if i := slices.IndexFunc(all, func(u *use) bool { return u.promotion.ID == id }); i >= 0 {
			return all[i], nil
		}
		q, ok := s.has(id, version)
		if !ok {
			return nil, fault.New(fault.FailedPrecondition, "promo.changed", "a promotion has changed").With("promotion", string(id))
		}
		u := &use{promotion: q, coupon: by, amount: money.Zero(in.Basket.Currency)}
		all = append(all, u)
		return u, nil
	}
	r := &in.Adjusted.Result
	for i := range r.Allocations {
		u, err := of(r.Allocations[i].Promotion, r.Allocations[i].Version, r.Allocations[i].Coupon)
		if err != nil {
			return nil, err
		}
		if u.amount, err = u.amount.Add(r.Allocations[i].Amount); err != nil {
			return nil, err
		}
	}
	for _, g := range r.Gifts {
		u, err := of(g.Promotion, g.Version, g.Coupon)
		if err != nil {
			return nil, err
		}
		u.gifts = append(u.gifts, g)
	}
	for _, g := range r.Rewards {
		u, err := of(g.Promotion, g.Version, g.Coupon)
		if err != nil {
			return nil, err
		}
		u.rewards = append(u.rewards, g)
	}
	slices.SortFunc(all, func(x, y *use) int { return strings.Compare(string(x.promotion.ID), string(y.promotion.ID)) })
	return all, nil
}

func (p *Promotions) redemptions(ctx context.Context, s *shelf, in *checkout.RedeemInput, uses []*use) ([]campaign.Redemption, error) {
	var rs []campaign.Redemption
	based := false
	for _, u := range uses {
		asked := u.promotion.OnPartialRefund != promo.RefundKeep || u.promotion.AsksPayment()
		if !campaign.Limited(u.promotion) && len(u.gifts)+len(u.rewards) == 0 && !asked {
			continue
		}
		r := campaign.Redemption{
			Group: in.Group, Promotion: u.promotion.ID, Version: u.promotion.Version, Coupon: u.coupon,
			Buyer: buyerKey(&in.Basket), Amount: u.amount, Limits: u.promotion.Limits,
			Gifts: u.gifts, Rewards: u.rewards, State: campaign.Held, At: in.At,
		}
		if asked && !based { // once for the group
			var err error
			if r.Basis, err = p.basis(ctx, s, in, uses); err != nil {
				return nil, err
			}
			based = true
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func (p *Promotions) hold(ctx context.Context, in *checkout.RedeemInput, uses []*use) error {
	var ids []ref.CouponID
	for _, u := range uses {
		if u.coupon != "" {
			ids = append(ids, u.coupon)
		}
	}
	if len(ids) == 0 || p.cfg.Coupons == nil {
		return nil
	}
	return p.cfg.Coupons.Hold(ctx, in.Group, in.Basket.Member, ids, in.At)
}

// Release implements [checkout.Promotions]: uses count no more, and coupons
// come back as their terms have it.
func (p *Promotions) Release(ctx context.Context, in checkout.ReleaseInput) error {
	if _, err := p.cfg.Usage.Release(ctx, in.Group, in.At); err != nil || p.cfg.Coupons == nil {
		return err
	}
	return p.cfg.Coupons.Release(ctx, in.Group, in.Paid || in.Refused, in.At)
}

// basis is what a refund or another way to pay has to know of a group: what the
// engine was given, and what came of it.
type basis struct {
	Cart    promo.Cart     `json:"cart"`
	Groups  []promo.Group  `json:"groups,omitempty"`
	Sold    promo.Sold     `json:"sold"`
	Applied []appliedEntry `json:"applied"`
	// Order holds the ids of the cart's lines as the basket had them, which is
	// the order of the lines of the group, without gifts.
	Order []ref.LineID `json:"order"`

	at time.Time // of the redemption, where the shop is
}

type appliedEntry struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	Coupon    ref.CouponID    `json:"coupon,omitempty"`
}

// basis lays the basket out as Apply did.
func (p *Promotions) basis(ctx context.Context, s *shelf, in *checkout.RedeemInput, uses []*use) ([]byte, error) {
	l := layOut(&in.Basket)
	applied := make([]promo.Candidate, len(uses))
	for i, u := range uses {
		applied[i].Promotion = *u.promotion
	}
	if _, err := p.ask(ctx, s, &l, in.Group, applied); err != nil {
		return nil, err
	}
	out := basis{Cart: l.cart, Groups: s.live.Groups, Sold: promo.NewSold(l.cart, in.Adjusted.Result), Order: l.order}
	for i := range out.Sold.Gifts {
		sold := &out.Sold.Gifts[i]
		for _, g := range in.Adjusted.Gifts {
			if g.Adjustment.Promotion == sold.Promotion && g.Offer.SKU == sold.SKU {
				sold.Merchant = g.Offer.Merchant
			}
		}
	}
	for _, u := range uses {
		out.Applied = append(out.Applied, appliedEntry{u.promotion.ID, u.promotion.Version, u.coupon})
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "promo.basis", "what a refund has to know cannot be kept")
	}
	return body, nil
}
