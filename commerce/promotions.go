package commerce

import (
	"context"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/redemption"
)

// regulars tells promotions how often a member has ordered before.
type regulars struct{ orders order.Store }

var _ redemption.Buyers = regulars{}

// Buyer implements [redemption.Buyers]: it counts the groups among the newest
// orders that were not canceled, as far as one page goes.
func (r regulars) Buyer(ctx context.Context, q redemption.BuyerQuery) (promo.Buyer, error) {
	if q.Member == "" {
		return promo.Buyer{}, nil
	}
	found, err := r.orders.List(ctx, order.Query{Member: q.Member}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return promo.Buyer{}, err
	}
	groups := map[ref.GroupID]bool{}
	for i := range found.Items {
		if o := &found.Items[i]; o.State != order.StateCanceled && o.Group != q.Except {
			groups[o.Group] = true
		}
	}
	return promo.Buyer{ID: q.Member, Orders: int64(len(groups))}, nil
}

// tree tells promotions what is above a category.
type tree struct{ categories catalog.CategoryStore }

var _ redemption.Tree = tree{}

// Above implements [redemption.Tree].
func (t tree) Above(ctx context.Context, ids []ref.CategoryID) (map[ref.CategoryID][]ref.CategoryID, error) {
	found, err := t.categories.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[ref.CategoryID][]ref.CategoryID, len(found))
	for _, c := range found {
		out[c.ID] = c.Ancestors()
	}
	return out, nil
}
