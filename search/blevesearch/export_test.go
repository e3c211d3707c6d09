package blevesearch

import (
	"context"

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
