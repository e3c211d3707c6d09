package cf

import (
	"context"
	"iter"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Items is the item-to-item model: the likeness of every target to its best
// sources. The neighbours belong to the item that is scored: cutting the list
// of the item that was looked at instead would leave most of the catalogue
// without any.
type Items struct {
	kernel Kernel
	items  int
	age    []float32
	layers []layer // the rows of the fit, then those computed since
}

// FitItems computes the rows of every item.
func FitItems(ctx context.Context, m *Matrix, k Kernel, workers int) (*Items, error) {
	const block = 128
	n := m.norms(k)
	most := k.neighbours(m.items)
	blocks := make([][]Entry, (m.items+block-1)/block)
	sizes := make([]int32, m.items)
	err := parallel(ctx, len(blocks), workers, func() func(b int) {
		r := &rower{m: m}
		return func(b int) {
			var out []Entry
			for i := b * block; i < min(m.items, (b+1)*block); i++ {
				r.count(int32(i), n)
				row := r.row(int32(i), n, most)
				sizes[i] = int32(len(row))
				out = append(out, row...)
			}
			blocks[b] = out
		}
	})
	if err != nil {
		return nil, err
	}
	fitted := turn(m.items, func(yield func(int32, []Entry) bool) {
		for b, entries := range blocks {
			for i := b * block; i < min(m.items, (b+1)*block); i++ {
				if !yield(int32(i), entries[:sizes[i]]) {
					return
				}
				entries = entries[sizes[i]:]
			}
		}
	})
	return &Items{kernel: k, items: m.items, age: ages(k.Recency), layers: []layer{{lists: fitted}}}, nil
}

// turn lists rows, which come in the order of their targets, by source.
func turn(items int, rows iter.Seq2[int32, []Entry]) lists {
	l := lists{from: make([]int32, items+1)}
	for _, row := range rows {
		for _, e := range row {
			l.from[e.Item+1]++
		}
	}
	for i := range items {
		l.from[i+1] += l.from[i]
	}
	l.ids, l.weight = make([]int32, l.from[items]), make([]float32, l.from[items])
	next := slices.Clone(l.from)
	for target, row := range rows {
		for _, e := range row {
			l.ids[next[e.Item]], l.weight[next[e.Item]] = target, e.Weight
			next[e.Item]++
		}
	}
	return l
}

// ages returns the weights of a profile's entries by position.
func ages(recency float64) []float32 {
	a := make([]float32, ProfileCap)
	for p := range a {
		a[p] = float32(math.Pow(float64(p+1), -recency))
	}
	return a
}

// Score implements [Model].
func (it *Items) Score(p Profile, into *Scores) {
	into.Reset(it.items)
	for _, l := range it.layers {
		for _, target := range l.targets {
			into.value[target] = 0 // a newer row than those below
		}
		for pos, e := range p[:min(len(p), ProfileCap)] {
			ids, weights := l.of(e.Item)
			w := e.Weight * it.age[pos]
			for q, id := range ids {
				if !into.seen[id] {
					into.seen[id] = true
					into.touched = append(into.touched, id)
				}
				into.value[id] += w * weights[q]
			}
		}
	}
}

// Why implements [Explainer].
func (it *Items) Why(p Profile, target int32) (source int32, found bool) {
	newest := it.layers[0]
	for _, l := range it.layers[1:] {
		if _, there := slices.BinarySearch(l.targets, target); there {
			newest = l
		}
	}
	var best float32
	for pos, e := range p[:min(len(p), ProfileCap)] {
		ids, weights := newest.of(e.Item)
		if q, there := slices.BinarySearch(ids, target); there {
			if v := weights[q] * e.Weight * it.age[pos]; v > best {
				best, source, found = v, e.Item, true
			}
		}
	}
	return source, found
}

// Bytes implements [Model].
func (it *Items) Bytes() int64 {
	total := int64(0)
	for _, l := range it.layers {
		total += l.bytes()
	}
	return total
}

// parallel calls the functions that worker returns, one for each of workers
// goroutines, for every number below n. Which goroutine gets which number
// must not matter to the result.
func parallel(ctx context.Context, n, workers int, worker func() func(i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, min(workers, n)) {
		wg.Go(func() {
			do := worker()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
