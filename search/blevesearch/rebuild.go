package blevesearch

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

// filler writes to the generation that is being built.
type filler struct{ shelf *shelf }

func (f filler) Index(ctx context.Context, documents []search.Document) error {
	_, err := f.shelf.write(ctx, documents, false)
	return err
}

func (f filler) Delete(ctx context.Context, removed []search.Removal) error {
	_, err := f.shelf.remove(ctx, removed, false)
	return err
}

// Rebuild implements [search.Index].
func (x *Index) Rebuild(ctx context.Context, fill func(ctx context.Context, w search.Writer) error) error {
	if !x.rebuilding.TryLock() {
		return fault.New(fault.Conflict, "search.rebuilding", "the index is being rebuilt already")
	}
	defer x.rebuilding.Unlock()
	next, err := x.begin()
	if err != nil {
		return err
	}
	if err = fill(ctx, filler{next}); err == nil {
		err = next.flush(ctx)
	}
	before, swapErr := x.end(next, err == nil)
	before.users.Wait()
	return errors.Join(err, swapErr, discard(before))
}

// begin opens the generation to be filled and lets writes reach it too.
func (x *Index) begin() (*shelf, error) {
	number := 0
	if err := x.use(func(live *shelf) error { number = live.number + 1; return nil }); err != nil {
		return nil, err
	}
	next, err := x.create(number)
	if err != nil {
		return nil, unavailable(err)
	}
	x.writes.Lock()
	defer x.writes.Unlock()
	x.next = next
	return next, nil
}

// end lets writes reach one generation alone: the filled one, which becomes the
// live one, or the old one. It returns the other one, which no write reaches and
// searches that began before may still use.
func (x *Index) end(next *shelf, filled bool) (*shelf, error) {
	x.writes.Lock()
	defer x.writes.Unlock()
	x.next = nil
	if !filled {
		return next, nil
	}
	if x.closed {
		return next, errClosed()
	}
	if err := x.point(next.number); err != nil {
		return next, unavailable(err)
	}
	before := x.live
	x.mu.Lock()
	x.live = next
	x.mu.Unlock()
	x.rebuilt.Add(1)
	return before, nil
}

// discard closes a generation and removes its files.
func discard(s *shelf) error {
	if err := s.close(); err != nil {
		return unavailable(err)
	}
	if s.path == "" {
		return nil
	}
	if err := os.RemoveAll(s.path); err != nil {
		return unavailable(err)
	}
	return nil
}

// flush waits until everything written so far is on disk.
func (s *shelf) flush(ctx context.Context) error {
	if s.path == "" {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err := s.apply(ctx, index.NewBatch(), nil, nil, true)
	return err
}

// bytes returns the size of the generation.
func (s *shelf) bytes() int64 {
	if s.path == "" {
		if n, ok := s.engine.StatsMap()["num_bytes_used_disk"].(uint64); ok && n > 0 {
			return int64(n) //nolint:gosec // a size
		}
		return 0
	}
	total := int64(0)
	files, err := os.ReadDir(s.path)
	if err != nil {
		return 0
	}
	for _, f := range files {
		if info, err := os.Stat(filepath.Join(s.path, f.Name())); err == nil {
			total += info.Size()
		}
	}
	return total
}
