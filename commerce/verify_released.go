package commerce

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

// What is held for a group of orders is given back with the last of them. Both
// happen in one unit, and a canceled order stays so: what is still held when it
// is read after the group was is held for good.

// verifyHeldUses walks through the groups that hold uses of promotions.
func (m *Marketplace) verifyHeldUses(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		if m.Campaigns == nil {
			return
		}
		uses := m.cfg.Stores.PromoUses
		l, ok := uow.As[campaign.UsageLister](uses)
		for after := ref.GroupID(""); ok; {
			ids, err := l.Holding(ctx, after, page.MaxLimit)
			if err == nil && len(ids) == 0 {
				return
			}
			var over map[ref.GroupID]end
			if err == nil {
				after = ids[len(ids)-1]
				over, err = m.over(ctx, ids)
			}
			for _, id := range slices.Sorted(maps.Keys(over)) {
				var rs []campaign.Redemption
				if rs, err = uses.ByGroup(ctx, id); err != nil {
					break
				}
				for _, r := range rs {
					if r.State == campaign.Held && !yield(Violation{
						Invariant: "I7", Object: string(id), Detail: fmt.Sprintf("%s, and holds a use of %s", over[id], r.Promotion),
					}, nil) {
						return
					}
				}
			}
			if err != nil {
				yield(Violation{}, err)
				return
			}
		}
	}
}

// verifyTiedCoupons walks through the coupons that groups hold or have used.
func (m *Marketplace) verifyTiedCoupons(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		if m.Coupons == nil {
			return
		}
		l, ok := uow.As[coupon.TieLister](m.cfg.Stores.Coupons)
		for after := (coupon.Tie{}); ok; {
			cs, err := l.Tied(ctx, after, page.MaxLimit)
			if err == nil && len(cs) == 0 {
				return
			}
			var kept []coupon.Coupon
			if err == nil {
				last := cs[len(cs)-1]
				after = coupon.Tie{Group: last.Group, ID: last.ID}
				kept, err = m.kept(ctx, cs)
			}
			if err != nil {
				yield(Violation{}, err)
				return
			}
			for _, c := range kept {
				if !yield(Violation{
					Invariant: "I7", Object: string(c.ID), Detail: fmt.Sprintf("%s by %s, of which no order is left", c.State, c.Group),
				}, nil) {
					return
				}
			}
		}
	}
}

// kept returns those coupons of groups that are over that should be their
// members' again.
func (m *Marketplace) kept(ctx context.Context, cs []coupon.Coupon) ([]coupon.Coupon, error) {
	groups := make([]ref.GroupID, len(cs))
	for i := range cs {
		groups[i] = cs[i].Group
	}
	over, err := m.over(ctx, slices.Compact(groups))
	if err != nil {
		return nil, err
	}
	owed := func(c *coupon.Coupon) bool {
		end, gone := over[c.Group]
		return gone && (c.State != coupon.Used || c.Reusable || end == endUnpaid)
	}
	for i := range cs {
		id := cs[i].Group
		if over[id] != endUnpaid || cs[i].State != coupon.Used {
			continue
		}
		history, err := m.cfg.Stores.Orders.History(ctx, id)
		if err != nil {
			return nil, err
		}
		if order.Refused(history) {
			over[id] = endRefused
		}
	}
	var ids []coupon.ID
	for i := range cs {
		if owed(&cs[i]) {
			ids = append(ids, cs[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	now, err := m.cfg.Stores.Coupons.GetMany(ctx, ids)
	return slices.DeleteFunc(now, func(c coupon.Coupon) bool { return !owed(&c) }), err
}

// end is how a group ended.
type end string

const (
	endUnpaid  end = "canceled unpaid"
	endPaid    end = "paid and canceled"
	endRefused end = "refused at the door"
)

// over returns those of the groups of which no order is left, in one statement.
// One that is not there is a host's own, who holds and releases by itself.
func (m *Marketplace) over(ctx context.Context, ids []ref.GroupID) (map[ref.GroupID]end, error) {
	groups, err := m.cfg.Stores.Orders.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := map[ref.GroupID]end{}
	for i := range groups {
		g := &groups[i]
		out[g.ID] = endUnpaid
		for j := range g.Orders {
			if o := &g.Orders[j]; o.State != order.StateCanceled {
				delete(out, g.ID)
				break
			} else if o.Payment != order.PaymentUnpaid {
				out[g.ID] = endPaid
			}
		}
	}
	return out, nil
}
