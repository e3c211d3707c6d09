package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/recommend/cf"
)

// plain is the kernel of the shelves that ask who bought what with what.
func plain() cf.Kernel { return cf.Kernel{User: .5, Target: .2, Source: .5} }

// Refit fits everything to all that was recorded, and publishes it. Answers go
// on meanwhile with what was there. Kinds: Canceled, Exhausted where the kind
// of model does not fit into the memory.
func (e *Engine) Refit(ctx context.Context) error { return e.refit(ctx, e.c.Model, nil) }

// refit fits the model of a trial, or chooses one of a kind.
func (e *Engine) refit(ctx context.Context, kind cf.Kind, chosen *cf.Trial) error {
	e.fits.Lock()
	defer e.fits.Unlock()
	now := e.c.Clock.Now().Unix()
	e.expire(now)
	e.mu.Lock()
	m := e.mem // a snapshot waits for the fit
	dirty, removed, seen := m.dirty, m.removed, m.past.events
	m.dirty, m.removed, m.past.events = map[int32]struct{}{}, false, 0
	e.mu.Unlock()

	next, err := e.fitAll(ctx, kind, chosen, now)
	if err != nil {
		e.mu.Lock() // nothing was published: it is all still to be done
		maps.Copy(m.dirty, dirty)
		m.removed, m.past.events = m.removed || removed, m.past.events+seen
		e.mu.Unlock()
		e.rouse()
		return err
	}
	next.version = e.model.Load().version + 1
	e.model.Store(next)
	e.rank(now, allLists)
	return nil
}

func (e *Engine) fitAll(ctx context.Context, kind cf.Kind, chosen *cf.Trial, now int64) (*generation, error) {
	var all [3][]cf.Interaction
	users, baskets, items := e.collect(now, &all)
	g := &generation{at: now, seen: len(all[0])}
	var matrices [3]*cf.Matrix
	for n, in := range all {
		m, err := cf.NewMatrix([]int{users, users, baskets}[n], items, in)
		if err != nil {
			return nil, err
		}
		all[n] = nil
		matrices[n], g.degrees[n] = m, m.Degrees()
	}
	o := cf.Options{Kind: kind, Seed: e.c.Seed, Workers: e.c.Workers, MaxBytes: e.c.MaxBytes}
	if chosen != nil {
		o.Kind = chosen.Kind
		o.Chosen = chosen
	}
	fitted, err := cf.Fit(ctx, matrices[0], o)
	if err != nil {
		return nil, canceled(err)
	}
	g.main, g.chosen, g.trials = fitted.Model, fitted.Chosen, fitted.Trials
	if g.also, err = cf.FitItems(ctx, matrices[1], plain(), e.c.Workers); err != nil {
		return nil, canceled(err)
	}
	if g.together, err = cf.FitItems(ctx, matrices[2], plain(), e.c.Workers); err != nil {
		return nil, canceled(err)
	}
	return g, nil
}

func canceled(err error) error {
	if fault.KindOf(err) == fault.Canceled {
		return ended(err)
	}
	return err
}

// batch is how many histories are copied before the lock is given up for a
// moment.
const batch = 256

// collect copies the interactions of the three models: of visitors with what
// they did and with what they bought, and of baskets. Visitors and baskets are
// numbered in the order of their names.
func (e *Engine) collect(now int64, all *[3][]cf.Interaction) (users, baskets, items int) {
	var keys, ids []string
	p, items := e.past()
	walk(e, p.Visitors, func(key string, _ []Trace) { keys = append(keys, key) })
	walk(e, p.Baskets, func(id string, _ *Basket) { ids = append(ids, id) })
	slices.Sort(keys)
	slices.Sort(ids)
	known := func(item int32) bool { return int(item) < items }
	e.inBatches(len(keys), func(u int) {
		for at, t := range p.Visitors[keys[u]] {
			if w := t.weight(now, e.c.HalfLife); w > 0 && known(t.Item) {
				x := cf.Interaction{User: int32(u), Item: t.Item, Weight: w, At: order(t.At, at)}
				all[0] = append(all[0], x)
				if t.Bought > 0 {
					x.Weight = 1
					all[1] = append(all[1], x)
				}
			}
		}
	})
	e.inBatches(len(ids), func(n int) {
		if b := p.Baskets[ids[n]]; b != nil {
			for at, item := range b.Items {
				if known(item) {
					all[2] = append(all[2], cf.Interaction{User: int32(n), Item: item, Weight: 1, At: order(b.At, at)})
				}
			}
		}
	})
	return len(keys), len(ids), items
}

// order is a time that keeps the order of a list within one second.
func order(at int64, place int) int64 { return at<<10 + int64(place) }

func (e *Engine) inBatches(n int, visit func(i int)) {
	for from := 0; from < n; from += batch {
		e.mu.RLock()
		for i := from; i < min(n, from+batch); i++ {
			visit(i)
		}
		e.mu.RUnlock()
	}
}

// Run computes dirty rows soon after events and fits when it is due, until ctx
// ends. Where the kind of model does not fit into the memory any more, it fits
// cf.ItemKNN instead. Its error is that of ctx, as a Canceled fault.
func (e *Engine) Run(ctx context.Context) error {
	e.running.Store(true)
	defer e.running.Store(false)
	const pause = 20 * time.Millisecond // events that come together are worked on together
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ended(ctx.Err())
		case <-e.wake:
		}
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return ended(ctx.Err())
		case <-timer.C:
		}
		if err := e.step(ctx); err != nil {
			return err
		}
	}
}

// Settle does at once what Run would do by and by, and nothing where nothing
// was recorded: it is for hosts that do not run the engine, and for tests.
// Kinds: Canceled.
func (e *Engine) Settle(ctx context.Context) error {
	e.mu.RLock()
	idle := len(e.mem.dirty) == 0 && !e.mem.removed
	e.mu.RUnlock()
	if idle {
		return nil
	}
	return e.step(ctx)
}

func (e *Engine) step(ctx context.Context) error {
	if !e.due() {
		return e.refreshUnless(ctx, e.due)
	}
	err := e.Refit(ctx)
	if fault.KindOf(err) == fault.Exhausted { // it outgrew the memory, and what is to be forgotten must go
		err = e.refit(ctx, cf.ItemKNN, nil)
	}
	return err
}

// due reports whether everything is to be fitted.
func (e *Engine) due() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	g := e.model.Load()
	return e.mem.removed || g.main == nil || e.mem.past.events >= max(e.c.RefitAfter, g.seen/10)
}
