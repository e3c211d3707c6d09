package shelf

import (
	"cmp"
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// Topics returns the streams that [Service.React] follows.
func Topics() []string { return []string{order.Topic, member.Topic} }

// React counts paid orders for the shelves that brought them, and erases what
// is known of members who are forgotten. One reading for the whole cluster is
// enough for orders, and each node's own is best for members; a repeated message
// counts once, in a unit or outside of one. Kinds: those of the stores;
// FailedPrecondition for an order without Config.Orders.
func (s *Service) React(ctx context.Context, r event.Record) error {
	switch r.Name {
	case order.Paid{}.EventName():
		var e order.Paid
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.paid(ctx, e)
	case member.Forgotten{}.EventName():
		var e member.Forgotten
		if err := event.Decode(r, &e); err != nil {
			return err
		}
		return s.Forget(ctx, e.Member)
	}
	return nil
}

func (s *Service) paid(ctx context.Context, e order.Paid) error {
	if s.cfg.Orders == nil {
		return fault.New(fault.FailedPrecondition, "shelf.orders", "the service knows no orders")
	}
	groups, err := s.cfg.Orders.GetMany(ctx, []ref.GroupID{e.Group})
	if err != nil || len(groups) == 0 {
		return err
	}
	o, err := groups[0].Order(e.Order)
	if err != nil {
		return err
	}
	spent := map[ref.ProductID]money.Money{}
	for _, l := range o.Lines {
		if l.Gift != "" {
			continue // nobody chose it
		}
		sum, known := spent[l.Product]
		if !known {
			sum = money.Zero(l.Gross.Currency())
		}
		if spent[l.Product], err = sum.Add(l.Gross); err != nil {
			return err
		}
	}
	marks := make([]mark, 0, len(spent))
	for p, sum := range spent {
		marks = append(marks, mark{kind: markOrder, member: o.Member, session: o.Guest, order: o.ID, product: p, revenue: sum, at: e.At})
	}
	slices.SortFunc(marks, func(a, b mark) int { return cmp.Compare(a.product, b.product) })
	missed, err := s.apply(ctx, marks)
	if err != nil {
		return err
	}
	s.wait(missed)
	return nil
}

func (m mark) sale() Sale { return Sale{m.order, m.product} }

// wait keeps sales that speak for no impression that is known: it may be in a
// buffer still, here or on another node, and so may be the arrival of whom it
// was sent to. They never push out what visitors do: those that find half of the
// buffer full are dropped, which the next flush logs.
func (s *Service) wait(missed []mark) {
	now := s.cfg.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, m := range missed {
		if len(s.buffer.marks) >= s.cfg.Buffer/2 {
			s.buffer.dropped += len(missed) - n
			return
		}
		m.noted = now
		add(s, &s.buffer.marks, m)
	}
}
