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
	return f.shelf.write(ctx, documents, false)
}

func (f filler) Delete(ctx context.Context, removed []search.Removal) error {
	return f.shelf.remove(ctx, removed, false)
}

// Rebuild implements [search.Index].
func (x *Index) Rebuild(ctx context.Context, fill func(ctx context.Context, w search.Writer) error) error {
	if !x.rebuilding.TryLock() {
		return fault.New(fault.Conflict, "search.rebuilding", "the index is being rebuilt already")
	}
	defer x.rebuilding.Unlock()
	number, next, err := x.begin()
	if err != nil {
		return err
	}
	if err = fill(ctx, filler{next}); err == nil {
		err = next.flush(ctx)
	}
	if err != nil {
		x.mu.Lock()
		x.next = nil
		x.mu.Unlock()
		return errors.Join(err, discard(next))
	}
	return x.swap(number, next)
}

// begin opens the generation to be filled and lets writes reach it too.
func (x *Index) begin() (int, *shelf, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return 0, nil, fault.New(fault.FailedPrecondition, "search.closed", "the search index is closed")
	}
	number := x.number + 1
	if folder := x.folder(number); folder != "" {
		if err := os.RemoveAll(folder); err != nil { // of a rebuild that never ended
			return 0, nil, unavailable(err)
		}
	}
	next, err := openShelf(x.folder(number), x.config.Analyzer)
	if err != nil {
		return 0, nil, unavailable(err)
	}
	x.next = next
	return number, next, nil
}

// swap makes the filled generation the live one.
func (x *Index) swap(number int, next *shelf) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.next = nil
	if x.closed {
		return errors.Join(fault.New(fault.FailedPrecondition, "search.closed", "the search index is closed"), discard(next))
	}
	if err := x.point(number); err != nil {
		return errors.Join(unavailable(err), discard(next))
	}
	before := x.live
	x.live, x.number = next, number
	x.rebuilt.Add(1)
	return discard(before)
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
	return s.apply(ctx, index.NewBatch(), nil, nil, true)
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
