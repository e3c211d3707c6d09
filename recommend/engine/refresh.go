package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/soukhq/souk/recommend/cf"
)

// The bounds of one refresh; what is beyond waits for the next one or the next
// fit.
const (
	refreshRows  = 500
	refreshUsers = 5000 // of an item
	manyRows     = 1000 // beside those of the fit: a new fit is due
)

// Refresh computes the rows that events made dirty, and publishes them. The
// first call fits. Kinds: those of Refit.
func (e *Engine) Refresh(ctx context.Context) error {
	if e.model.Load().main == nil {
		return e.Refit(ctx)
	}
	for {
		more, err := e.refresh(ctx)
		if err != nil || !more {
			return err
		}
	}
}

func (e *Engine) refresh(ctx context.Context) (more bool, err error) {
	e.fits.Lock()
	defer e.fits.Unlock()
	now := e.c.Clock.Now().Unix()
	e.rank(now, dueLists)
	targets, more := e.takeDirty()
	if len(targets) == 0 {
		return false, nil
	}
	g, rows := *e.model.Load(), 0
	if main, ok := g.main.(*cf.Items); ok {
		updated, err := e.update(ctx, main, g, 0, targets)
		if err != nil {
			return false, e.putBack(targets, err)
		}
		g.main, rows = updated, updated.Updated()
	}
	if g.also, err = e.update(ctx, g.also, g, 1, targets); err != nil {
		return false, e.putBack(targets, err)
	}
	if g.together, err = e.update(ctx, g.together, g, 2, targets); err != nil {
		return false, e.putBack(targets, err)
	}
	g.version++
	e.model.Store(&g)
	if max(rows, g.also.Updated(), g.together.Updated()) > manyRows {
		e.due()
		return false, nil
	}
	return more, nil
}

// due makes the next step a fit, and it soon.
func (e *Engine) due() {
	e.mu.Lock()
	e.mem.past.events = max(e.mem.past.events, e.c.RefitAfter, e.model.Load().seen)
	e.mu.Unlock()
	e.rouse()
}

func (e *Engine) takeDirty() (targets []int32, more bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	targets = slices.Sorted(maps.Keys(e.mem.dirty))
	more = len(targets) > refreshRows
	targets = targets[:min(refreshRows, len(targets))]
	for _, t := range targets {
		delete(e.mem.dirty, t)
	}
	return targets, more
}

func (e *Engine) putBack(targets []int32, err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range targets {
		e.mem.dirty[t] = struct{}{}
	}
	e.rouse()
	return canceled(err)
}

// update computes the rows of the targets in one of the three models. The row
// of an item that very many have waits for the next fit: a few more say little.
func (e *Engine) update(ctx context.Context, it *cf.Items, g generation, which int, targets []int32) (*cf.Items, error) {
	targets, in, users, items := e.around(g, which, targets)
	if len(targets) == 0 {
		return it, nil
	}
	m, err := cf.NewMatrix(users, items, in)
	if err != nil {
		return nil, err
	}
	fresh := m.Degrees()
	degrees := make([]float32, items)
	copy(degrees, g.degrees[which])
	for _, t := range targets {
		degrees[t] = fresh[t] // all its users are here
	}
	for i := range degrees { // more than at the fit, or bought for the first time since
		degrees[i] = max(degrees[i], fresh[i])
	}
	return it.Update(ctx, cf.Part{Matrix: m, Degree: degrees, Targets: targets}, e.c.Workers)
}

// around copies the interactions of everybody who has one of the targets, and
// returns those of them that not too many have.
func (e *Engine) around(g generation, which int, all []int32) (targets []int32, in []cf.Interaction, users, items int) {
	e.mu.RLock()
	p := e.mem.past
	names := map[string]struct{}{}
	for _, t := range all {
		who := p.whoHas[t]
		if which == 2 {
			who = p.baskets[t]
		}
		if len(who) <= refreshUsers {
			targets = append(targets, t)
			maps.Copy(names, who)
		}
	}
	items = len(p.Names)
	e.mu.RUnlock()
	sorted := slices.Sorted(maps.Keys(names))
	e.inBatches(len(sorted), func(u int) {
		if which == 2 {
			if b := p.Baskets[sorted[u]]; b != nil {
				for at, item := range b.Items {
					in = append(in, cf.Interaction{User: int32(u), Item: item, Weight: 1, At: order(b.At, at)})
				}
			}
			return
		}
		for at, t := range p.Visitors[sorted[u]] {
			w := t.weight(g.at, e.c.HalfLife)
			if w <= 0 || which == 1 && t.Bought == 0 {
				continue
			}
			if which == 1 {
				w = 1
			}
			in = append(in, cf.Interaction{User: int32(u), Item: t.Item, Weight: w, At: order(t.At, at)})
		}
	})
	in = slices.DeleteFunc(in, func(x cf.Interaction) bool { return int(x.Item) >= items })
	return targets, in, len(sorted), items
}
