package fakepay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Journal keeps what the bank knows. Lines are JSON, at most 1 MiB each; a
// later line about a payment replaces an earlier one.
type Journal interface {
	// Load calls fn with every line kept, oldest first.
	Load(ctx context.Context, fn func(line []byte) error) error
	// Append keeps lines, all or none of them, before it returns.
	Append(ctx context.Context, lines ...[]byte) error
}

// File is a [Journal] in a file: what it was told survives a killed process.
type File struct {
	mu   sync.Mutex
	file *os.File
	size int64 // up to which the file holds whole lines
}

var _ Journal = (*File)(nil)

// OpenFile opens or creates a journal; one process may have it open.
func OpenFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the path is the host's choice
	if err != nil {
		return nil, fmt.Errorf("fakepay: open the journal: %w", err)
	}
	return &File{file: f}, nil
}

// Load implements [Journal]. What follows the last whole line, left by a
// process that was killed while it wrote, was never promised to anybody and is
// cut off.
func (j *File) Load(_ context.Context, fn func(line []byte) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("fakepay: read the journal: %w", err)
	}
	r := bufio.NewReaderSize(j.file, 1<<16)
	j.size = 0
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("fakepay: read the journal: %w", err)
		}
		if err := fn(line[:len(line)-1]); err != nil {
			return err
		}
		j.size += int64(len(line))
	}
	if err := j.file.Truncate(j.size); err != nil {
		return fmt.Errorf("fakepay: mend the journal: %w", err)
	}
	return nil
}

// Append implements [Journal]: one write and one sync.
func (j *File) Append(_ context.Context, lines ...[]byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []byte
	for _, l := range lines {
		all = append(append(all, l...), '\n')
	}
	if _, err := j.file.WriteAt(all, j.size); err != nil {
		return fmt.Errorf("fakepay: write the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("fakepay: write the journal: %w", err)
	}
	j.size += int64(len(all))
	return nil
}

// Close closes the file.
func (j *File) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}
