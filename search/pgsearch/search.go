package pgsearch

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/search"
)

// run is one search, in one transaction.
type run struct {
	index *Index
	tx    pgx.Tx
	state state
	query search.Query
	most  int // to suggest: candidates to look at, 0 for all

	cursor search.Position
	size   int // of the page
	window int // how many are ranked a second time

	plan      search.Plan
	weights   []float64
	words     map[string]counts
	near      map[string][]search.Entry
	step      search.Step
	corrected string
	better    string
}

// Search implements [search.Index].
func (x *Index) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if err := q.Validate(); err != nil {
		return search.Result{}, err
	}
	if err := x.usable(); err != nil {
		return search.Result{}, err
	}
	u := &run{index: x, query: q}
	var err error
	if u.cursor, err = search.DecodeCursor(&u.query, u.query.After); err != nil {
		return search.Result{}, err
	}
	if u.size, err = (page.Request{Limit: q.Limit}).Size(); err != nil {
		return search.Result{}, err
	}
	var out search.Result
	err = u.read(ctx, func() error {
		out, err = u.search(ctx)
		return err
	})
	return out, err
}

// read runs fn in one view of the index.
func (u *run) read(ctx context.Context, fn func() error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, u.index.config.Pool, options, func(tx pgx.Tx) error {
		u.tx, u.words, u.near = tx, map[string]counts{}, map[string][]search.Entry{}
		var err error
		if u.state, err = u.index.state(ctx, tx); err != nil {
			return err
		}
		return fn()
	})
	return search.Failure(err)
}

func (u *run) search(ctx context.Context) (search.Result, error) {
	c := &u.index.config
	u.plan = search.NewPlan(&c.Analyzer, c.Thesaurus, u.query.Text, u.query.Typing)
	a, err := u.find(ctx)
	if err != nil {
		return search.Result{}, err
	}
	generation := u.index.generation(u.state)
	out := search.Result{
		Step: u.step, Query: u.corrected, DidYouMean: u.better, Generation: generation,
		Redirect: u.query.Steering.Redirect, Total: a.total, Full: a.full,
		Moved:  u.cursor.Generation != 0 && u.cursor.Generation != generation,
		Facets: u.listed(a),
	}
	if u.step == search.StepPopular {
		out.Total, out.Full = 0, 0
	}
	u.page(&out, a)
	return out, nil
}

// find goes down the ladder until something is found.
func (u *run) find(ctx context.Context) (*answer, error) {
	u.step = search.StepAll
	if pins := u.pins(); len(pins) > 0 { // enough to stand before the last of them
		u.window = pins[len(pins)-1].place
	}
	pinned := u.window
	if len(u.plan.Wants) == 0 {
		if strings.TrimSpace(u.query.Text) != "" {
			u.step = search.StepPopular
		}
		return u.ask(ctx)
	}
	if err := u.prepare(ctx); err != nil {
		return nil, err
	}
	for _, blurred := range []bool{false, true} {
		if blurred {
			if u.query.Literal {
				break
			}
			if err := u.blur(ctx); err != nil {
				return nil, err
			}
		}
		if err := u.weigh(ctx); err != nil {
			return nil, err
		}
		if u.query.Sort == search.ByRelevance {
			u.window = search.Window
		}
		a, err := u.ask(ctx)
		if err != nil {
			return nil, err
		}
		if !a.any {
			continue
		}
		switch {
		case blurred:
			u.step = search.StepFuzzy
		case a.full == 0 && a.total > 0:
			u.step = search.StepSome
		case u.corrected != "":
			u.step = search.StepCorrected
		}
		return a, nil
	}
	u.step, u.plan, u.weights, u.window = search.StepPopular, search.Plan{}, nil, pinned
	u.corrected, u.better = "", ""
	if u.most > 0 {
		return &answer{}, nil // nobody is shown what sells best while typing
	}
	return u.ask(ctx)
}

// prepare corrects and completes the plan.
func (u *run) prepare(ctx context.Context) error {
	c := &u.index.config
	if err := u.look(ctx); err != nil {
		return err
	}
	if !u.query.Literal {
		if err := u.correct(ctx); err != nil {
			return err
		}
	}
	if u.plan.Typing {
		return search.Complete(ctx, dictionary{u}, &c.Analyzer, &u.plan)
	}
	return nil
}
