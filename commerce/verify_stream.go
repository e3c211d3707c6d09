package commerce

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

func (m *Marketplace) orderStream() stream {
	return stream{
		topic: order.Topic, announces: order.Announces,
		walk: func(ctx context.Context, since time.Time, fn func(ids []string) error) error {
			return pages(func(req page.Request) (page.Page[order.Order], error) {
				return m.Orders.List(ctx, ref.System(), order.Query{}, req)
			}, func(all []order.Order) error {
				var ids []string
				seen := map[ref.GroupID]bool{}
				for i := range all {
					if id := all[i].Group; !seen[id] && !all[i].UpdatedAt.Before(since) {
						seen[id] = true
						ids = append(ids, string(id))
					}
				}
				return fn(ids)
			})
		},
		announced: func(ctx context.Context, ids []string) (map[string][]event.Record, error) {
			groups, err := m.cfg.Stores.Orders.GetMany(ctx, named[ref.GroupID](ids))
			if err != nil {
				return nil, err
			}
			out := map[string][]event.Record{}
			for i := range groups {
				g := &groups[i]
				history, err := m.cfg.Stores.Orders.History(ctx, g.ID)
				if err != nil {
					return nil, err
				}
				if out[string(g.ID)], err = order.Announced(g, history); err != nil {
					return nil, err
				}
			}
			return out, nil
		},
	}
}

func (m *Marketplace) paymentStream() stream {
	return stream{
		topic: payment.Topic, announces: payment.Announces,
		// A refund moves on without its intent, so all of them are looked at.
		walk: func(ctx context.Context, _ time.Time, fn func(ids []string) error) error {
			return pages(func(req page.Request) (page.Page[payment.Intent], error) {
				return m.Payments.List(ctx, ref.System(), payment.Query{}, req)
			}, func(all []payment.Intent) error {
				ids := make([]string, len(all))
				for i := range all {
					ids[i] = string(all[i].ID)
				}
				return fn(ids)
			})
		},
		announced: func(ctx context.Context, ids []string) (map[string][]event.Record, error) {
			intents := named[ref.IntentID](ids)
			history, err := m.cfg.Stores.Payments.History(ctx, intents...)
			if err != nil {
				return nil, err
			}
			refunds, err := m.cfg.Stores.PaymentRefunds.ByIntent(ctx, intents...)
			if err != nil {
				return nil, err
			}
			records, err := payment.Announced(history, refunds)
			out := map[string][]event.Record{}
			for i := range history { // every intent has one
				out[string(history[i].Intent)] = nil
			}
			for _, r := range records {
				out[r.Aggregate] = append(out[r.Aggregate], r)
			}
			return out, err
		},
	}
}

func named[K ~string](ids []string) []K {
	out := make([]K, len(ids))
	for i, id := range ids {
		out[i] = K(id)
	}
	return out
}

// pages hands out every page of a list.
func pages[T any](list func(page.Request) (page.Page[T], error), fn func([]T) error) error {
	for req := (page.Request{Limit: page.MaxLimit}); ; {
		p, err := list(req)
		if err != nil {
			return err
		}
		if err := fn(p.Items); err != nil || p.Next == "" {
			return err
		}
		req.After = p.Next
	}
}
