package redemption

import (
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// PaidBy implements [checkout.Promotions]. What was given is played again on
// the same basket, paid by the gateway; where no condition asks how it is paid,
// nothing but the uses of the group is read.
func (p *Promotions) PaidBy(ctx context.Context, group ref.GroupID, gateway string) error {
	b, err := p.based(ctx, group)
	if b == nil || err != nil || b.Cart.Payment == gateway {
		return err
	}
	applied, err := p.applied(ctx, b.Applied)
	if err != nil || !slices.ContainsFunc(applied, func(c promo.Candidate) bool { return c.Promotion.AsksPayment() }) {
		return err
	}
	cart := b.Cart
	cart.Payment = gateway
	lost, err := p.cfg.Engine.Lost(promo.Input{Cart: cart, Candidates: applied, Groups: b.Groups, Now: b.at}, b.Sold)
	if err != nil || len(lost) == 0 {
		return err
	}
	return fault.New(fault.FailedPrecondition, "checkout.offer_lost", "only another way to pay earns what was taken off").
		With("promotion", string(lost[0])).With("gateway", gateway)
}
