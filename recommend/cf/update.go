package cf

import (
	"cmp"
	"context"
	"slices"
)

// Part is what an update of some rows needs of the whole: all interactions of
// all users of the targets.
type Part struct {
	// Matrix holds the users of the targets with everything they did, numbered
	// in any way, over the items of the whole, new ones behind the known.
	Matrix *Matrix
	// Degree is, of each item, the sum of the squared weights of all its users
	// in the whole.
	Degree []float32
	// Targets are the items whose rows are computed again.
	Targets []int32
}

// Update returns a model in which the rows of the targets are those of now.
// The model itself stays as it is, and shares its memory with the result. However
// often rows are computed again, what they replace is dropped in time: a model takes
// at most twice what its lowest layer does, 8 bytes a neighbour and 4 an item, and
// an answer costs about the same. An update needs some further bytes an item while
// it runs.
func (it *Items) Update(ctx context.Context, part Part, workers int) (*Items, error) {
	m := part.Matrix
	n := &norms{kernel: it.kernel, user: make([]float32, m.users), target: make([]float32, m.items), source: make([]float32, m.items)}
	if it.kernel.Gap != 0 {
		n.near = ages(it.kernel.Gap)
	}
	for u := range int32(m.users) {
		n.user[u] = pow(float64(min(m.byUser.size(u), UserCap)), -it.kernel.User)
	}
	for i, d := range part.Degree[:m.items] {
		if m.byItem.size(int32(i)) > 0 {
			n.target[i], n.source[i] = pow(float64(d), it.kernel.Target), pow(float64(d), it.kernel.Source)
		}
	}
	targets := slices.Compact(slices.Sorted(slices.Values(part.Targets)))
	if len(targets) == 0 {
		return it, nil
	}
	rows := make([][]Entry, len(targets))
	most := it.kernel.neighbours(m.items)
	err := parallel(ctx, len(rows), workers, func() func(b int) {
		r := &rower{m: m}
		return func(b int) {
			r.count(targets[b], n)
			rows[b] = slices.Clone(r.row(targets[b], n, most))
		}
	})
	if err != nil {
		return nil, err
	}
	next := *it
	next.items = max(it.items, m.items)
	next.layers = pile(it.layers, newLayer(targets, rows), next.items)
	return &next, nil
}

// layer are rows that take the place of those of the same targets in the layers
// below. Listed by source they cost an answer what its profile has to do with,
// however many they are.
type layer struct {
	// Targets and sources by number. Those of the lowest layer, of the fit, are
	// not named: it has a list for every item.
	targets, sources []int32
	lists            lists // of each source: its targets, by number
}

// newLayer lists rows by source; the targets are in order.
func newLayer(targets []int32, rows [][]Entry) layer {
	type link struct {
		source, target int32
		weight         float32
	}
	var links []link
	for n, row := range rows {
		for _, e := range row {
			links = append(links, link{e.Item, targets[n], e.Weight})
		}
	}
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Compare(a.source, b.source) })
	l := layer{targets: targets, lists: lists{ids: make([]int32, len(links)), weight: make([]float32, len(links))}}
	for n, x := range links {
		if n == 0 || x.source != links[n-1].source {
			l.sources, l.lists.from = append(l.sources, x.source), append(l.lists.from, int32(n))
		}
		l.lists.ids[n], l.lists.weight[n] = x.target, x.weight
	}
	l.lists.from = append(l.lists.from, int32(len(links)))
	return l
}

// of returns the targets of a source, which may be one that came later.
func (l *layer) of(source int32) ([]int32, []float32) {
	n, there := int(source), source >= 0 && int(source) < len(l.lists.from)-1
	if l.targets != nil {
		n, there = slices.BinarySearch(l.sources, source)
	}
	if !there {
		return nil, nil
	}
	return l.lists.at(int32(n))
}

func (l *layer) bytes() int64 {
	return 8*int64(len(l.lists.ids)) + 4*int64(len(l.lists.from)+len(l.sources)+len(l.targets))
}

// pile puts a layer on others. Each stays at least twice as large as the next, so
// that there are few, and an entry is seldom copied.
func pile(below []layer, top layer, items int) []layer {
	for n := len(below) - 1; n >= 0 && below[n].bytes() < 2*top.bytes(); n-- {
		top = below[n].under(top, items)
		below = below[:n]
	}
	return append(slices.Clone(below), top)
}

// under makes one layer of two.
func (l *layer) under(top layer, items int) layer {
	var both layer
	sources := items // of the lowest
	if l.targets != nil {
		both.targets, both.sources = union(l.targets, top.targets), union(l.sources, top.sources)
		sources = len(both.sources)
	}
	most := len(l.lists.ids) + len(top.lists.ids)
	to := &both.lists
	*to = lists{from: make([]int32, 1, sources+1), ids: make([]int32, 0, most), weight: make([]float32, 0, most)}
	for n := range int32(sources) {
		source := n
		if both.sources != nil {
			source = both.sources[n]
		}
		ids, weights := top.of(source)
		old, were := l.of(source)
		for q, target := range old {
			if _, replaced := slices.BinarySearch(top.targets, target); replaced {
				continue
			}
			for len(ids) > 0 && ids[0] < target {
				to.ids, to.weight = append(to.ids, ids[0]), append(to.weight, weights[0])
				ids, weights = ids[1:], weights[1:]
			}
			to.ids, to.weight = append(to.ids, target), append(to.weight, were[q])
		}
		to.ids, to.weight = append(to.ids, ids...), append(to.weight, weights...)
		to.from = append(to.from, int32(len(to.ids)))
	}
	return both
}

// union returns what is in one of two lists, each in order, or in both.
func union(a, b []int32) []int32 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}
