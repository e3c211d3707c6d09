package engine

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/soukhq/souk/recommend"
)

const (
	// smallList is how many items a list may have to be sorted while somebody
	// waits.
	smallList = 2000
	// rankEvery is how many seconds a larger one stays as it is.
	rankEvery = 5
)

// which says what lists are ranked.
type which int

const (
	freshLists which = iota // that never were
	dueLists                // that changed since, large ones now and then
	allLists                // that were before, which are trimmed
)

// prepare makes the lists that a shelf reads. While Run does it in the
// background, only what was never made is made here.
func (e *Engine) prepare(now int64) {
	if !e.running.Load() && e.dueHere() {
		e.rank(now, dueLists)
	} else {
		e.rankFresh(now)
	}
}

// dueHere reports whether a list changed that is sorted while somebody waits.
func (e *Engine) dueHere() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for group := range e.mem.changed {
		if len(e.mem.hot[group].Items) <= smallList {
			return true
		}
	}
	return false
}

// rankFresh sorts the hot lists that never were, or waits for whoever does.
func (e *Engine) rankFresh(now int64) {
	e.mu.RLock()
	fresh := e.mem.fresh > 0
	e.mu.RUnlock()
	if !fresh {
		return
	}
	e.first.Lock()
	defer e.first.Unlock()
	e.rankLists(now, freshLists)
}

// rank sorts hot lists, those that never were as well.
func (e *Engine) rank(now int64, what which) {
	e.rankFresh(now)
	e.rankLists(now, what)
}

// rankLists sorts hot lists, parents first. Sorting is done on copies, without
// the lock.
func (e *Engine) rankLists(now int64, what which) {
	e.mu.RLock()
	m := e.mem
	var groups []string
	if what == allLists {
		groups = slices.Collect(maps.Keys(m.hot))
	} else {
		for group := range m.changed {
			if m.hot[group].due(now, what) {
				groups = append(groups, group)
			}
		}
	}
	e.mu.RUnlock()
	slices.SortFunc(groups, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // a parent's name is shorter
	})
	for _, group := range groups {
		if what == allLists {
			e.trim(m, group, now)
		}
		if !e.takeList(m, group, now, what) {
			continue
		}
		own, parent := e.copyList(m, group)
		own.rank(parent, now, e.c.HotHalfLife)
		e.mu.Lock()
		if h := m.hot[group]; h != nil {
			h.ranked, h.rates, h.rises, h.rankedAt = own.ranked, own.rates, own.rises, own.rankedAt
			m.settle(h)
		}
		e.mu.Unlock()
	}
}

// due reports whether a list that changed is to be ranked now.
func (h *HotList) due(now int64, what which) bool {
	if h.fresh || what == freshLists {
		return h.fresh && what == freshLists
	}
	return what == allLists || len(h.Items) <= smallList || now-h.rankedAt >= rankEvery
}

// trim drops what has no weight any more of a list, and a list of nothing.
func (e *Engine) trim(m *memory, group string, now int64) {
	var gone []int32
	e.mu.RLock()
	if h := m.hot[group]; h != nil {
		gone = h.weightless(slices.Collect(maps.Keys(h.Items)), now, e.c.HotHalfLife)
	}
	e.mu.RUnlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	h := m.hot[group]
	if h == nil {
		return
	}
	for _, item := range h.weightless(gone, now, e.c.HotHalfLife) {
		delete(h.Items, item)
		delete(h.Slow, item)
	}
	if len(h.Items) == 0 {
		m.drop(group, h)
	}
}

// takeList reports whether a list is to be ranked, which nobody else does then.
func (e *Engine) takeList(m *memory, group string, now int64, what which) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := m.hot[group]
	if _, changed := m.changed[group]; h == nil || !h.due(now, what) || what != allLists && !changed {
		return false
	}
	delete(m.changed, group)
	return true
}

// copyList returns a copy of a list, and the rates of its parent. Answers wait for
// it only where something is recorded meanwhile, which waits first.
func (e *Engine) copyList(m *memory, group string) (*HotList, map[int32]float64) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	own := HotList{}
	if h := m.hot[group]; h != nil {
		own = HotList{Items: maps.Clone(h.Items), Slow: maps.Clone(h.Slow), Total: h.Total}
	}
	return &own, m.parentRates(group)
}

// settle notes that nobody has to wait for a hot list any more.
func (m *memory) settle(h *HotList) {
	if h.fresh {
		h.fresh = false
		m.fresh--
	}
}

// parentRates returns the rates that a group leans on: those of the nearest
// parent with a list; of a category, none.
func (m *memory) parentRates(group string) map[int32]float64 {
	if !strings.HasPrefix(group, segmentSet) {
		return nil
	}
	if h, _ := m.nearest(recommend.Segment(group[len(segmentSet):]).Parent()); h != nil {
		return h.rates
	}
	if h := m.hot[everybody]; h != nil {
		return h.rates
	}
	return nil
}

// nearest returns the list of a segment, or of the nearest parent that has one.
func (m *memory) nearest(s recommend.Segment) (*HotList, recommend.Segment) {
	for ; s != ""; s = s.Parent() {
		if h := m.hot[segmentSet+string(s)]; h != nil {
			return h, s
		}
	}
	return nil, ""
}
