package cf

import (
	"context"
	"maps"
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
// The model itself stays as it is, and shares its memory with the result.
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
		n.target[i], n.source[i] = pow(float64(d), it.kernel.Target), pow(float64(d), it.kernel.Source)
	}
	rows := make([][]Entry, len(part.Targets))
	most := it.kernel.neighbours(m.items)
	err := parallel(ctx, len(rows), workers, func() func(b int) {
		r := &rower{m: m}
		return func(b int) {
			r.count(part.Targets[b], n)
			rows[b] = slices.Clone(r.row(part.Targets[b], n, most))
		}
	})
	if err != nil {
		return nil, err
	}
	next := *it
	next.items = max(it.items, m.items)
	next.newer = maps.Clone(it.newer)
	if next.newer == nil {
		next.newer = map[int32][]Entry{}
	}
	for b, target := range part.Targets {
		next.newer[target] = rows[b]
	}
	return &next, nil
}

// Updated returns how many rows stand beside those of the fit. Each costs a
// little of every answer, so that a fit is due when there are many.
func (it *Items) Updated() int { return len(it.newer) }

// scoreNewer replaces the scores of the targets with rows of their own.
func (it *Items) scoreNewer(p Profile, into *Scores) {
	if len(into.mark) < it.items {
		into.mark = make([]float32, it.items)
	}
	p = p[:min(len(p), ProfileCap)]
	for pos, e := range p {
		if e.Item >= 0 && int(e.Item) < it.items {
			into.mark[e.Item] += e.Weight * it.age[pos]
		}
	}
	for target, row := range it.newer {
		var sum float32
		for _, e := range row {
			sum += e.Weight * into.mark[e.Item]
		}
		if sum != 0 || into.seen[target] {
			into.Set(target, sum)
		}
	}
	for _, e := range p {
		if e.Item >= 0 && int(e.Item) < it.items {
			into.mark[e.Item] = 0
		}
	}
}

// Why returns the entry of a profile that says the most for a target.
func (it *Items) Why(p Profile, target int32) (source int32, found bool) {
	var best float32
	row, newer := it.newer[target]
	for pos, e := range p[:min(len(p), ProfileCap)] {
		var likeness float32
		switch {
		case newer:
			for _, r := range row {
				if r.Item == e.Item {
					likeness = r.Weight
				}
			}
		case e.Item >= 0 && int(e.Item) < len(it.sources.from)-1:
			ids, weights := it.sources.at(e.Item)
			if q, ok := slices.BinarySearch(ids, target); ok {
				likeness = weights[q]
			}
		}
		if v := likeness * e.Weight * it.age[pos]; v > best {
			best, source, found = v, e.Item, true
		}
	}
	return source, found
}
