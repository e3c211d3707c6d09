package blevesearch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

// write indexes documents and waits until they are on disk, where wait is
// set. It reports whether they were handed to the engine, whatever failed then.
func (s *shelf) write(ctx context.Context, documents []search.Document, wait bool) (taken bool, err error) {
	if err := search.ValidateBatch(documents); err != nil {
		return false, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	latest := make(map[string]int, len(documents))
	for i := range documents {
		d := &documents[i]
		before, twice := latest[string(d.ID)]
		if s.stale(string(d.ID), d.Version) || twice && documents[before].Version > d.Version {
			continue
		}
		latest[string(d.ID)] = i
	}
	kept := make([]*search.Document, 0, len(latest))
	for i := range documents {
		if at, found := latest[string(documents[i].ID)]; found && at == i {
			kept = append(kept, &documents[i])
		}
	}
	if len(kept) == 0 {
		return true, nil
	}
	made, rows, err := s.buildAll(ctx, kept)
	if err != nil {
		return false, err
	}
	batch := index.NewBatch()
	for i, doc := range made {
		batch.Update(doc)
		if _, found := s.gone[rows[i].id]; found {
			batch.DeleteInternal([]byte(goneKey + rows[i].id))
		}
	}
	return s.apply(ctx, batch, rows, nil, wait)
}

// buildAll analyses documents on all processors.
func (s *shelf) buildAll(ctx context.Context, documents []*search.Document) ([]*document, []*row, error) {
	made, rows := make([]*document, len(documents)), make([]*row, len(documents))
	errs := make([]error, len(documents))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(documents)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(documents) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				made[i], rows[i], errs[i] = s.build(documents[i])
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, fault.Wrap(err, fault.Canceled, "search.canceled", "the documents were not written")
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, fault.Wrap(err, fault.Internal, "search.encode", "a document cannot be stored")
	}
	return made, rows, nil
}

// stale reports whether something newer is known of the product.
func (s *shelf) stale(id string, version int64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r := s.rows[id]; r != nil && r.version > version {
		return true
	}
	gone, found := s.gone[id]
	return found && gone >= version
}

// remove takes products out, as write indexes them.
func (s *shelf) remove(ctx context.Context, removed []search.Removal, wait bool) (taken bool, err error) {
	if len(removed) > search.MaxBatch {
		return false, fault.New(fault.Invalid, "search.document", "too many removals").
			WithField("removed", "too_many", fault.Params{"max": search.MaxBatch})
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	batch := index.NewBatch()
	gone := make([]search.Removal, 0, len(removed))
	for _, m := range removed {
		if s.stale(string(m.ID), m.Version) {
			continue
		}
		batch.Delete(string(m.ID))
		batch.SetInternal([]byte(goneKey+string(m.ID)), strconv.AppendInt(nil, m.Version, 10))
		gone = append(gone, m)
	}
	if len(gone) == 0 {
		return true, nil
	}
	return s.apply(ctx, batch, nil, gone, wait)
}

// apply hands a batch to the engine and then shows its rows. The caller holds
// writing. Once taken a batch is carried through.
func (s *shelf) apply(ctx context.Context, batch *index.Batch, rows []*row, gone []search.Removal, wait bool) (taken bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, fault.Wrap(err, fault.Canceled, "search.canceled", "the documents were not written")
	}
	var persisted chan error
	if wait && s.path != "" {
		persisted = make(chan error, 1)
		batch.SetPersistedCallback(func(err error) { persisted <- err })
		batch.SetInternal([]byte(writtenKey), []byte(strconv.Itoa(s.analysis)))
	}
	// Rows go first: a search that meets a new posting has to find its row.
	s.mu.Lock()
	for _, r := range rows {
		s.put(r)
		delete(s.gone, r.id)
	}
	s.mu.Unlock()
	if err := s.engine.Batch(batch); err != nil {
		return true, unavailable(err)
	}
	s.mu.Lock()
	for _, m := range gone {
		s.drop(string(m.ID))
		s.gone[string(m.ID)] = max(s.gone[string(m.ID)], m.Version)
	}
	s.mu.Unlock()
	s.changes.Add(1)
	if err := s.tidy(context.WithoutCancel(ctx)); err != nil {
		return true, unavailable(err)
	}
	if persisted == nil {
		return true, nil
	}
	select {
	case err := <-persisted:
		if err == nil && !s.marked {
			err = os.WriteFile(filepath.Join(s.path, writtenName), nil, 0o600)
			s.marked = err == nil
		}
		if err != nil {
			return true, unavailable(err)
		}
		return true, nil
	case <-ctx.Done():
		return true, fault.Wrap(ctx.Err(), fault.Canceled, "search.canceled", "the documents may not be on disk yet")
	}
}

// tidy keeps the number of segments down where the engine does not do so
// itself, which is in memory, looks up the rows of new ones and forgets those of
// segments that are gone.
func (s *shelf) tidy(ctx context.Context) error {
	if err := s.compact(ctx); err != nil {
		return err
	}
	reader, err := s.engine.Reader()
	if err != nil {
		return err
	}
	if snapshot, ok := reader.(*scorch.IndexSnapshot); ok {
		s.warm(snapshot)
		live := map[uint64]bool{}
		for _, segment := range snapshot.Segments() {
			live[segment.Id()] = true
		}
		s.segments.Range(func(id, _ any) bool {
			if n, ok := id.(uint64); !ok || !live[n] {
				s.segments.Delete(id)
			}
			return true
		})
	}
	return reader.Close()
}
