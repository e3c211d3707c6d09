package blevesearch

import (
	"context"
	"errors"

	"github.com/soukhq/souk/search"
)

// SearchThoroughly searches by reading every posting of every word.
func (x *Index) SearchThoroughly(ctx context.Context, q search.Query) (search.Result, error) {
	return x.search(ctx, q, true)
}

// SuggestThoroughly suggests from all products that have the words.
func (x *Index) SuggestThoroughly(ctx context.Context, q search.SuggestQuery) (search.Suggestions, error) {
	return x.suggest(ctx, q, true)
}

// Forget forgets what the writer has looked up of the segments, as if the engine
// had merged them since.
func (x *Index) Forget() { x.live.segments.Clear() }

// Segments returns how many documents there are in each segment.
func (x *Index) Segments() ([]int64, error) {
	var sizes []int64
	err := x.use(func(live *shelf) error {
		r, err := live.read(context.Background())
		if err != nil {
			return err
		}
		defer r.release()
		for _, segment := range r.snapshot.Segments() {
			sizes = append(sizes, segment.LiveSize())
		}
		return nil
	})
	return sizes, err
}

// Walks reports whether a walk finds the products with the words as they were typed
// or, of the last one, with its beginning.
func (x *Index) Walks(ctx context.Context, q search.SuggestQuery) (bool, error) {
	walked := false
	err := x.use(func(live *shelf) error {
		r, err := live.read(ctx)
		if err != nil {
			return err
		}
		defer r.release()
		r.suggesting = true
		u := &run{index: x, reading: r, query: search.Query{Text: q.Text, Typing: true, Literal: true, Steering: search.Steering{Hide: q.Hide}}}
		u.plan = search.NewPlan(&x.config.Analyzer, x.config.Thesaurus, q.Text, true)
		if err := u.complete(ctx); err != nil {
			return err
		}
		if u.weights, err = u.weigh(ctx, &u.plan); err != nil {
			return err
		}
		f := &finder{run: u, ctx: ctx}
		s := f.newShortlist()
		if err := errors.Join(s.nest(), f.close()); err != nil {
			return err
		}
		for _, by := range []int{asTyped, begun} {
			walked = walked || s.wanted.offered&lastBy(by) != 0 && s.walk(by)
		}
		return nil
	})
	return walked, err
}
