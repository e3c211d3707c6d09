package redemption

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// ClawBack implements [checkout.Promotions].
func (p *Promotions) ClawBack(ctx context.Context, in checkout.ClawBackInput) ([]order.ClawBack, error) {
	b, err := p.based(ctx, in.Group.ID)
	if b == nil || err != nil {
		return nil, err
	}
	applied, err := p.applied(ctx, b.Applied)
	if err != nil {
		return nil, err
	}
	kept, gifts, err := b.match(&in)
	if err != nil {
		return nil, err
	}
	owed, err := p.cfg.Engine.ClawBack(promo.ClawBackInput{
		Cart: b.Cart, Applied: applied, Groups: b.Groups, At: b.at, Sold: b.Sold,
		Kept: kept, Before: in.Before, Refund: in.Refund,
	})
	if err != nil {
		return nil, err
	}
	var out []order.ClawBack
	for _, o := range owed {
		entry, err := b.entry(&o, gifts[o.Promotion])
		if err != nil {
			return nil, err
		}
		if entry.Amount.Sign() > 0 {
			out = append(out, entry)
		}
	}
	return out, nil
}

// based returns what is kept of a group, nil where nothing is.
func (p *Promotions) based(ctx context.Context, group ref.GroupID) (*basis, error) {
	uses, err := p.cfg.Usage.ByGroup(ctx, group)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(uses, func(r campaign.Redemption) bool { return len(r.Basis) > 0 })
	if i < 0 {
		return nil, nil
	}
	b := &basis{at: uses[i].At.In(p.cfg.Location)}
	if err := json.Unmarshal(uses[i].Basis, b); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "promo.basis", "what was given cannot be read")
	}
	return b, nil
}

// applied returns the candidates that applied, in their versions.
func (p *Promotions) applied(ctx context.Context, entries []appliedEntry) ([]promo.Candidate, error) {
	keys := make([]campaign.VersionKey, len(entries))
	for i, e := range entries {
		keys[i] = campaign.VersionKey{Promotion: e.Promotion, Version: e.Version}
	}
	bodies, err := p.cfg.Versions.Versions(ctx, keys)
	if err != nil {
		return nil, err
	}
	if len(bodies) != len(keys) {
		return nil, fault.New(fault.Internal, "promo.versions", "a version of a promotion is gone")
	}
	out := make([]promo.Candidate, len(bodies))
	for i, body := range bodies {
		out[i] = promo.Candidate{Promotion: body}
		if entries[i].Coupon != "" {
			out[i].Coupon = &promo.Coupon{ID: entries[i].Coupon}
		}
	}
	return out, nil
}

// share is how many pieces of a promotion's gifts the buyer keeps.
type share struct{ kept, given ref.Quantity }

// match returns what is kept of the cart's lines, and of gifts by promotion.
func (b *basis) match(in *checkout.ClawBackInput) (map[ref.LineID]ref.Quantity, map[ref.PromotionID]share, error) {
	kept, gifts, n := map[ref.LineID]ref.Quantity{}, map[ref.PromotionID]share{}, 0
	for i := range in.Group.Orders {
		for j := range in.Group.Orders[i].Lines {
			l := &in.Group.Orders[i].Lines[j]
			if l.Gift != "" {
				s := gifts[l.Gift]
				s.given, s.kept = s.given+l.Quantity, s.kept+in.Kept[l.ID]
				gifts[l.Gift] = s
				continue
			}
			if n < len(b.Order) {
				kept[b.Order[n]] = in.Kept[l.ID]
			}
			n++
		}
	}
	if n != len(b.Order) {
		return nil, nil, fault.New(fault.Internal, "promo.basis", "the orders are not those that the promotions were given on")
	}
	return kept, gifts, nil
}

// entry converts what is owed. Of gifts it is owed for the pieces that do not
// come back.
func (b *basis) entry(o *promo.ClawBack, gift share) (order.ClawBack, error) {
	out := order.ClawBack{Promotion: o.Promotion, Version: o.Version, Amount: o.Amount, Gift: o.Gift}
	owed := o.Bearers
	if o.Gift && gift.given > 0 && gift.kept < gift.given {
		parts, err := o.Amount.Allocate([]int64{int64(gift.kept), int64(gift.given - gift.kept)})
		if err != nil {
			return out, err
		}
		out.Amount = parts[0]
		if owed, err = split(out.Amount, o.Bearers); err != nil {
			return out, err
		}
	}
	for _, by := range owed {
		if by.Amount.IsZero() {
			continue
		}
		parts, err := b.spread(o.Promotion, by)
		if err != nil {
			return out, err
		}
		out.Bearers = append(out.Bearers, parts...)
	}
	return out, nil
}

// spread divides what a party gets back among the merchants who bore that
// party's share of a promotion, as they bore it; the site is one.
func (b *basis) spread(id ref.PromotionID, by promo.Bearer) ([]order.Bearer, error) {
	if by.Party == promo.PartySite {
		return []order.Bearer{{Party: party(by.Party, ""), Amount: by.Amount}}, nil
	}
	bore := map[ref.MerchantID]int64{}
	note := func(p ref.PromotionID, merchant ref.MerchantID, all []promo.Bearer) {
		for _, x := range all {
			if p == id && x.Party == by.Party {
				bore[merchant] += x.Amount.Minor()
			}
		}
	}
	for _, l := range b.Sold.Lines {
		for _, al := range l.Allocations {
			note(al.Promotion, al.Merchant, al.Bearers)
		}
	}
	for _, g := range b.Sold.Gifts {
		note(g.Promotion, b.Givers[g.SKU], g.Bearers)
	}
	merchants := slices.Sorted(maps.Keys(bore))
	weights := make([]int64, len(merchants))
	for i, m := range merchants {
		weights[i] = bore[m]
	}
	parts, err := by.Amount.Allocate(weights)
	if err != nil {
		return nil, err
	}
	var out []order.Bearer
	for i, m := range merchants {
		if !parts[i].IsZero() {
			out = append(out, order.Bearer{Party: party(by.Party, m), Amount: parts[i]})
		}
	}
	return out, nil
}
