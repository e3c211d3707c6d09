package cf

import (
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
// about twice the memory of its rows at most, and an answer costs about the same.
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
	next.layers = pile(it.layers, layer{targets, turn(next.items, func(yield func(int32, []Entry) bool) {
		for b, target := range targets {
			if !yield(target, rows[b]) {
				return
			}
		}
	})}, next.items)
	return &next, nil
}

// layer are rows that take the place of those of the same targets in the layers
// below. Listed by source they cost an answer what its profile has to do with,
// however many they are.
type layer struct {
	targets []int32 // by number; those of the lowest layer, of the fit, are not named
	sources lists   // of each source: its targets, by number
}

// of returns the targets of a source, which may be one that came later.
func (l *layer) of(source int32) ([]int32, []float32) {
	if source < 0 || int(source) >= len(l.sources.from)-1 {
		return nil, nil
	}
	return l.sources.at(source)
}

func (l *layer) size() int { return len(l.targets) + len(l.sources.ids) }

// pile puts a layer on others. Each stays at least twice as large as the next, so
// that there are few, and an entry is seldom copied.
func pile(below []layer, top layer, items int) []layer {
	for n := len(below) - 1; n >= 0 && below[n].size() < 2*top.size(); n-- {
		top = below[n].under(top, items)
		below = below[:n]
	}
	return append(slices.Clone(below), top)
}

// under makes one layer of two.
func (l *layer) under(top layer, items int) layer {
	replaced := make([]bool, items)
	for _, target := range top.targets {
		replaced[target] = true
	}
	most := len(l.sources.ids) + len(top.sources.ids)
	both := lists{from: make([]int32, 1, items+1), ids: make([]int32, 0, most), weight: make([]float32, 0, most)}
	add := func(target int32, weight float32) {
		both.ids, both.weight = append(both.ids, target), append(both.weight, weight)
	}
	for source := range int32(items) {
		ids, weights := top.of(source)
		old, were := l.of(source)
		for q, target := range old {
			if replaced[target] {
				continue
			}
			for len(ids) > 0 && ids[0] < target {
				add(ids[0], weights[0])
				ids, weights = ids[1:], weights[1:]
			}
			add(target, were[q])
		}
		both.ids, both.weight = append(both.ids, ids...), append(both.weight, weights...)
		both.from = append(both.from, int32(len(both.ids)))
	}
	if l.targets == nil { // all are in the lowest
		return layer{nil, both}
	}
	kept := slices.DeleteFunc(slices.Clone(l.targets), func(target int32) bool { return replaced[target] })
	targets := append(kept, top.targets...)
	slices.Sort(targets)
	return layer{targets, both}
}
