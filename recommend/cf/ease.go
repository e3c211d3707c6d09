package cf

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
)

// EASE is the linear autoencoder with a zero diagonal in closed form. It holds
// a number for every pair of items, so it is for catalogues, or categories, of
// a few thousand.
type EASE struct {
	items  int
	weight []float32 // of source, target
	age    []float32
}

// EASEOptions say how EASE learns.
type EASEOptions struct {
	// Ridge keeps the weights small. Defaults to 200.
	Ridge float64
	// Recency is that of [Kernel].
	Recency float64
	// MaxBytes is how much memory it may take. Defaults to 400 MiB.
	MaxBytes int64
}

// easeBytes is what fitting EASE takes.
func easeBytes(items int) int64 { return int64(items) * int64(items) * 4 }

// FitEASE solves for the weights. Exhausted where the catalogue is too large.
func FitEASE(ctx context.Context, m *Matrix, o EASEOptions, workers int) (*EASE, error) {
	if o.Ridge <= 0 {
		o.Ridge = 200
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultBytes
	}
	if need := easeBytes(m.items); need > o.MaxBytes {
		return nil, fault.New(fault.Exhausted, "cf.ease_too_large", "the catalogue is too large for a dense model").
			With("items", m.items).With("bytes", need).With("max", o.MaxBytes)
	}
	n := m.items
	g := square{n: n, v: make([]float32, n*n)}
	if err := g.gram(ctx, m, float32(o.Ridge), workers); err != nil {
		return nil, err
	}
	if err := g.invert(ctx, workers); err != nil {
		return nil, err
	}
	g.mirror()
	diagonal := make([]float32, n)
	for j := range n {
		diagonal[j] = g.v[j*n+j]
	}
	for i := range n {
		row := g.v[i*n : (i+1)*n]
		for j, d := range diagonal {
			row[j] /= -d
		}
		row[i] = 0
	}
	return &EASE{items: n, weight: g.v, age: ages(o.Recency)}, nil
}

// Score implements [Model].
func (e *EASE) Score(p Profile, into *Scores) {
	into.Reset(e.items)
	into.all(e.items)
	for pos, x := range p[:min(len(p), ProfileCap)] {
		if x.Item < 0 || int(x.Item) >= e.items {
			continue
		}
		axpy(x.Weight*e.age[pos], e.weight[int(x.Item)*e.items:][:e.items], into.value)
	}
}

// Bytes implements [Model].
func (e *EASE) Bytes() int64 { return int64(len(e.weight)) * 4 }

// Why implements [Explainer]: a score is a sum over the profile.
func (e *EASE) Why(p Profile, target int32) (source int32, found bool) {
	var best float32
	for pos, x := range p[:min(len(p), ProfileCap)] {
		if x.Item < 0 || int(x.Item) >= e.items || target < 0 || int(target) >= e.items {
			continue
		}
		if v := x.Weight * e.age[pos] * e.weight[int(x.Item)*e.items+int(target)]; v > best {
			best, source, found = v, x.Item, true
		}
	}
	return source, found
}
