package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
)

// Directory keeps merchants in a JSON file that people can read and a company
// has lying somewhere anyway: a [merchant.Store]. It is safe for concurrent
// use; one process may have the file open.
//
// It joins no unit of work. What it was told is on the disk when it returns,
// whether the caller's unit commits or not: a registration that fails
// afterwards leaves a merchant of whom no event tells. A shop can live with
// that for merchants; it could not for stock, orders or money. [Roster] joins.
type Directory struct {
	path string

	mu   sync.RWMutex
	rows map[merchant.ID]merchant.Merchant
}

var _ merchant.Store = (*Directory)(nil)

// OpenDirectory opens the file at path, or begins it.
func OpenDirectory(path string) (*Directory, error) {
	d := &Directory{path: path, rows: map[merchant.ID]merchant.Merchant{}}
	text, err := os.ReadFile(path) //nolint:gosec // the path is the host's choice
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if err := json.Unmarshal(text, &d.rows); err != nil {
		return nil, fmt.Errorf("directory: the file is damaged: %w", err)
	}
	return d, nil
}

// Get implements [merchant.Store].
func (d *Directory) Get(ctx context.Context, id merchant.ID) (merchant.Merchant, error) {
	if err := alive(ctx); err != nil {
		return merchant.Merchant{}, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	m, ok := d.rows[id] // a value without pointers: this is a copy
	if !ok {
		return merchant.Merchant{}, missing(id)
	}
	return m, nil
}

// GetMany implements [merchant.Store].
func (d *Directory) GetMany(ctx context.Context, ids []merchant.ID) ([]merchant.Merchant, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	var found []merchant.Merchant
	for _, id := range ids {
		if m, ok := d.rows[id]; ok {
			found = append(found, m)
		}
	}
	return found, nil
}

// Insert implements [merchant.Store].
func (d *Directory) Insert(ctx context.Context, m *merchant.Merchant) error {
	return d.write(ctx, m, func(_ merchant.Merchant, taken bool) (int64, error) {
		if taken {
			return 0, known()
		}
		return 1, nil
	})
}

// Update implements [merchant.Store].
func (d *Directory) Update(ctx context.Context, m *merchant.Merchant) error {
	return d.write(ctx, m, func(stored merchant.Merchant, ok bool) (int64, error) {
		switch {
		case !ok:
			return 0, missing(m.ID)
		case stored.Version != m.Version:
			return 0, stale(m.ID)
		}
		return m.Version + 1, nil
	})
}

// write stores m under the version that decide returns. The file is written
// first, and the argument is told its version last: whoever sees an error
// sees everything as it was.
func (d *Directory) write(
	ctx context.Context, m *merchant.Merchant, decide func(stored merchant.Merchant, ok bool) (int64, error),
) error {
	if err := alive(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	stored, ok := d.rows[m.ID]
	version, err := decide(stored, ok)
	if err != nil {
		return err
	}
	row := *m
	row.Version = version
	rows := maps.Clone(d.rows)
	rows[m.ID] = row
	text, err := json.MarshalIndent(rows, "", "  ")
	if err == nil {
		err = replace(d.path, text)
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "directory.write", "the directory cannot be written")
	}
	d.rows, m.Version = rows, version
	return nil
}

// List implements [merchant.Store]. The cursor is the last id of a page, so
// that merchants who come meanwhile move nobody.
func (d *Directory) List(ctx context.Context, q merchant.Query, p page.Request) (page.Page[merchant.Merchant], error) {
	var out page.Page[merchant.Merchant]
	size, after, err := start(p)
	if err != nil {
		return out, err
	}
	if err := alive(ctx); err != nil {
		return out, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, m := range d.rows {
		if m.ID > after && (q.State == "" || m.State == q.State) {
			out.Items = append(out.Items, m)
		}
	}
	slices.SortFunc(out.Items, func(a, b merchant.Merchant) int { return cmp.Compare(a.ID, b.ID) })
	return cut(out, size), nil
}

// replace puts a file in the place of another one, whole or not at all.
func replace(path string, text []byte) error {
	f, err := os.Create(path + ".new") //nolint:gosec // the path is the host's choice
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// alive refuses a caller who gave up, in the words every store uses.
func alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Canceled, "directory.canceled", "the caller gave up")
	}
	return nil
}
