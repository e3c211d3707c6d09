package cf

import (
	"cmp"
	"slices"
)

// Scores is the scratch space of one question. It belongs to one goroutine at
// a time and can be used again.
type Scores struct {
	value   []float32
	touched []int32 // items that were scored, each once, whatever their value
	seen    []bool
}

// Reset makes s ready for a model of so many items.
func (s *Scores) Reset(items int) {
	for _, i := range s.touched {
		s.value[i], s.seen[i] = 0, false
	}
	s.touched = s.touched[:0]
	if items > len(s.value) {
		s.value = append(s.value, make([]float32, items-len(s.value))...)
		s.seen = append(s.seen, make([]bool, items-len(s.seen))...)
	}
}

// Add adds to the score of an item.
func (s *Scores) Add(item int32, score float32) {
	if !s.seen[item] {
		s.seen[item] = true
		s.touched = append(s.touched, item)
	}
	s.value[item] += score
}

// Set replaces the score of an item.
func (s *Scores) Set(item int32, score float32) {
	s.Add(item, 0)
	s.value[item] = score
}

// Get returns the score of an item.
func (s *Scores) Get(item int32) float32 { return s.value[item] }

// Len returns how many items have a score.
func (s *Scores) Len() int { return len(s.touched) }

// Top appends to out the n best items by score, best first, of the same score
// the smaller item first. Items that skip reports are left out; nil skips none.
func (s *Scores) Top(out []Entry, n int, skip func(item int32) bool) []Entry {
	return s.TopOf(out, n, skip, s.touched)
}

// TopOf is Top of the items of some lists, each of which is named once; those
// that have no score are left out.
func (s *Scores) TopOf(out []Entry, n int, skip func(item int32) bool, lists ...[]int32) []Entry {
	if n <= 0 {
		return out
	}
	base := len(out)
	heap := out[base:]
	for _, items := range lists {
		for _, i := range items {
			if int(i) >= len(s.seen) || !s.seen[i] {
				continue
			}
			e := Entry{i, s.value[i]}
			if len(heap) == n && !better(e, heap[0]) || skip != nil && skip(i) {
				continue
			}
			heap = push(heap, e, n)
		}
	}
	sortEntries(heap)
	return append(out, heap...)
}

// push adds e to a heap of the n best entries.
func push(heap []Entry, e Entry, n int) []Entry {
	switch {
	case len(heap) < n:
		heap = append(heap, e)
		up(heap)
	case better(e, heap[0]):
		heap[0] = e
		down(heap, 0)
	}
	return heap
}

func sortEntries(s []Entry) { slices.SortFunc(s, order) }

func better(a, b Entry) bool {
	return a.Weight > b.Weight || a.Weight == b.Weight && a.Item < b.Item
}

// order sorts the better entry first.
func order(a, b Entry) int {
	return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Item, b.Item))
}

// up and down keep the worst entry of a heap at its root.
func up(h []Entry) {
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !better(h[parent], h[i]) {
			return
		}
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
}

func down(h []Entry, i int) {
	for {
		worst := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h); c++ {
			if better(h[worst], h[c]) {
				worst = c
			}
		}
		if worst == i {
			return
		}
		h[i], h[worst] = h[worst], h[i]
		i = worst
	}
}

// all marks every item as scored.
func (s *Scores) all(items int) {
	for i := range items {
		s.seen[i] = true
		s.touched = append(s.touched, int32(i))
	}
}
