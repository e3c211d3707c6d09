package engine

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"
)

func decay(seconds int64, halfLife time.Duration) float32 {
	return float32(math.Exp2(-float64(max(0, seconds)) / halfLife.Seconds()))
}

// Counter is a count that loses weight with time.
type Counter struct {
	Value float64
	At    int64
}

func (c Counter) now(now int64, halfLife time.Duration) float64 {
	return c.Value * math.Exp2(-float64(max(0, now-c.At))/halfLife.Seconds())
}

func (c Counter) add(weight float64, at int64, halfLife time.Duration) Counter {
	if at < c.At { // a late event has lost weight already
		c.Value += Counter{weight, at}.now(c.At, halfLife)
		return c
	}
	return Counter{c.now(at, halfLife) + weight, at}
}

// take takes back what was added at a time.
func (c Counter) take(weight float64, at int64, halfLife time.Duration) Counter {
	at = min(at, c.At) // nothing is newer than what was added
	c.Value = max(0, c.Value-Counter{weight, at}.now(c.At, halfLife))
	return c
}

// nothing is what weighs so little that it is dropped.
const nothing = 1e-4

// HotList counts the events of a group: a segment, a category, everybody.
type HotList struct {
	Items map[int32]Counter
	Slow  map[int32]Counter // with a longer memory, for what rises
	Total Counter

	ranked   []scored
	rates    map[int32]float64 // of what is ranked
	rises    []scored
	rankedAt int64
	fresh    bool // counted among those that were never ranked
}

type scored struct {
	item  int32
	score float64
}

// each walks over a list, best first.
func each(list []scored) iter.Seq2[int32, float64] {
	return func(yield func(int32, float64) bool) {
		for _, x := range list {
			if !yield(x.item, x.score) {
				return
			}
		}
	}
}

// slower is how much longer the slow memory is.
const slower = 8

// hotShown is how many items of a list are ranked.
const hotShown = 400

func (h *HotList) add(item int32, weight float64, at int64, halfLife time.Duration) {
	fill(&h.Items)
	fill(&h.Slow)
	h.Items[item] = h.Items[item].add(weight, at, halfLife)
	h.Slow[item] = h.Slow[item].add(weight, at, slower*halfLife)
	h.Total = h.Total.add(weight, at, halfLife)
}

// take takes back what was added at a time.
func (h *HotList) take(item int32, weight float64, at int64, halfLife time.Duration) {
	if _, there := h.Items[item]; !there {
		return
	}
	h.Items[item] = h.Items[item].take(weight, at, halfLife)
	h.Slow[item] = h.Slow[item].take(weight, at, slower*halfLife)
	h.Total = h.Total.take(weight, at, halfLife)
	if h.Items[item].Value < nothing {
		delete(h.Items, item)
		delete(h.Slow, item)
	}
}

// leaning is how many weighted events a segment needs before it counts as much
// as its parent.
const leaning = 50

// rising is how much more of its events an item has now than it used to.
func (h *HotList) rising(now int64, halfLife time.Duration) []scored {
	const doubt = 5
	var list []scored
	for item, c := range h.Items {
		if fast := c.now(now, halfLife); fast > 0 {
			list = append(list, scored{item, fast / (h.Slow[item].now(now, slower*halfLife)/2 + doubt)})
		}
	}
	return best(list)
}

func best(list []scored) []scored {
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.item, b.item))
	})
	return list[:min(hotShown, len(list))]
}

// weightless returns those of some items that have no weight any more.
func (h *HotList) weightless(items []int32, now int64, halfLife time.Duration) []int32 {
	return slices.DeleteFunc(items, func(item int32) bool { return h.Items[item].now(now, halfLife) >= nothing })
}

// rank sorts a copy of a list, whose rates lean on those of its parent.
func (h *HotList) rank(parent map[int32]float64, now int64, halfLife time.Duration) {
	total := h.Total.now(now, halfLife) + leaning
	list := make([]scored, 0, len(h.Items)+len(parent))
	for item, c := range h.Items {
		list = append(list, scored{item, (c.now(now, halfLife) + leaning*parent[item]) / total})
	}
	for item, rate := range parent {
		if _, own := h.Items[item]; !own {
			list = append(list, scored{item, leaning * rate / total})
		}
	}
	h.ranked, h.rises, h.rankedAt = best(list), h.rising(now, halfLife), now
	h.rates = make(map[int32]float64, len(h.ranked))
	for _, x := range h.ranked {
		h.rates[x.item] = x.score
	}
}
