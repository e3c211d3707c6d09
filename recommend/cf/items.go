package cf

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
)

// Items is the item-to-item model: the likeness of every target to its best
// sources. The neighbours belong to the item that is scored: cutting the list
// of the item that was looked at instead would leave most of the catalogue
// without any.
type Items struct {
	kernel  Kernel
	items   int
	sources lists // of each source: its targets, by number
	age     []float32
	newer   map[int32][]Entry // rows of targets that replace what sources says
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
	it := &Items{kernel: k, items: m.items, age: ages(k.Recency)}
	it.sources = turn(m.items, block, blocks, sizes)
	return it, nil
}

// turn lists the rows of targets by source.
func turn(items, block int, blocks [][]Entry, sizes []int32) lists {
	l := lists{from: make([]int32, items+1)}
	total := 0
	for _, b := range blocks {
		total += len(b)
		for _, e := range b {
			l.from[e.Item+1]++
		}
	}
	for i := range items {
		l.from[i+1] += l.from[i]
	}
	l.ids, l.weight = make([]int32, total), make([]float32, total)
	next := append([]int32(nil), l.from...)
	for b, entries := range blocks {
		for i := b * block; i < min(items, (b+1)*block); i++ {
			for _, e := range entries[:sizes[i]] {
				l.ids[next[e.Item]], l.weight[next[e.Item]] = int32(i), e.Weight
				next[e.Item]++
			}
			entries = entries[sizes[i]:]
		}
		blocks[b] = nil
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
	for pos, e := range p[:min(len(p), ProfileCap)] {
		if e.Item < 0 || int(e.Item) >= len(it.sources.from)-1 {
			continue
		}
		ids, weights := it.sources.at(e.Item)
		w := e.Weight * it.age[pos]
		for q, id := range ids {
			if !into.seen[id] {
				into.seen[id] = true
				into.touched = append(into.touched, id)
			}
			into.value[id] += w * weights[q]
		}
	}
	if len(it.newer) > 0 {
		it.scoreNewer(p, into)
	}
}

// Bytes implements [Model].
func (it *Items) Bytes() int64 { return int64(len(it.sources.ids))*8 + int64(len(it.sources.from))*4 }

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
