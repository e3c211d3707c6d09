package checkout

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// intentPage is how many intents are compared with their groups at a time.
const intentPage = 100

// verifyIntents walks from the payments to the orders: a group that is gone
// takes its orders with it, but not the money that was taken for it. Both are
// written in one unit, so that an intent that is seen has its group.
func (s *Service) verifyIntents(ctx context.Context, yield func(Violation, error) bool) bool {
	for req := (page.Request{Limit: intentPage}); ; {
		p, err := s.cfg.Payments.List(ctx, ref.System(), payment.Query{}, req)
		if err != nil {
			yield(Violation{}, err)
			return false
		}
		ids := make([]ref.GroupID, len(p.Items))
		for i := range p.Items {
			ids[i] = p.Items[i].Group
		}
		groups, err := s.cfg.Book.GetMany(ctx, ids)
		if err != nil {
			yield(Violation{}, err)
			return false
		}
		for i := range p.Items {
			if v, ok := verifyIntent(&p.Items[i], groups); !ok && !yield(v, nil) {
				return false
			}
		}
		if p.Next == "" {
			return true
		}
		req.After = p.Next
	}
}

func verifyIntent(in *payment.Intent, groups []order.Group) (Violation, bool) {
	v := Violation{Invariant: "I6", Object: string(in.ID), Detail: string(in.State) + ", for a group that is not there: " + string(in.Group)}
	for i := range groups {
		if groups[i].ID == in.Group {
			v.Detail = string(in.State) + ", for a group that is paid by another: " + string(groups[i].Intent)
			return v, groups[i].Intent == in.ID
		}
	}
	return v, false
}
