package checkout_test

import (
	"context"
	"sync"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
)

// uses is the SKU whose pieces are the uses of the deal: so they are counted
// in the units of whatever backend the shop runs on.
const uses ref.SKUID = "uses-of-the-deal"

// deals are scripted promotions: one that takes an amount off each line and
// the delivery as long as uses are left, a gift, and a reward.
type deals struct {
	shelf *shelf
	stock *inventory.Service

	mu       sync.Mutex
	off      map[ref.SKUID]int64 // of the line
	delivery int64               // off each delivery
	gift     ref.SKUID
	points   int64
	limited  bool // by the pieces of uses
	claws    func(in checkout.ClawBackInput) []order.ClawBack

	baskets  []checkout.Basket
	redeemed []checkout.RedeemInput
	released []checkout.ReleaseInput
}

var _ checkout.Promotions = (*deals)(nil)

// bearers are the site and the merchant, who pays for a third.
func bearers(m ref.MerchantID, minor int64) []order.Bearer {
	return []order.Bearer{
		{Party: "platform", Amount: money.New(minor-minor/3, "USD")},
		{Party: "merchant:" + string(m), Amount: money.New(minor/3, "USD")},
	}
}

func share(m ref.MerchantID, minor int64) order.Adjustment {
	return order.Adjustment{
		Promotion: "deal", Version: 1, Label: "The deal", Amount: money.New(minor, "USD"), Bearers: bearers(m, minor),
	}
}

func (d *deals) Apply(ctx context.Context, b checkout.Basket) (checkout.Adjusted, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.baskets = append(d.baskets, b)
	out, err := checkout.NoPromotions{}.Apply(ctx, b)
	if err != nil {
		return out, err
	}
	if d.limited {
		left, err := d.stock.Available(ctx, []ref.SKUID{uses})
		if err != nil {
			return out, err
		}
		if left[uses] == 0 {
			out.Result.Decisions = []promo.Decision{{Promotion: "deal", Code: promo.CodeLimitGlobal}}
			return out, nil
		}
	}
	for i, p := range b.Parts {
		for j, l := range p.Lines {
			if off := d.off[l.SKU]; off > 0 {
				out.Parts[i].Lines[j] = []order.Adjustment{share(p.Merchant, off)}
			}
		}
		if d.delivery > 0 {
			out.Parts[i].Delivery = []order.Adjustment{share(p.Merchant, d.delivery)}
		}
	}
	if d.points > 0 {
		out.Result.Rewards = []promo.RewardGrant{{Promotion: "deal", Version: 1, Kind: promo.RewardPoints, Count: d.points}}
	}
	if d.gift != "" {
		offers, err := d.shelf.Offers(ctx, cart.OfferQuery{Channel: b.Channel}, []ref.SKUID{d.gift})
		if err != nil {
			return out, err
		}
		if o := offers[d.gift]; o.Available > 0 {
			out.Gifts = []checkout.GiftLine{{Offer: o, Quantity: 1, Adjustment: share(o.Merchant, o.UnitPrice.Minor())}}
		}
	}
	out.Result.Decisions = []promo.Decision{{Promotion: "deal", Code: promo.CodeApplied}}
	return out, nil
}

func (d *deals) Redeem(ctx context.Context, in checkout.RedeemInput) error {
	d.mu.Lock()
	d.redeemed = append(d.redeemed, in)
	limited := d.limited
	d.mu.Unlock()
	if !limited {
		return nil
	}
	return d.stock.Reserve(ctx, inventory.ReserveInput{Demands: []inventory.Demand{
		{Owner: "use/" + string(in.Group), SKU: uses, Quantity: 1},
	}})
}

func (d *deals) Release(ctx context.Context, in checkout.ReleaseInput) error {
	d.mu.Lock()
	d.released = append(d.released, in)
	d.mu.Unlock()
	_, err := d.stock.Release(ctx, "use/"+string(in.Group))
	return err
}

func (d *deals) PaidBy(context.Context, ref.GroupID, string) error { return nil }

func (d *deals) ClawBack(_ context.Context, in checkout.ClawBackInput) ([]order.ClawBack, error) {
	d.mu.Lock()
	claws := d.claws
	d.mu.Unlock()
	if claws == nil {
		return nil, nil
	}
	return claws(in), nil
}

// limit offers a deal on tea and silk that can be used n times.
func (s *shop) limit(n ref.Quantity) {
	s.Helper()
	s.deals.off = map[ref.SKUID]int64{"tea": 100, "silk": 1000}
	s.deals.limited = true
	s.receive(map[ref.SKUID]ref.Quantity{uses: n})
}

// used returns how many uses are counted.
func (s *shop) used() ref.Quantity {
	s.Helper()
	return s.level(uses).Reserved
}

// calls returns how often the deal was redeemed and released.
func (d *deals) calls() (redeemed, released int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.redeemed), len(d.released)
}
