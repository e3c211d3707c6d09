package listing

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo/campaign"
)

// Topics returns the streams that [Service.React] follows.
func Topics() []string {
	return []string{
		catalog.Topic, catalog.CategoryTopic, catalog.BrandTopic, inventory.Topic, pricing.Topic, merchant.Topic, order.Topic,
		campaign.Topic,
	}
}

// Consume is [Service.React] for several records.
func (s *Service) Consume(ctx context.Context, records []event.Record) error {
	for _, r := range records {
		if err := s.React(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// React marks the products that an event of [Topics] is about as due; what it
// does not know, it passes over. Marking costs two statements however often a
// product moves, and [Service.Sweep] reads each marked product once. Run it in
// the unit of outbox.Handler, which keeps a repeated message from counting
// pieces twice: FailedPrecondition for a confirmed order outside a unit.
func (s *Service) React(ctx context.Context, r event.Record) error {
	switch r.Name {
	case catalog.ProductCreated{}.EventName():
		return s.markProduct(ctx, r, &catalog.ProductCreated{})
	case catalog.ProductChanged{}.EventName():
		return s.markProduct(ctx, r, &catalog.ProductChanged{})
	case catalog.ProductPublished{}.EventName():
		return s.markProduct(ctx, r, &catalog.ProductPublished{})
	case catalog.ProductArchived{}.EventName():
		return s.markProduct(ctx, r, &catalog.ProductArchived{})
	case inventory.Changed{}.EventName():
		var e inventory.Changed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		ids, err := s.ofSKUs(ctx, e.SKUs)
		return s.marked(ctx, ids, err)
	case pricing.Changed{}.EventName():
		var e pricing.Changed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		ids, err := s.ofSKUs(ctx, e.SKUs)
		return s.marked(ctx, ids, err)
	case catalog.CategoryChanged{}.EventName():
		var e catalog.CategoryChanged
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		ids, err := s.within(ctx, e.Category)
		return s.marked(ctx, ids, err)
	case catalog.BrandChanged{}.EventName():
		var e catalog.BrandChanged
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		ids, err := s.all(ctx, catalog.ProductQuery{Brand: e.Brand})
		return s.marked(ctx, ids, err)
	case merchant.StateChanged{}.EventName():
		var e merchant.StateChanged
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		ids, err := s.all(ctx, catalog.ProductQuery{Merchant: e.Merchant})
		return s.marked(ctx, ids, err)
	case campaign.Changed{}.EventName():
		var e campaign.Changed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.markCampaign(ctx, e)
	case campaign.GroupsChanged{}.EventName():
		var e campaign.GroupsChanged
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.markGroup(ctx, e)
	case order.Confirmed{}.EventName():
		var e order.Confirmed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.sold(ctx, e.Group, e.Order, 1)
	case order.Unconfirmed{}.EventName(): // it is counted when it is confirmed again
		var e order.Unconfirmed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.sold(ctx, e.Group, e.Order, -1)
	}
	return nil
}

// markProduct marks the product that is the record's aggregate.
func (s *Service) markProduct(ctx context.Context, r event.Record, into event.Payload) error {
	if err := event.Decode(r, into); err != nil {
		return err
	}
	return s.mark(ctx, []ref.ProductID{ref.ProductID(r.Aggregate)})
}

// mark marks products, in the order in which everybody locks them: of two that
// mark at once none waits for the other crosswise.
func (s *Service) mark(ctx context.Context, ids []ref.ProductID) error {
	now := s.cfg.Clock.Now()
	for chunk := range slices.Chunk(distinct(ids), page.MaxLimit) {
		if err := s.cfg.Store.Mark(ctx, chunk, now); err != nil {
			return err
		}
	}
	return nil
}

// marked marks what was found.
func (s *Service) marked(ctx context.Context, ids []ref.ProductID, err error) error {
	if err != nil {
		return err
	}
	return s.mark(ctx, ids)
}

// ofSKUs returns the products that SKUs are of.
func (s *Service) ofSKUs(ctx context.Context, skus []ref.SKUID) ([]ref.ProductID, error) {
	if skus = distinct(skus); len(skus) == 0 {
		return nil, nil
	}
	found, err := s.cfg.Products.FindSKUs(ctx, catalog.SKUQuery{IDs: skus})
	if err != nil {
		return nil, err
	}
	ids := make([]ref.ProductID, len(found))
	for i, f := range found {
		ids[i] = f.Product
	}
	return ids, nil
}

// all returns the products that queries select.
func (s *Service) all(ctx context.Context, queries ...catalog.ProductQuery) ([]ref.ProductID, error) {
	var ids []ref.ProductID
	for _, q := range queries {
		for req := (page.Request{Limit: page.MaxLimit}); ; {
			p, err := s.cfg.Products.List(ctx, q, req)
			if err != nil {
				return nil, err
			}
			for _, item := range p.Items {
				ids = append(ids, item.ID)
			}
			if req.After = p.Next; p.Next == "" {
				break
			}
		}
	}
	return ids, nil
}

// within returns the products of categories and of all below them.
func (s *Service) within(ctx context.Context, roots ...ref.CategoryID) ([]ref.ProductID, error) {
	found, err := s.cfg.Categories.GetMany(ctx, roots)
	if err != nil {
		return nil, err
	}
	var queries []catalog.ProductQuery
	for _, root := range found {
		for req := (page.Request{Limit: page.MaxLimit}); ; {
			p, err := s.cfg.Categories.List(ctx, catalog.CategoryQuery{Within: root.Path}, req)
			if err != nil {
				return nil, err
			}
			for _, c := range p.Items {
				queries = append(queries, catalog.ProductQuery{Category: c.ID})
			}
			if req.After = p.Next; p.Next == "" {
				break
			}
		}
	}
	return s.all(ctx, queries...)
}

// sold counts the pieces of a confirmed order.
func (s *Service) sold(ctx context.Context, group ref.GroupID, id ref.OrderID, times int64) error {
	if s.cfg.Orders == nil {
		return nil
	}
	groups, err := s.cfg.Orders.GetMany(ctx, []ref.GroupID{group})
	if err != nil || len(groups) == 0 {
		return err
	}
	o, err := groups[0].Order(id)
	if err != nil {
		return err
	}
	pieces := map[ref.ProductID]int64{}
	for _, l := range o.Lines {
		pieces[l.Product] += times * int64(l.Quantity)
	}
	sales := make([]Sale, 0, len(pieces))
	for product, n := range pieces {
		sales = append(sales, Sale{Product: product, Pieces: n})
	}
	slices.SortFunc(sales, func(a, b Sale) int { return cmp.Compare(a.Product, b.Product) })
	return s.cfg.Store.Sell(ctx, sales, s.cfg.Clock.Now())
}
