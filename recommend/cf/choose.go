package cf

import "context"

// shapes are the exponents that a trial compares. They were found on shopping
// baskets, purchases in order of time, check-ins and ratings; the first of a
// kind is the safest.
func shapes(kind Kind) []Kernel {
	switch kind {
	case ItemKNN:
		return []Kernel{{User: .5, Target: .2, Source: .5}, {User: 0, Target: .3, Source: .7}}
	case RP3Beta:
		return []Kernel{{User: .9, Target: .05, Source: .6}, {User: 1, Target: .3, Source: .7}}
	default:
		return append(shapes(ItemKNN), shapes(RP3Beta)[0])
	}
}

// orders are how much the order in time may say, from nothing to most. The
// next one has to win clearly: it makes a model that follows the last moments,
// and what is far ahead pays for that.
func orders() []Kernel {
	return []Kernel{{}, {Recency: .5, Gap: .5}, {Recency: 1, Gap: .5}}
}

// choose measures the candidates and returns the best of them.
func (f *fitter) choose(ctx context.Context) (Trial, error) {
	h := f.m.hold(f.o.TrialUsers, f.o.OnlyLast)
	var running []Trial // for the choice; an order that does not win clearly is not
	if f.o.Kind != Dense && f.o.Kind != LeastSquares {
		var err error
		if running, err = f.tryKernels(ctx, h); err != nil {
			return Trial{}, err
		}
	}
	sparse := len(f.trials)
	for _, kind := range []Kind{Dense, LeastSquares} {
		if f.o.Kind == kind || f.o.Kind == Auto && f.worthwhile(kind) {
			if err := f.tryModel(ctx, h, kind); err != nil {
				return Trial{}, err
			}
		}
	}
	running = append(running, f.trials[sparse:]...)
	best := running[0]
	for _, t := range running {
		if t.NDCG > best.NDCG {
			best = t
		}
	}
	return best, nil
}

// worthwhile reports whether Auto tries a kind: EASE where its cost is
// bearable, least squares where the data is dense and EASE is not tried.
func (f *fitter) worthwhile(kind Kind) bool {
	fits := f.m.items <= f.o.DenseItems && easeBytes(f.m.items) <= f.o.MaxBytes
	if kind == Dense {
		return fits && f.m.items > 0
	}
	const dense = 50
	return !fits && f.m.Interactions() >= dense*f.m.items && alsBytes(f.m.users, f.m.items, 64) <= f.o.MaxBytes
}

// tryKernels finds how much order says with the first shape, and measures the
// other shapes with that order. It returns all of the order that won.
func (f *fitter) tryKernels(ctx context.Context, h *holdout) ([]Trial, error) {
	all := shapes(f.o.Kind)
	var first []Kernel
	for _, o := range orders() {
		k := all[0]
		k.Recency, k.Gap = o.Recency, o.Gap
		first = append(first, k)
	}
	if err := f.tryAll(ctx, h, first); err != nil {
		return nil, err
	}
	best := f.trials[0]
	for n, t := range f.trials[1:] {
		if t.NDCG > best.NDCG*clearly(n) {
			best = t
		}
	}
	tried := len(f.trials)
	var second []Kernel
	for _, k := range all[1:] {
		k.Recency, k.Gap = best.Kernel.Recency, best.Kernel.Gap
		second = append(second, k)
	}
	err := f.tryAll(ctx, h, second)
	return append([]Trial{best}, f.trials[tried:]...), err
}

// clearly is by how much the n-th order after the first must win.
func clearly(n int) float64 { return 1 + .03*float64(n) }

func (f *fitter) tryAll(ctx context.Context, h *holdout, all []Kernel) error {
	quality, err := h.kernels(ctx, all, f.o.Workers)
	for i, q := range quality {
		f.trials = append(f.trials, Trial{Kind: kindOf(all[i]), Kernel: all[i], NDCG: q})
	}
	return err
}

func kindOf(k Kernel) Kind {
	if k.User > .5 {
		return RP3Beta
	}
	return ItemKNN
}

// tryModel measures a model that takes the order in time from the profile
// alone.
func (f *fitter) tryModel(ctx context.Context, h *holdout, kind Kind) error {
	model, err := f.fit(ctx, h.train, Trial{Kind: kind})
	if err != nil {
		return err
	}
	a, ok := model.(aged)
	if !ok {
		return nil
	}
	for _, recency := range []float64{0, .5, 1} {
		q, err := h.try(ctx, a.withRecency(recency), f.o.Workers)
		if err != nil {
			return err
		}
		f.trials = append(f.trials, Trial{Kind: kind, Recency: recency, NDCG: q})
	}
	return nil
}

// aged is a model whose recency can be changed without fitting it again.
type aged interface{ withRecency(recency float64) Model }

func (e *EASE) withRecency(recency float64) Model {
	c := *e
	c.age = ages(recency)
	return &c
}

func (a *ALS) withRecency(recency float64) Model {
	c := *a
	c.age = ages(recency)
	return &c
}
