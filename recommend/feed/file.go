package feed

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/soukhq/souk/commerce/fault"
)

// File keeps the snapshot in a file, in a folder that exists and that all nodes
// share.
type File struct{ Path string }

var _ Snapshots = File{}

// Put implements [Snapshots]. Kinds: Unavailable, Canceled, and whatever write
// returns.
func (f File) Put(ctx context.Context, write func(w io.Writer) error) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Canceled, "feed.canceled", "the caller gave up")
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.Path), filepath.Base(f.Path)+".*.tmp")
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone where it was renamed
	if err := write(tmp); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return unavailable(err)
	}
	if err := os.Rename(tmp.Name(), f.Path); err != nil {
		return unavailable(err)
	}
	return nil
}

// Get implements [Snapshots]. Kinds: NotFound, Unavailable.
func (f File) Get(context.Context) (io.ReadCloser, error) {
	r, err := os.Open(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.Wrap(err, fault.NotFound, "feed.snapshot", "there is no snapshot")
	case err != nil:
		return nil, unavailable(err)
	}
	return r, nil
}

func unavailable(err error) error {
	return fault.Wrap(err, fault.Unavailable, "feed.snapshot", "the snapshot cannot be reached")
}
