package cf

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
)

// Kind names a model, or how to choose one.
type Kind string

// The kinds.
const (
	// Auto measures the others on the newest interactions and takes the best.
	Auto Kind = "auto"
	// ItemKNN is item-to-item likeness by cosine; its exponents are chosen on
	// the newest interactions.
	ItemKNN Kind = "itemknn"
	// RP3Beta is item-to-item likeness by a random walk of three steps; its
	// exponents are chosen on the newest interactions.
	RP3Beta Kind = "rp3beta"
	// LeastSquares is [ALS].
	LeastSquares Kind = "als"
	// Dense is [EASE].
	Dense Kind = "ease"
	// MostPopular is [Popular].
	MostPopular Kind = "popular"
)

// Kinds returns every kind.
func Kinds() []Kind { return []Kind{Auto, ItemKNN, RP3Beta, LeastSquares, Dense, MostPopular} }

// Options say how to fit.
type Options struct {
	// Kind defaults to Auto.
	Kind Kind
	// Chosen, where it is set, is fitted as it is: no kind is measured.
	Chosen *Trial
	// OnlyLast: the last interaction of a user is what matters, as in baskets;
	// else the newest fifth of them.
	OnlyLast bool
	// Share of the most recent users that MostPopular counts. Defaults to 1.
	Share float64
	// TrialUsers is how many users the choice is measured on, the most recent.
	// Defaults to 4,000.
	TrialUsers int
	// DenseItems is the largest catalogue for which Auto tries EASE, whose time
	// grows with the third power: some 9 s for 4,000 on two cores, and once more
	// where it wins. Defaults to 4,000.
	DenseItems int
	// MaxBytes is the memory that a model may take. Defaults to [DefaultBytes].
	MaxBytes int64
	// Workers is how many goroutines fit. Defaults to the processors.
	Workers int
	// Seed of what is drawn.
	Seed uint64
}

func (o Options) withDefaults() Options {
	if o.Kind == "" {
		o.Kind = Auto
	}
	if o.Share <= 0 {
		o.Share = 1
	}
	if o.TrialUsers <= 0 {
		o.TrialUsers = 4000
	}
	if o.DenseItems <= 0 {
		o.DenseItems = 4000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultBytes
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o
}

// Trial is what a candidate reached.
type Trial struct {
	Kind   Kind
	Kernel Kernel // of ItemKNN and RP3Beta
	// Recency of the other kinds.
	Recency float64
	// NDCG at 20 on the hidden interactions.
	NDCG float64
}

// String describes the candidate in one line.
func (t Trial) String() string {
	if t.Kind == ItemKNN || t.Kind == RP3Beta {
		k := t.Kernel
		return fmt.Sprintf("%s user=%g target=%g source=%g recency=%g gap=%g", t.Kind, k.User, k.Target, k.Source, k.Recency, k.Gap)
	}
	return fmt.Sprintf("%s recency=%g", t.Kind, t.Recency)
}

// Fitted is a model and how it was chosen.
type Fitted struct {
	Model  Model
	Chosen Trial
	// Trials are all candidates that were measured, in the order of the trial.
	Trials []Trial
}

// Fit fits a model. The same matrix and options give the same model, whatever
// the number of workers. Invalid for an unknown kind, Exhausted where the kind
// that was asked for does not fit into the memory, Canceled with ctx.
func Fit(ctx context.Context, m *Matrix, o Options) (*Fitted, error) {
	o = o.withDefaults()
	f := &fitter{m: m, o: o}
	var chosen Trial
	var err error
	switch {
	case o.Chosen != nil && o.Chosen.Kind != Auto && slices.Contains(Kinds(), o.Chosen.Kind):
		chosen = *o.Chosen
	case o.Kind == MostPopular:
		chosen.Kind = MostPopular
	case o.Kind == Auto, o.Kind == ItemKNN, o.Kind == RP3Beta, o.Kind == LeastSquares, o.Kind == Dense:
		chosen, err = f.choose(ctx)
	default:
		return nil, fault.New(fault.Invalid, "cf.kind", "there is no such model").With("kind", string(o.Kind))
	}
	if err != nil {
		return nil, err
	}
	model, err := f.fit(ctx, m, chosen)
	if err != nil {
		return nil, err
	}
	return &Fitted{Model: model, Chosen: chosen, Trials: f.trials}, nil
}

type fitter struct {
	m      *Matrix
	o      Options
	trials []Trial
}

func (f *fitter) fit(ctx context.Context, m *Matrix, t Trial) (Model, error) {
	switch t.Kind {
	case LeastSquares:
		if need := alsBytes(m.users, m.items, 64); need > f.o.MaxBytes {
			return nil, fault.New(fault.Exhausted, "cf.als_too_large", "the vectors do not fit into the memory").
				With("bytes", need).With("max", f.o.MaxBytes)
		}
		return FitALS(ctx, m, ALSOptions{Seed: f.o.Seed, Recency: t.Recency}, f.o.Workers)
	case Dense:
		return FitEASE(ctx, m, EASEOptions{MaxBytes: f.o.MaxBytes, Recency: t.Recency}, f.o.Workers)
	case MostPopular:
		return FitPopular(m, f.o.Share), nil
	default:
		return FitItems(ctx, m, t.Kernel, f.o.Workers)
	}
}
