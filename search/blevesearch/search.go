package blevesearch

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/search"
)

// enough is how many products with all words make those with some of them
// unnecessary.
const enough = 20

// leastCoverage is the share of a query, by the weight of its words, that a
// product needs to be shown at all.
const leastCoverage = 0.12

// Search implements [search.Index].
func (x *Index) Search(ctx context.Context, q search.Query) (search.Result, error) {
	return x.search(ctx, q, false)
}

func (x *Index) search(ctx context.Context, q search.Query, thorough bool) (search.Result, error) {
	if err := q.Validate(); err != nil {
		return search.Result{}, err
	}
	var out search.Result
	err := x.use(func(live *shelf) error {
		r, err := live.read(ctx)
		if err != nil {
			return err
		}
		defer r.release()
		run := &run{index: x, reading: r, query: q, generation: x.generation(live), thorough: thorough}
		out, err = run.search(ctx)
		return search.Failure(err)
	})
	return out, err
}

// run is one search.
type run struct {
	*reading
	index      *Index
	query      search.Query
	generation uint64
	thorough   bool // every posting is read

	plan      search.Plan
	weights   []float64
	step      search.Step
	corrected string
	better    string
	filters   filterSet
}

func (u *run) search(ctx context.Context) (search.Result, error) {
	cursor, err := search.DecodeCursor(&u.query, u.query.After)
	if err != nil {
		return search.Result{}, err
	}
	size, err := (page.Request{Limit: u.query.Limit}).Size()
	if err != nil {
		return search.Result{}, err
	}
	u.filters = u.compile(u.query.Filters)
	c := &u.index.config
	u.plan = search.NewPlan(&c.Analyzer, c.Thesaurus, u.query.Text, u.query.Typing)
	found, err := u.find(ctx)
	if err != nil {
		return search.Result{}, err
	}
	out := search.Result{
		Step: u.step, Query: u.corrected, DidYouMean: u.better, Generation: u.generation,
		Redirect: u.query.Steering.Redirect, Total: len(found.hits), Full: found.full,
		Moved: cursor.Generation != 0 && cursor.Generation != u.generation,
	}
	out.Facets = u.facets(u.query.Facets, found)
	if u.step == search.StepPopular {
		out.Total, out.Full = 0, 0
	}
	u.page(&out, found, cursor, size)
	return out, nil
}

// find goes down the ladder until something is found.
func (u *run) find(ctx context.Context) (*matches, error) {
	if len(u.plan.Wants) == 0 {
		u.step = search.StepAll
		if words(u.query.Text) {
			u.step = search.StepPopular
		}
		return u.everything(), nil
	}
	if !u.query.Literal {
		if err := u.correct(ctx); err != nil {
			return nil, err
		}
	}
	if u.plan.Typing {
		if err := u.complete(ctx); err != nil {
			return nil, err
		}
	}
	for _, step := range []func(context.Context) error{nil, u.blur} {
		if step != nil {
			if u.query.Literal {
				break
			}
			if err := step(ctx); err != nil {
				return nil, err
			}
		}
		var err error
		if u.weights, err = u.weigh(ctx, &u.plan); err != nil {
			return nil, err
		}
		found, err := u.look(ctx, step != nil)
		if err != nil || found.any {
			return found, err
		}
	}
	u.step, u.plan = search.StepPopular, search.Plan{}
	u.corrected, u.better = "", ""
	if u.suggesting {
		return &matches{}, nil // nobody is shown what sells best while typing
	}
	return u.everything(), nil
}

// look finds the products with all words alone, where no others are shown, and
// those with some of them else.
func (u *run) look(ctx context.Context, blurred bool) (*matches, error) {
	u.reset()
	narrowed := false
	if !u.thorough {
		var err error
		if narrowed, err = u.narrow(ctx); err != nil {
			return nil, err
		}
	}
	if u.suggesting && narrowed && len(u.hits) == 0 {
		return &matches{}, nil
	}
	if err := u.gather(ctx, &u.plan, u.weights); err != nil {
		return nil, err
	}
	found := u.choose(blurred)
	if !narrowed || u.suggesting || found.settled {
		return found, nil
	}
	u.thorough = true // some were hidden, or have the words of a synonym but not side by side
	return u.look(ctx, blurred)
}

// words reports whether a text has anything but white space.
func words(text string) bool {
	for _, r := range text {
		if r > ' ' && r != '\u3000' {
			return true
		}
	}
	return false
}
