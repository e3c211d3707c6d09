package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/soukhq/souk/recommend"
)

const (
	// smallList is how many items a list may have to be sorted while somebody
	// waits.
	smallList = 2000
	// rankEvery is how many seconds a larger one stays as it is.
	rankEvery = 5
)

// prepare makes the lists that a shelf reads. While Run does it in the
// background, only what was never made is made here.
func (e *Engine) prepare(now int64) {
	background := e.running.Load()
	e.mu.RLock()
	newest, hot := e.stale, false
	for _, h := range e.hot {
		hot = hot || h.ranked == nil || h.dirty && !background && len(h.Items) <= smallList
	}
	e.mu.RUnlock()
	if hot {
		e.rank(now, false)
	}
	if newest {
		e.mu.Lock()
		e.sortNewest()
		e.mu.Unlock()
	}
}

// rank sorts the hot lists that changed, parents first; large ones now and
// then, or all where that is asked for. Sorting is done on copies, without the
// lock.
func (e *Engine) rank(now int64, all bool) {
	e.mu.RLock()
	groups := slices.Collect(maps.Keys(e.hot))
	e.mu.RUnlock()
	slices.SortFunc(groups, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // a parent's name is shorter
	})
	for _, group := range groups {
		own, parent := e.copyList(group, now, all)
		if own == nil {
			continue
		}
		own.rank(parent, now, e.c.HotHalfLife)
		e.mu.Lock()
		if h := e.hot[group]; h != nil {
			h.ranked, h.rates, h.rises, h.rankedAt = own.ranked, own.rates, own.rises, own.rankedAt
		}
		e.mu.Unlock()
	}
}

// copyList returns a copy of a list that is due, and the rates of its parent.
func (e *Engine) copyList(group string, now int64, all bool) (*HotList, map[int32]float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := e.hot[group]
	small := h != nil && len(h.Items) <= smallList
	if h == nil || !h.dirty || h.ranked != nil && !small && !all && now-h.rankedAt < rankEvery {
		return nil, nil
	}
	if all {
		h.trim(now, e.c.HotHalfLife)
	}
	h.dirty = false
	return &HotList{Items: maps.Clone(h.Items), Slow: maps.Clone(h.Slow), Total: h.Total}, e.parentRates(group)
}

// parentRates returns the rates that a group leans on: those of the nearest
// parent with a list; of a category, none.
func (e *Engine) parentRates(group string) map[int32]float64 {
	if len(group) <= len(segmentSet) || group[:len(segmentSet)] != segmentSet {
		return nil
	}
	for s := recommend.Segment(group[len(segmentSet):]).Parent(); s != ""; s = s.Parent() {
		if h := e.hot[segmentSet+string(s)]; h != nil {
			return h.rates
		}
	}
	if h := e.hot[everybody]; h != nil {
		return h.rates
	}
	return nil
}
