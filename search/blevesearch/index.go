package blevesearch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

// Config configures an index.
type Config struct {
	// Dir is the folder of the index, which is created. One process at a
	// time opens it. Defaults to an index in memory.
	Dir string

	// Analyzer turns text into terms. Changing it means rebuilding the index.
	// Defaults to the analyser's zero value.
	Analyzer search.Analyzer

	// Thesaurus holds the synonyms. Defaults to none.
	Thesaurus *search.Thesaurus

	// Queries holds what shoppers ask most, for suggestions. Defaults to none.
	Queries *search.QueryBook

	// Ranking weighs the features of products. Defaults to
	// search.DefaultRanking.
	Ranking search.Ranking

	// Reset puts an empty index in the place of one that cannot be read,
	// instead of failing: for who rebuilds it anyway. Defaults to false.
	Reset bool
}

// Index is a search index in this process.
type Index struct {
	config Config

	rebuilding sync.Mutex
	rebuilt    atomic.Int64

	writes sync.RWMutex // held for reading by a write, as long as it lasts
	next   *shelf       // being filled by Rebuild; changed between writes

	mu     sync.RWMutex // held for no longer than it takes to look
	live   *shelf       // changed between writes
	closed bool         // changed between writes
}

var _ search.Index = (*Index)(nil)

// currentName is the file that names the live generation's folder.
const currentName = "CURRENT"

// Open opens or creates an index. Kinds: Unavailable (the folder cannot be
// read, or is damaged).
func Open(config Config) (*Index, error) {
	if config.Ranking == (search.Ranking{}) {
		config.Ranking = search.DefaultRanking()
	}
	x := &Index{config: config}
	number, err := x.current()
	if err == nil {
		x.live, err = x.open(number)
	}
	if err == nil {
		return x, nil
	}
	if config.Dir == "" || !config.Reset {
		return nil, fault.Wrap(err, fault.Unavailable, "search.damaged", "the search index cannot be opened")
	}
	if x.live, err = x.create(number + 1); err == nil {
		err = x.point(number + 1)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "search.damaged", "the search index cannot be created")
	}
	return x, nil
}

func (x *Index) open(number int) (*shelf, error) {
	return openShelf(x.folder(number), number, x.config.Analyzer)
}

// create opens an empty generation.
func (x *Index) create(number int) (*shelf, error) {
	if folder := x.folder(number); folder != "" {
		if err := os.RemoveAll(folder); err != nil { // of a rebuild that never ended
			return nil, fmt.Errorf("empty index folder: %w", err)
		}
	}
	return x.open(number)
}

func (x *Index) folder(number int) string {
	if x.config.Dir == "" {
		return ""
	}
	return filepath.Join(x.config.Dir, fmt.Sprintf("g%06d", number))
}

// current returns the number of the live generation.
func (x *Index) current() (int, error) {
	if x.config.Dir == "" {
		return 1, nil
	}
	raw, err := os.ReadFile(filepath.Join(x.config.Dir, currentName))
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(x.config.Dir, 0o700); err != nil {
			return 0, fmt.Errorf("create index: %w", err)
		}
		return 1, x.point(1)
	}
	if err != nil {
		return 0, fmt.Errorf("read index: %w", err)
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || number < 1 {
		return 0, fmt.Errorf("read index: %q names no generation", raw)
	}
	return number, nil
}

// point makes a generation the live one of the folder, atomically.
func (x *Index) point(number int) error {
	if x.config.Dir == "" {
		return nil
	}
	name := filepath.Join(x.config.Dir, currentName)
	if err := os.WriteFile(name+".new", []byte(strconv.Itoa(number)+"\n"), 0o600); err != nil {
		return fmt.Errorf("name generation: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("name generation: %w", err)
	}
	return nil
}

// use runs fn on the live shelf, which stays open meanwhile, even where another
// takes its place.
func (x *Index) use(fn func(live *shelf) error) error {
	live, err := x.borrow()
	if err != nil {
		return err
	}
	defer live.users.Done()
	return fn(live)
}

// borrow returns the live shelf with one more user.
func (x *Index) borrow() (*shelf, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return nil, errClosed()
	}
	x.live.users.Add(1)
	return x.live, nil
}

func errClosed() error {
	return fault.New(fault.FailedPrecondition, "search.closed", "the search index is closed")
}

// Index implements [search.Writer].
func (x *Index) Index(ctx context.Context, documents []search.Document) error {
	return x.change(ctx, func(ctx context.Context, s *shelf, wait bool) (bool, error) { return s.write(ctx, documents, wait) })
}

// Delete implements [search.Writer].
func (x *Index) Delete(ctx context.Context, removed []search.Removal) error {
	return x.change(ctx, func(ctx context.Context, s *shelf, wait bool) (bool, error) { return s.remove(ctx, removed, wait) })
}

// change runs fn on the live shelf, where it waits for the disk, and then on the
// one that is being filled, which may be busy with a batch of Rebuild: what the live
// one has taken gets there too, even if nobody waits for it any more.
func (x *Index) change(ctx context.Context, fn func(ctx context.Context, s *shelf, wait bool) (taken bool, err error)) error {
	x.writes.RLock()
	defer x.writes.RUnlock()
	if x.closed {
		return errClosed()
	}
	taken, err := fn(ctx, x.live, true)
	if !taken || x.next == nil {
		return err
	}
	_, errNext := fn(context.WithoutCancel(ctx), x.next, false)
	return errors.Join(err, errNext)
}

// Stats implements [search.Index].
func (x *Index) Stats(ctx context.Context) (search.Stats, error) {
	var out search.Stats
	err := x.use(func(live *shelf) error {
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, fault.Canceled, "search.canceled", "nobody waits for the answer")
		}
		out = search.Stats{
			Documents: live.size(), Generation: x.generation(live), Rebuilt: x.rebuilt.Load(), Bytes: live.bytes(),
			Outdated: live.analysis < search.AnalysisVersion,
		}
		return nil
	})
	return out, err
}

// generation changes with every write and every rebuild.
func (x *Index) generation(live *shelf) uint64 {
	return uint64(live.number)<<40 | live.changes.Load()<<8 | x.config.Thesaurus.Version()&0xff //nolint:gosec // above 0
}

// Close implements [search.Index].
func (x *Index) Close() error {
	x.writes.Lock()
	defer x.writes.Unlock()
	if x.closed {
		return nil
	}
	x.mu.Lock()
	x.closed = true
	x.mu.Unlock()
	x.live.users.Wait()
	if err := x.live.close(); err != nil {
		return unavailable(err)
	}
	return nil
}
