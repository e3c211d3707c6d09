package redemption

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

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
	m, err := b.match(&in)
	if err != nil {
		return nil, err
	}
	before := make([]promo.ClawBack, len(in.Before))
	for i := range in.Before {
		if before[i], err = earlier(&in.Before[i]); err != nil {
			return nil, err
		}
	}
	owed, err := p.cfg.Engine.ClawBack(promo.ClawBackInput{
		Cart: b.Cart, Applied: applied, Groups: b.Groups, At: b.at, Sold: b.Sold,
		Kept: m.kept, KeptGifts: m.gifts, Withdrawn: m.withdrawn, TaxPPM: m.tax, GiftTaxPPM: m.giftTax,
		Before: before, Refund: in.Refund,
	})
	if err != nil {
		return nil, err
	}
	out := make([]order.ClawBack, len(owed))
	for i, o := range owed {
		out[i] = order.ClawBack{Promotion: o.Promotion, Version: o.Version, Amount: o.Amount, Gift: o.Gift}
		for _, by := range o.Bearers {
			out[i].Bearers = append(out[i].Bearers, order.Bearer{Party: party(by.Party, by.Merchant), Amount: by.Amount})
		}
	}
	return out, nil
}

// earlier converts what orders know to have been clawed back.
func earlier(c *order.ClawBack) (promo.ClawBack, error) {
	out := promo.ClawBack{Promotion: c.Promotion, Version: c.Version, Amount: c.Amount, Gift: c.Gift}
	for _, b := range c.Bearers {
		kind, merchant, _ := strings.Cut(b.Party, ":")
		by := promo.ClawBackBearer{Merchant: ref.MerchantID(merchant), Amount: b.Amount}
		switch kind {
		case "platform":
			by.Party = promo.PartySite
		case "tax":
			by.Party = promo.PartyTax
		case "merchant":
			by.Party = promo.PartyMerchant
		case "supplier":
			by.Party = promo.PartySupplier
		default:
			return out, fault.New(fault.Internal, "promo.basis", "nobody knows who bears a part").With("party", b.Party)
		}
		out.Bearers = append(out.Bearers, by)
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

// matched is what a refund says of a cart's lines and gifts.
type matched struct {
	kept, withdrawn map[ref.LineID]ref.Quantity
	gifts           []ref.Quantity // kept
	tax             map[ref.LineID]int64
	giftTax         []int64
}

// match finds the cart's lines and gifts in the group.
func (b *basis) match(in *checkout.ClawBackInput) (matched, error) {
	m := matched{
		kept: map[ref.LineID]ref.Quantity{}, withdrawn: map[ref.LineID]ref.Quantity{}, tax: map[ref.LineID]int64{},
		gifts: make([]ref.Quantity, len(b.Sold.Gifts)), giftTax: make([]int64, len(b.Sold.Gifts)),
	}
	n := 0
	for i := range in.Group.Orders {
		for j := range in.Group.Orders[i].Lines {
			l := &in.Group.Orders[i].Lines[j]
			onTop := l.RatePPM
			if l.Inclusive {
				onTop = 0
			}
			if l.Gift != "" {
				at := slices.IndexFunc(b.Sold.Gifts, func(g promo.SoldGift) bool { return g.Promotion == l.Gift && g.SKU == l.SKU })
				if at >= 0 {
					m.gifts[at] += in.Kept[l.ID]
					m.giftTax[at] = onTop
				}
				continue
			}
			if n < len(b.Order) {
				id := b.Order[n]
				m.kept[id], m.withdrawn[id], m.tax[id] = in.Kept[l.ID], in.Withdrawn[l.ID], onTop
			}
			n++
		}
	}
	if n != len(b.Order) {
		return m, fault.New(fault.Internal, "promo.basis", "the orders are not those that the promotions were given on")
	}
	return m, nil
}
