package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/soukhq/souk/recommend/cf"
)

// The bounds of one refresh: rows are computed so many at a time, and those of an
// item that more have wait for the next fit.
const (
	refreshRows  = 500
	refreshUsers = 5000
)

// Refresh computes the rows that events made dirty, and publishes them. The
// first call fits. Kinds: those of Refit.
func (e *Engine) Refresh(ctx context.Context) error {
	return e.refreshUnless(ctx, func() bool { return false })
}

// refreshUnless computes the rows until a fit is due, which computes them all.
func (e *Engine) refreshUnless(ctx context.Context, due func() bool) error {
	if e.model.Load().main == nil {
		return e.Refit(ctx)
	}
	e.fits.Lock()
	defer e.fits.Unlock()
	e.rank(e.c.Clock.Now().Unix(), dueLists)
	for targets := e.takeDirty(); len(targets) > 0; {
		some := targets[:min(refreshRows, len(targets))]
		if err := e.refresh(ctx, some); err != nil {
			return e.putBack(targets, err)
		}
		if targets = targets[len(some):]; due() {
			return e.putBack(targets, nil)
		}
	}
	return nil
}

// refresh publishes the rows of some items. Whoever calls holds e.fits.
func (e *Engine) refresh(ctx context.Context, targets []int32) (err error) {
	g := *e.model.Load()
	if main, ok := g.main.(*cf.Items); ok {
		if g.main, err = e.update(ctx, main, g, 0, targets); err != nil {
			return err
		}
	}
	if g.also, err = e.update(ctx, g.also, g, 1, targets); err != nil {
		return err
	}
	if g.together, err = e.update(ctx, g.together, g, 2, targets); err != nil {
		return err
	}
	g.version++
	e.model.Store(&g)
	return nil
}

// takeDirty takes all that is dirty: what becomes so meanwhile has its turn
// after it.
func (e *Engine) takeDirty() []int32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	targets := slices.Sorted(maps.Keys(e.mem.dirty))
	e.mem.dirty = map[int32]struct{}{}
	return targets
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
	p, items := e.past()
	names := map[string]struct{}{}
	for _, t := range all {
		e.mu.RLock()
		who := p.whoHas[t]
		if which == 2 {
			who = p.baskets[t]
		}
		if len(who) <= refreshUsers {
			targets = append(targets, t)
			maps.Copy(names, who)
		}
		e.mu.RUnlock()
	}
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
