package campaign

import (
	"context"
	"sync/atomic"

	"github.com/soukhq/souk/promo"
)

// Live is what is offered, as it stood under one revision. It is shared: who
// gets it must not change it.
type Live struct {
	Revision   string
	Promotions []promo.Promotion // by id
	Groups     []promo.Group     // by id, beside promo.StandardGroups
}

// board remembers what is live, decoded, and reads it again when the revision
// differs: in between, a look costs one small statement.
type board struct {
	store  Store
	groups GroupStore
	last   atomic.Pointer[Live]
}

func (b *board) live(ctx context.Context, s *Service) (*Live, error) {
	// The revision first: what is read after it may be newer, never older.
	revision, err := b.store.Revision(ctx)
	if err != nil {
		return nil, err
	}
	if l := b.last.Load(); l != nil && l.Revision == revision {
		return l, nil
	}
	l := &Live{Revision: revision}
	if l.Promotions, err = b.store.Live(ctx, s.cfg.Clock.Now()); err != nil {
		return nil, err
	}
	if l.Groups, err = b.shopGroups(ctx); err != nil {
		return nil, err
	}
	b.last.Store(l)
	return l, nil
}

func (b *board) shopGroups(ctx context.Context) ([]promo.Group, error) {
	all, err := b.groups.All(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]promo.Group, len(all))
	for i, g := range all {
		out[i] = g.Group
	}
	return out, nil
}

// Live returns what is offered: the promotions of active campaigns whose
// window was not over when they were read, and the shop's groups. It costs one
// small statement unless a campaign has changed. A version that was live a
// moment ago may be gone when an order is placed, so placing counts against
// the limits in the store, whatever was read here.
func (s *Service) Live(ctx context.Context) (*Live, error) { return s.board.live(ctx, s) }
