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
		return s.markSKUs(ctx, e.SKUs)
	case pricing.Changed{}.EventName():
		var e pricing.Changed
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.markSKUs(ctx, e.SKUs)
	case catalog.CategoryChanged{}.EventName():
		var e catalog.CategoryChanged
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.markSubtree(ctx, e.Category)
	case catalog.BrandChanged{}.EventName():
		var e catalog.BrandChanged
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.markAll(ctx, catalog.ProductQuery{Brand: e.Brand})
	case merchant.StateChanged{}.EventName():
		var e merchant.StateChanged
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.markAll(ctx, catalog.ProductQuery{Merchant: e.Merchant})
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

func (s *Service) mark(ctx context.Context, ids []ref.ProductID) error {
	if ids = distinct(ids); len(ids) == 0 {
		return nil
	}
	return s.cfg.Store.Mark(ctx, ids, s.cfg.Clock.Now())
}

func (s *Service) markSKUs(ctx context.Context, skus []ref.SKUID) error {
	if skus = distinct(skus); len(skus) == 0 {
		return nil
	}
	found, err := s.cfg.Products.FindSKUs(ctx, catalog.SKUQuery{IDs: skus})
	if err != nil {
		return err
	}
	ids := make([]ref.ProductID, len(found))
	for i, f := range found {
		ids[i] = f.Product
	}
	return s.mark(ctx, ids)
}

// markAll marks every product that a query selects, page by page.
func (s *Service) markAll(ctx context.Context, q catalog.ProductQuery) error {
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := s.cfg.Products.List(ctx, q, req)
		if err != nil {
			return err
		}
		ids := make([]ref.ProductID, len(p.Items))
		for i, item := range p.Items {
			ids[i] = item.ID
		}
		if err := s.mark(ctx, ids); err != nil {
			return err
		}
		if p.Next == "" {
			return nil
		}
		req.After = p.Next
	}
}

// markSubtree marks the products of a category and of all below it.
func (s *Service) markSubtree(ctx context.Context, root ref.CategoryID) error {
	found, err := s.cfg.Categories.GetMany(ctx, []ref.CategoryID{root})
	if err != nil || len(found) == 0 {
		return err
	}
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := s.cfg.Categories.List(ctx, catalog.CategoryQuery{Within: found[0].Path}, req)
		if err != nil {
			return err
		}
		for _, c := range p.Items {
			if err := s.markAll(ctx, catalog.ProductQuery{Category: c.ID}); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return nil
		}
		req.After = p.Next
	}
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
