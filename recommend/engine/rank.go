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
	dueLists                // that changed, large ones now and then
	allLists                // and are trimmed
)

// prepare makes the lists that a shelf reads. While Run does it in the
// background, only what was never made is made here.
func (e *Engine) prepare(now int64) {
	background := e.running.Load()
	e.mu.RLock()
	fresh := e.mem.fresh > 0
	due := !background && slices.ContainsFunc(slices.Collect(maps.Keys(e.mem.changed)), func(group string) bool {
		return len(e.mem.hot[group].Items) <= smallList
	})
	e.mu.RUnlock()
	switch {
	case due:
		e.rank(now, dueLists)
	case fresh:
		e.rank(now, freshLists)
	}
}

// rank sorts hot lists, parents first. Sorting is done on copies, without the
// lock.
func (e *Engine) rank(now int64, what which) {
	e.mu.RLock()
	m := e.mem
	var groups []string
	if what == allLists {
		groups = slices.Collect(maps.Keys(m.hot))
	} else {
		groups = slices.Collect(maps.Keys(m.changed))
	}
	e.mu.RUnlock()
	slices.SortFunc(groups, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // a parent's name is shorter
	})
	for _, group := range groups {
		own, parent := e.copyList(m, group, now, what)
		if own == nil {
			continue
		}
		own.rank(parent, now, e.c.HotHalfLife)
		e.mu.Lock()
		if h := m.hot[group]; h != nil {
			h.ranked, h.rates, h.rises, h.rankedAt = own.ranked, own.rates, own.rises, own.rankedAt
		}
		e.mu.Unlock()
	}
}

// copyList returns a copy of a list that is due, and the rates of its parent.
func (e *Engine) copyList(m *memory, group string, now int64, what which) (*HotList, map[int32]float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := m.hot[group]
	if h == nil {
		return nil, nil
	}
	if what == allLists {
		if h.trim(now, e.c.HotHalfLife); len(h.Items) == 0 {
			m.drop(group, h)
			return nil, nil
		}
	}
	_, changed := m.changed[group]
	due := h.ranked == nil || what == dueLists && (len(h.Items) <= smallList || now-h.rankedAt >= rankEvery)
	if what != allLists && !(changed && due) {
		return nil, nil
	}
	m.ranked(group, h)
	return &HotList{Items: maps.Clone(h.Items), Slow: maps.Clone(h.Slow), Total: h.Total}, m.parentRates(group)
}

// ranked notes that a hot list is as good as ranked.
func (m *memory) ranked(group string, h *HotList) {
	if h.fresh {
		h.fresh = false
		m.fresh--
	}
	delete(m.changed, group)
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
