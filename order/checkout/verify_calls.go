package checkout

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
)

const (
	// callPage is how many remembered calls are read at a time.
	callPage = 200
	// maxExpected is how many groups are looked for among the calls at a time:
	// with more, the calls are read again.
	maxExpected = 50_000
)

// keyedCalls compares groups with the remembered calls that placed them. Both
// are written in one unit: where one is seen, the other is there.
type keyedCalls struct {
	lister uow.CallLister // nil where the store cannot show them
	book   *order.Book
	since  time.Time // the call of a group placed later is not forgotten yet
	unseen map[ref.GroupID]struct{}
}

func (s *Service) keyedCalls() *keyedCalls {
	c := &keyedCalls{
		book: s.cfg.Book, since: s.cfg.Clock.Now().Add(-keyLife / 10 * 9), unseen: map[ref.GroupID]struct{}{},
	}
	c.lister, _ = uow.As[uow.CallLister](s.cfg.Calls)
	return c
}

// expect notes a group that a call must have placed, and reports whether these
// are as many as can be remembered. What staff entered has no cart.
func (c *keyedCalls) expect(g *order.Group) (full bool) {
	if c.lister != nil && g.Cart != "" && g.PlacedAt.After(c.since) {
		c.unseen[g.ID] = struct{}{}
	}
	return len(c.unseen) >= maxExpected
}

// answered reports the expected groups that no call answers with.
func (c *keyedCalls) answered(ctx context.Context, yield func(Violation, error) bool) bool {
	if len(c.unseen) > 0 && !c.each(ctx, yield, func(page []uow.Answered) bool {
		for _, a := range page {
			delete(c.unseen, ref.GroupID(a.Resource))
		}
		return true
	}) {
		return false
	}
	for _, id := range slices.Sorted(maps.Keys(c.unseen)) {
		if !yield(Violation{Invariant: "I17", Object: string(id), Detail: "no key is answered with it"}, nil) {
			return false
		}
	}
	clear(c.unseen)
	return true
}

// all reports, beside what is left of answered, the calls whose answer is not
// what became of their cart.
func (c *keyedCalls) all(ctx context.Context, yield func(Violation, error) bool) bool {
	return c.answered(ctx, yield) && (c.lister == nil || c.each(ctx, yield, func(page []uow.Answered) bool {
		ids := make([]ref.GroupID, len(page))
		for i, a := range page {
			ids[i] = ref.GroupID(a.Resource)
		}
		groups, err := c.book.GetMany(ctx, ids)
		if err != nil {
			yield(Violation{}, err)
			return false
		}
		carts := map[string]ref.CartID{}
		for i := range groups {
			carts[string(groups[i].ID)] = groups[i].Cart
		}
		for _, a := range page {
			from, ok := carts[a.Resource]
			v := Violation{Invariant: "I17", Object: a.Scope + " " + a.Key}
			switch {
			case !ok:
				v.Detail = "it is answered with a group that is not there: " + a.Resource
			case len(a.Body) > 0 && string(from) != string(a.Body): // earlier answers did not name the cart
				v.Detail = "it is answered with the group of another cart: " + a.Resource
			default:
				continue
			}
			if !yield(v, nil) {
				return false
			}
		}
		return true
	}))
}

// each hands out the calls that placed something, a page at a time.
func (c *keyedCalls) each(ctx context.Context, yield func(Violation, error) bool, fn func([]uow.Answered) bool) bool {
	for after := (uow.Call{}); ; {
		page, err := c.lister.Answered(ctx, after, callPage)
		if err != nil {
			yield(Violation{}, err)
			return false
		}
		if len(page) == 0 {
			return true
		}
		after = page[len(page)-1].Call
		if !fn(slices.DeleteFunc(page, func(a uow.Answered) bool { return !strings.HasPrefix(a.Scope, placeScope) })) {
			return false
		}
	}
}
