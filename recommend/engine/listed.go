package engine

import (
	"cmp"
	"iter"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// listed are the products that can be sold, the newest first: all of them, those
// of each category with what is below it, and those of each storefront, by the
// names of their hot lists. What every storefront sells stands under no name of
// one.
type listed map[string][]int32

// parts returns lists that name each product once that a query may show, if it
// can be sold.
func (l listed) parts(q *recommend.Query) [][]int32 {
	switch {
	case q.Category != "":
		return [][]int32{l[categorySet+string(q.Category)]}
	case q.Channel != "":
		return [][]int32{l[channelSet+string(q.Channel)], l[channelSet]}
	}
	return [][]int32{l[everybody]}
}

// parts returns lists that name each item once that a query may show: what
// nobody described has no category, and may stand in any storefront.
func (m *memory) parts(q *recommend.Query) [][]int32 {
	all := m.listed.parts(q)
	if q.Category == "" {
		all = append(all, m.bare)
	}
	return all
}

// newest are the products that a query may show, if they can be sold, the newest
// first, and what their place says of them.
func (m *memory) newest(q *recommend.Query) iter.Seq2[int32, float64] {
	return func(yield func(int32, float64) bool) {
		parts := m.listed.parts(q)
		for place := 1; ; place++ {
			next := -1
			for n, list := range parts {
				if len(list) > 0 && (next < 0 || m.byAge(list[0], parts[next][0]) < 0) {
					next = n
				}
			}
			if next < 0 || !yield(parts[next][0], 1/float64(place)) {
				return
			}
			parts[next] = parts[next][1:]
		}
	}
}

// places are the lists that a product stands in; nil where nobody described it.
func places(p *recommend.Product) []string {
	if p == nil || !p.Sellable {
		return nil
	}
	all := groupsOf(p)
	if len(p.Channels) == 0 {
		all = append(all, channelSet)
	}
	return all
}

// groupsOf are the lists of everybody, of the storefronts and of the categories
// of a product.
func groupsOf(p *recommend.Product) []string {
	all := []string{everybody}
	add := func(group string) {
		if !slices.Contains(all, group) {
			all = append(all, group)
		}
	}
	for _, c := range p.Channels {
		add(channelSet + string(c))
	}
	for _, c := range append([]ref.CategoryID{p.Category}, p.Above...) {
		if c != "" {
			add(categorySet + string(c))
		}
	}
	return all
}

// describe says what products are. It takes them out of the lists in which they
// stand no more and puts them into those in which they stand now, which costs a
// pass over each list, however many they are.
func (m *memory) describe(products ...recommend.Product) {
	now := make(map[int32]*recommend.Product, len(products)) // the last word on each
	for _, p := range products {
		p.Above, p.Channels = slices.Clone(p.Above), slices.Clone(p.Channels)
		now[m.past.item(p.ID)] = &p
	}
	if n := len(m.past.Names); n > len(m.facts) {
		m.facts = append(m.facts, make([]*recommend.Product, n-len(m.facts))...)
	}
	leave, come, first := listed{}, listed{}, false
	for item, p := range now {
		was := m.facts[item]
		first = first || was == nil
		from, to := places(was), places(p)
		aged := was != nil && was.Listed.Equal(p.Listed)
		for _, c := range from {
			if !aged || !slices.Contains(to, c) {
				leave[c] = append(leave[c], item)
			}
		}
		for _, c := range to {
			if !aged || !slices.Contains(from, c) {
				come[c] = append(come[c], item)
			}
		}
	}
	if first {
		m.bare = slices.DeleteFunc(m.bare, func(item int32) bool { return now[item] != nil })
	}
	for c, items := range leave { // by what they were
		m.listed.set(c, m.without(m.listed[c], items))
		m.young.set(c, m.without(m.young[c], items))
	}
	for item, p := range now {
		m.facts[item] = p
	}
	for c, items := range come {
		m.listed.set(c, m.with(m.listed[c], items))
		items = slices.DeleteFunc(items, m.grown)
		m.young.set(c, m.with(m.young[c], items))
	}
}

// set replaces a list; one of nothing is not kept.
func (l listed) set(name string, list []int32) {
	if len(list) > 0 {
		l[name] = list
	} else {
		delete(l, name)
	}
}

// few is how many events make a product known.
const few = 3

// grown reports whether an item is known.
func (m *memory) grown(item int32) bool { return m.past.Touched[item] > few }

// grow notes that an item was touched. One that is known by now leaves the lists
// of the young with others, when they are many: until then who reads passes over
// them.
func (m *memory) grow(item int32) {
	if m.past.Touched[item] != few+1 || int(item) >= len(m.facts) {
		return
	}
	for _, c := range places(m.facts[item]) {
		m.stale[c]++
		if list := m.young[c]; m.stale[c] > 256+len(list)/64 {
			m.young.set(c, slices.DeleteFunc(list, m.grown))
			delete(m.stale, c)
		}
	}
}

// without takes those of some items out of a list that it has, in place.
func (m *memory) without(list, items []int32) []int32 {
	slices.SortFunc(items, m.byAge)
	kept, from := list[:0], 0
	for _, item := range items {
		n, there := slices.BinarySearchFunc(list[from:], item, m.byAge)
		kept = append(kept, list[from:from+n]...)
		if from += n; there {
			from++
		}
	}
	return append(kept, list[from:]...)
}

// with puts items into a list that does not have them.
func (m *memory) with(list, items []int32) []int32 {
	slices.SortFunc(items, m.byAge)
	end := len(list)
	list = append(list, items...)
	for k := len(items) - 1; k >= 0; k-- {
		n, _ := slices.BinarySearchFunc(list[:end], items[k], m.byAge)
		copy(list[n+k+1:], list[n:end])
		list[n+k], end = items[k], n
	}
	return list
}

// byAge orders items that are described, the newest first.
func (m *memory) byAge(a, b int32) int {
	x, y := m.facts[a], m.facts[b]
	return cmp.Or(y.Listed.Compare(x.Listed), cmp.Compare(x.ID, y.ID))
}
