package cf

import (
	"context"
	"math"
	"math/rand/v2"
)

// ALS factorises the matrix by alternating least squares on implicit
// feedback. A shopper whom it has not seen is folded in by one small solve.
type ALS struct {
	o      ALSOptions
	items  int
	factor []float32 // of items, each of o.Factors
	gram   []float32 // Σ factor·factorᵀ, scaled by o.Unobserved
	age    []float32
}

// ALSOptions say how ALS learns.
type ALSOptions struct {
	// Factors is the length of a vector. Defaults to 64.
	Factors int
	// Rounds is how often users and items take turns. Defaults to 8.
	Rounds int
	// Unobserved is the weight of a pair that did not meet, beside 1 for one
	// that did. Defaults to 0.1.
	Unobserved float64
	// Ridge keeps vectors short, more so those with many interactions. Defaults to 0.003.
	Ridge float64
	// Recency is that of [Kernel]; it works on the profile of a fold-in.
	Recency float64
	// Seed draws the first vectors.
	Seed uint64
}

func (o ALSOptions) withDefaults() ALSOptions {
	if o.Factors <= 0 {
		o.Factors = 64
	}
	if o.Rounds <= 0 {
		o.Rounds = 8
	}
	if o.Unobserved <= 0 {
		o.Unobserved = 0.1
	}
	if o.Ridge <= 0 {
		o.Ridge = 0.003
	}
	return o
}

// alsBytes is what fitting ALS takes.
func alsBytes(users, items, factors int) int64 { return int64(users+items) * int64(factors) * 4 }

// FitALS learns the vectors of items.
func FitALS(ctx context.Context, m *Matrix, o ALSOptions, workers int) (*ALS, error) {
	o = o.withDefaults()
	a := &ALS{o: o, items: m.items, factor: make([]float32, m.items*o.Factors), age: ages(o.Recency)}
	users := make([]float32, m.users*o.Factors)
	draw := rand.New(rand.NewPCG(o.Seed, 0x5eed)) //nolint:gosec // not a secret: a fit can be repeated
	scale := 0.1 / math.Sqrt(float64(o.Factors))
	for i := range a.factor {
		a.factor[i] = float32(draw.NormFloat64() * scale)
	}
	for range o.Rounds {
		if err := a.half(ctx, users, a.factor, &m.byUser, m.items, workers); err != nil {
			return nil, err
		}
		if err := a.half(ctx, a.factor, users, &m.byItem, m.users, workers); err != nil {
			return nil, err
		}
	}
	a.gram = gramOf(a.factor, o.Factors, float32(o.Unobserved))
	return a, nil
}

// half solves for all vectors of one side, given the other.
func (a *ALS) half(ctx context.Context, solve, given []float32, l *lists, others, workers int) error {
	d := a.o.Factors
	gram := gramOf(given, d, float32(a.o.Unobserved))
	n := len(l.from) - 1
	const block = 64
	return parallel(ctx, (n+block-1)/block, workers, func() func(b int) {
		s := newSolver(d)
		return func(b int) {
			for i := b * block; i < min(n, (b+1)*block); i++ {
				ids, weights := l.at(int32(i))
				if len(ids) == 0 {
					clear(solve[i*d : (i+1)*d])
					continue
				}
				ridge := a.o.Ridge * (float64(len(ids)) + a.o.Unobserved*float64(others))
				s.solve(solve[i*d:(i+1)*d], given, gram, ids, weights, float32(ridge))
			}
		}
	})
}

// gramOf returns weight times Σ v·vᵀ over all vectors.
func gramOf(vectors []float32, d int, weight float32) []float32 {
	sum := make([]float64, d*d)
	for len(vectors) > 0 {
		v := vectors[:d]
		for i, x := range v {
			if x == 0 {
				continue
			}
			row := sum[i*d : (i+1)*d]
			for j := range i + 1 {
				row[j] += float64(x * v[j])
			}
		}
		vectors = vectors[d:]
	}
	g := make([]float32, d*d)
	for i := range d {
		for j := range i + 1 {
			g[i*d+j] = float32(sum[i*d+j]) * weight
			g[j*d+i] = g[i*d+j]
		}
	}
	return g
}

// solver finds one vector by conjugate gradients. It belongs to one goroutine.
type solver struct{ r, p, ap []float32 }

func newSolver(d int) *solver {
	return &solver{make([]float32, d), make([]float32, d), make([]float32, d)}
}

// turns of the conjugate gradient: the last vector is a good start.
const turns = 3

// solve improves x towards the solution of
// (gram + ridge·I + Σ w·v·vᵀ) x = Σ w·v over the vectors v of ids.
func (s *solver) solve(x, given, gram []float32, ids []int32, weights []float32, ridge float32) {
	s.apply(s.ap, x, given, gram, ids, weights, ridge)
	for k := range s.r {
		s.r[k] = -s.ap[k]
	}
	d := len(x)
	for q, id := range ids {
		axpy(weight(weights, q), given[int(id)*d:][:d], s.r)
	}
	s.descend(x, given, gram, ids, weights, ridge)
}

// solveFor improves x like solve, for any right side b.
func (s *solver) solveFor(b, x, given, gram []float32, ids []int32, weights []float32, ridge float32) {
	s.apply(s.ap, x, given, gram, ids, weights, ridge)
	for k := range s.r {
		s.r[k] = b[k] - s.ap[k]
	}
	s.descend(x, given, gram, ids, weights, ridge)
}

// descend takes the turns from the residual in r.
func (s *solver) descend(x, given, gram []float32, ids []int32, weights []float32, ridge float32) {
	copy(s.p, s.r)
	rr := dot(s.r, s.r)
	for range turns {
		if rr < 1e-12 {
			return
		}
		s.apply(s.ap, s.p, given, gram, ids, weights, ridge)
		alpha := rr / dot(s.p, s.ap)
		axpy(alpha, s.p, x)
		axpy(-alpha, s.ap, s.r)
		next := dot(s.r, s.r)
		beta := next / rr
		for k := range s.p {
			s.p[k] = s.r[k] + beta*s.p[k]
		}
		rr = next
	}
}

// apply sets out to the matrix of solve times x.
func (s *solver) apply(out, x, given, gram []float32, ids []int32, weights []float32, ridge float32) {
	d := len(x)
	for k := range out {
		out[k] = dot(gram[k*d:(k+1)*d], x) + ridge*x[k]
	}
	for q, id := range ids {
		v := given[int(id)*d:][:d]
		axpy(weight(weights, q)*dot(v, x), v, out)
	}
}

func weight(weights []float32, q int) float32 {
	if weights == nil {
		return 1
	}
	return weights[q]
}

// Score implements [Model].
func (a *ALS) Score(p Profile, into *Scores) {
	into.Reset(a.items)
	into.all(a.items)
	d := a.o.Factors
	ids, weights, ridge := a.known(p)
	x := make([]float32, d)
	s := newSolver(d)
	for range folds {
		s.solve(x, a.factor, a.gram, ids, weights, ridge)
	}
	for i := range a.items {
		into.value[i] = dot(x, a.factor[i*d:(i+1)*d])
	}
}

// folds is how often the solver is called to fold somebody in.
const folds = 4

// known returns the entries of a profile that the model knows, and the ridge
// that goes with them.
func (a *ALS) known(p Profile) (ids []int32, weights []float32, ridge float32) {
	var total float64
	for pos, e := range p[:min(len(p), ProfileCap)] {
		if e.Item >= 0 && int(e.Item) < a.items {
			ids, weights = append(ids, e.Item), append(weights, e.Weight*a.age[pos])
			total += float64(e.Weight * a.age[pos])
		}
	}
	return ids, weights, float32(a.o.Ridge * (total + a.o.Unobserved*float64(a.items)))
}

// Why implements [Explainer]: with A the matrix of the fold-in, the score of a
// target is the sum of w·vᵀ A⁻¹ v(target) over the profile.
func (a *ALS) Why(p Profile, target int32) (source int32, found bool) {
	ids, weights, ridge := a.known(p)
	if target < 0 || int(target) >= a.items || len(ids) == 0 {
		return 0, false
	}
	d := a.o.Factors
	y := make([]float32, d)
	s := newSolver(d)
	for range folds {
		s.solveFor(a.factor[int(target)*d:][:d], y, a.factor, a.gram, ids, weights, ridge)
	}
	var best float32
	for q, id := range ids {
		if v := weights[q] * dot(y, a.factor[int(id)*d:][:d]); v > best {
			best, source, found = v, id, true
		}
	}
	return source, found
}

// Bytes implements [Model].
func (a *ALS) Bytes() int64 { return int64(len(a.factor)+len(a.gram)) * 4 }

// Vector returns a copy of the vector of an item.
func (a *ALS) Vector(item int32) []float32 {
	d := a.o.Factors
	return append([]float32(nil), a.factor[int(item)*d:][:d]...)
}
