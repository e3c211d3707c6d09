package blevesearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

// shelf is one generation of the index: the engine's postings, and the rows
// beside them.
type shelf struct {
	path     string         // empty in memory
	number   int            // of the generation
	users    sync.WaitGroup // searches; from its being the live one on
	analyzer search.Analyzer
	engine   index.Index
	queue    *index.AnalysisQueue
	lexicon  *search.Lexicon
	values   *values

	vocabulary vocabulary

	writing sync.Mutex // one writer at a time
	marked  bool       // the folder says that something was written

	analysis int // the version that the first document was analysed by

	mu   sync.RWMutex
	rows map[string]*row
	gone map[string]int64 // versions of removals

	segments  sync.Map // segment number -> *segmentRows
	mostSales atomic.Int64
	changes   atomic.Uint64
	pool      sync.Pool
}

// scratch is the working memory of a query.
type scratch struct {
	slots []uint32
	hits  []hit
	only  []uint32
}

// The engine opens empty where its files are damaged. That there was something
// is told by a file, written once, beside a record of the engine's own: the
// version of the analysis.
const (
	writtenName = "WRITTEN"
	writtenKey  = "souk.written"
)

// goneKey prefixes the versions of removals among the engine's own records.
const goneKey = "souk.gone."

// openShelf opens or creates a generation at path, in memory where it is
// empty.
func openShelf(path string, number int, a search.Analyzer) (*shelf, error) {
	s := &shelf{
		path: path, number: number, analyzer: a, lexicon: &search.Lexicon{}, values: newValues(),
		rows: map[string]*row{}, gone: map[string]int64{}, analysis: search.AnalysisVersion,
	}
	s.pool.New = func() any { return &scratch{} }
	if path != "" {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("create index folder: %w", err)
		}
	}
	s.queue = index.NewAnalysisQueue(runtime.GOMAXPROCS(0))
	engine, err := scorch.NewScorch(scorch.Name, map[string]any{
		"path":               path,
		"unsafe_batch":       true, // apply waits for the disk itself, where it has to
		"numSnapshotsToKeep": 1,

		// Readers of the words of one query serve the next ones.
		"fieldTFRCacheThreshold": 32,
	}, s.queue)
	if err == nil {
		err = engine.Open()
	}
	if err != nil {
		s.queue.Close()
		return nil, fmt.Errorf("open engine: %w", err)
	}
	s.engine = engine
	if path == "" {
		return s, nil
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// load makes the rows of what is on disk.
func (s *shelf) load() error {
	reader, err := s.engine.Reader()
	if err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	defer func() { _ = reader.Close() }() // a reader of what is on disk has nothing to flush
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return fmt.Errorf("read index: unexpected %T", reader)
	}
	switch _, err := os.Stat(filepath.Join(s.path, writtenName)); {
	case err == nil:
		s.marked = true
		if snapshot.Internal()[writtenKey] == nil {
			return errors.New("read index: what was written is gone")
		}
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("read index: %w", err)
	}
	if written := snapshot.Internal()[writtenKey]; written != nil {
		if s.analysis, err = strconv.Atoi(string(written)); err != nil {
			return fmt.Errorf("read index: version of the analysis: %w", err)
		}
	}
	for _, segment := range snapshot.Segments() {
		live := segment.DocNumbersLive().Iterator()
		for live.HasNext() {
			var d stored
			var decodeErr error
			err := segment.VisitDocument(uint64(live.Next()), func(name string, _ byte, value []byte, _ []uint64) bool {
				if name == fieldRow {
					decodeErr = json.Unmarshal(value, &d)
				}
				return true
			})
			if err := errors.Join(err, decodeErr); err != nil {
				return fmt.Errorf("read document: %w", err)
			}
			g := s.analyzer.Digest(&d.Document)
			r := s.row(&d.Document, &g)
			s.put(r)
		}
	}
	s.warm(snapshot)
	for key, value := range snapshot.Internal() {
		id, found := strings.CutPrefix(key, goneKey)
		if !found {
			continue
		}
		version, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil {
			return fmt.Errorf("read removal: %w", err)
		}
		s.gone[id] = version
	}
	return nil
}

func (s *shelf) put(r *row) {
	s.drop(r.id)
	s.rows[r.id] = r
	s.values.add(r, 1)
	s.vocabulary.add(s.lexicon, r.profile.Plains, 1)
	for {
		most := s.mostSales.Load()
		if r.profile.Sales <= most || s.mostSales.CompareAndSwap(most, r.profile.Sales) {
			return
		}
	}
}

// drop forgets a row.
func (s *shelf) drop(id string) {
	if before := s.rows[id]; before != nil {
		s.vocabulary.add(s.lexicon, before.profile.Plains, -1)
		s.values.add(before, -1)
		delete(s.rows, id)
	}
}

func (s *shelf) find(id string) *row {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.rows[id]
}

func (s *shelf) size() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.rows)
}

// read opens a view of the shelf. It is released after use.
func (s *shelf) read(ctx context.Context) (*reading, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.Wrap(err, fault.Canceled, "search.canceled", "the search was given up")
	}
	reader, err := s.engine.Reader()
	if err != nil {
		return nil, unavailable(err)
	}
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return nil, unavailable(errors.Join(fmt.Errorf("unexpected reader %T", reader), reader.Close()))
	}
	r := &reading{shelf: s, snapshot: snapshot}
	total := uint64(0)
	for _, segment := range snapshot.Segments() {
		r.offsets, r.rows = append(r.offsets, total), append(r.rows, s.rowsOf(segment))
		total += uint64(segment.FullSize()) //nolint:gosec // a count
	}
	work, ok := s.pool.Get().(*scratch)
	if !ok || uint64(cap(work.slots)) < total {
		work = &scratch{slots: make([]uint32, total+total/4)}
	}
	r.slots, r.hits, r.only = work.slots[:cap(work.slots)], work.hits[:0], work.only[:0]
	return r, nil
}

// rowsOf returns what is remembered of the rows of a segment.
func (s *shelf) rowsOf(segment *scorch.SegmentSnapshot) *segmentRows {
	if found, known := s.segments.Load(segment.Id()); known {
		if of, ok := found.(*segmentRows); ok {
			return of
		}
	}
	of := &segmentRows{
		rows:       make([]atomic.Pointer[row], segment.FullSize()),
		popularity: make([]atomic.Uint64, segment.FullSize()),
	}
	if found, known := s.segments.LoadOrStore(segment.Id(), of); known {
		if other, ok := found.(*segmentRows); ok {
			return other
		}
	}
	return of
}

// warm looks up the rows of segments that are new, be they written or merged on
// disk since the last write, so that searches do not have to. A search that was
// first to meet one has looked up its own hits alone. The caller holds writing.
func (s *shelf) warm(snapshot *scorch.IndexSnapshot) {
	for _, segment := range snapshot.Segments() {
		of := s.rowsOf(segment)
		if of.best.Load() != nil {
			continue
		}
		for n := range of.rows { // removed ones too: a search that began before has them
			if of.popularity[n].Load() != 0 {
				continue
			}
			found := of.rows[n].Load()
			if found == nil {
				id, err := segment.DocID(uint64(n))
				if err != nil {
					continue // a search will meet it too
				}
				if found = s.find(string(id)); found == nil {
					continue
				}
				of.rows[n].Store(found)
			}
			of.popularity[n].Store(found.popularity())
		}
		of.rank()
	}
}

func (r *reading) release() {
	r.reset()
	r.shelf.pool.Put(&scratch{slots: r.slots, hits: r.hits, only: r.only})
	_ = r.snapshot.Close() // a snapshot counts its users and has nothing to flush
}

// reset forgets the hits of a gathering.
func (r *reading) reset() {
	for i := range r.hits {
		r.slots[r.hits[i].doc] = 0
		r.hits[i].row = nil
	}
	r.hits, r.only = r.hits[:0], r.only[:0]
}

func (s *shelf) close() error {
	err := s.engine.Close()
	s.queue.Close()
	return err
}

func unavailable(cause error) error {
	return fault.Wrap(cause, fault.Unavailable, "search.unavailable", "the search index cannot be read")
}
