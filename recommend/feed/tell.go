package feed

import (
	"context"
	"slices"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/recommend"
)

// Rebuild tells all there is of a topic: the products of the catalogue, the
// paid orders of the last months, the members who are to be forgotten. What was
// told before is dropped or said once more.
func (f *Feed) Rebuild(ctx context.Context, topic string) error {
	switch topic {
	case listing.Topic:
		return f.products(ctx)
	case order.Topic:
		return f.orders(ctx)
	case member.Topic:
		return each(ctx, func(p page.Request) (page.Page[member.Account], error) {
			return f.cfg.Members.List(ctx, member.Query{State: member.Erased}, p)
		}, func(all []member.Account) error {
			ids := make([]ref.MemberID, len(all))
			for i := range all {
				ids[i] = all[i].ID
			}
			return f.cfg.Recommender.Forget(ctx, ids...)
		})
	}
	return fault.New(fault.Invalid, "feed.topic", "the feed does not follow this topic").With("topic", topic)
}

// each reads a list to its end.
func each[T any](ctx context.Context, list func(p page.Request) (page.Page[T], error), do func([]T) error) error {
	for p := (page.Request{Limit: page.MaxLimit}); ; {
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, fault.Canceled, "feed.canceled", "the caller gave up")
		}
		got, err := list(p)
		if err != nil {
			return err
		}
		if len(got.Items) > 0 {
			if err := do(got.Items); err != nil {
				return err
			}
		}
		if p.After = got.Next; p.After == "" {
			return nil
		}
	}
}

func (f *Feed) products(ctx context.Context) error {
	for _, archived := range []bool{false, true} {
		err := each(ctx, func(p page.Request) (page.Page[catalog.Product], error) {
			return f.cfg.Products.List(ctx, catalog.ProductQuery{Archived: archived}, p)
		}, func(all []catalog.Product) error {
			ids := make([]ref.ProductID, len(all))
			for i := range all {
				ids[i] = all[i].ID
			}
			return f.describe(ctx, ids)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// describe says what products are: one that no list shows cannot be sold.
func (f *Feed) describe(ctx context.Context, ids []ref.ProductID) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(p ref.ProductID) bool { return !ref.ValidID(string(p)) })
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	facts := map[ref.ProductID]recommend.Product{}
	now := f.cfg.Clock.Now()
	for _, c := range f.cfg.Channels {
		rows, err := f.cfg.Listings.GetMany(ctx, c.ID, c.Currency, ids)
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			p, known := facts[r.Product]
			if !known || r.Newest.Before(p.Listed) {
				p.Listed = r.Newest
			}
			p.ID, p.Merchant = r.Product, r.Merchant
			if n := len(r.Categories); n > 0 {
				p.Category, p.Above = r.Categories[n-1], r.Categories[:n-1]
			}
			if sold := r.InStock && r.Shown(now); sold {
				p.Sellable = true
				if len(f.cfg.Channels) > 1 {
					p.Channels = append(p.Channels, c.ID)
				}
			}
			facts[r.Product] = p
		}
	}
	all := make([]recommend.Product, len(ids))
	for i, id := range ids {
		all[i] = facts[id]
		all[i].ID = id
	}
	return f.cfg.Recommender.Describe(ctx, all...)
}

func (f *Feed) orders(ctx context.Context) error {
	since := f.cfg.Clock.Now().Add(-f.cfg.History)
	for _, paid := range []order.PaymentState{order.PaymentPaid, order.PaymentPartiallyRefunded} {
		err := each(ctx, func(p page.Request) (page.Page[order.Order], error) {
			return f.cfg.Orders.List(ctx, order.Query{Payment: paid, PlacedFrom: since}, p)
		}, func(all []order.Order) error { return f.tell(ctx, all, false) })
		if err != nil {
			return err
		}
	}
	return nil
}

// tell says what was bought in orders, each a basket; with refunds also what
// came back of it. The event of a product in an order has the same id each
// time.
func (f *Feed) tell(ctx context.Context, orders []order.Order, refunds bool) error {
	gone, err := f.erased(ctx, orders)
	if err != nil {
		return err
	}
	sent, err := f.sent(ctx, orders)
	if err != nil {
		return err
	}
	var events []recommend.Event
	for i := range orders {
		o := &orders[i]
		if gone[o.Member] {
			continue
		}
		segments := f.cfg.Segments(o, sent[o.Group])
		for _, x := range bought(o) {
			e := recommend.Event{
				ID: "order " + string(o.ID) + " " + string(x.product), Kind: recommend.Purchase, Product: x.product,
				Visitor: recommend.Visitor{Member: o.Member, Segments: segments}, Basket: "order " + string(o.ID), At: o.PlacedAt,
			}
			if o.Member == "" {
				e.Visitor.Session = o.Guest
			}
			if x.back {
				if !refunds {
					continue
				}
				e.ID, e.Kind = e.ID+" back", recommend.Refund
			}
			if recommend.Validate(e) == nil { // what was taken over from elsewhere may have no product
				events = append(events, e)
			}
		}
	}
	for some := range slices.Chunk(events, recommend.MaxEvents) {
		if err := f.cfg.Recommender.Record(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}

// SegmentsOf are the storefront and kind of buyer of an order, and the region it
// is sent to, as far as they are known.
func SegmentsOf(o *order.Order, shipTo address.Address) []recommend.Segment {
	who := recommend.GuestVisitor
	if o.Member != "" {
		who = recommend.MemberVisitor
	}
	var all []recommend.Segment
	for _, s := range []recommend.Segment{recommend.InShop(o.Channel, who), recommend.InRegion(shipTo.Country, shipTo.Region)} {
		if s != "" {
			all = append(all, s)
		}
	}
	return all
}

// sent returns where groups of orders are sent to, as far as that is told.
func (f *Feed) sent(ctx context.Context, orders []order.Order) (map[order.GroupID]address.Address, error) {
	if f.cfg.Personals == nil || len(orders) == 0 {
		return nil, nil
	}
	ids := make([]order.GroupID, len(orders))
	for i := range orders {
		ids[i] = orders[i].Group
	}
	slices.Sort(ids)
	found, err := f.cfg.Personals.GetMany(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	to := make(map[order.GroupID]address.Address, len(found))
	for i := range found {
		to[found[i].Group] = found[i].ShipTo
	}
	return to, nil
}

// goods is a product of an order, and whether all of it came back.
type goods struct {
	product ref.ProductID
	back    bool
}

// bought returns the products that a buyer chose and paid for, in the order of
// the lines.
func bought(o *order.Order) []goods {
	if o.Payment == order.PaymentUnpaid {
		return nil
	}
	var out []goods
	for i := range o.Lines {
		l := &o.Lines[i]
		if l.Gift != "" {
			continue
		}
		back := o.Payment == order.PaymentRefunded || l.Returned >= l.Quantity
		if at := slices.IndexFunc(out, func(g goods) bool { return g.product == l.Product }); at >= 0 {
			out[at].back = out[at].back && back
			continue
		}
		out = append(out, goods{l.Product, back})
	}
	return out
}

// erased returns which members of the orders are to be forgotten.
func (f *Feed) erased(ctx context.Context, orders []order.Order) (map[ref.MemberID]bool, error) {
	var ids []ref.MemberID
	for i := range orders {
		if m := orders[i].Member; m != "" {
			ids = append(ids, m)
		}
	}
	slices.Sort(ids)
	gone := map[ref.MemberID]bool{}
	if len(ids) == 0 {
		return gone, nil
	}
	found, err := f.cfg.Members.GetMany(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	for i := range found {
		gone[found[i].ID] = found[i].State == member.Erased
	}
	return gone, nil
}
