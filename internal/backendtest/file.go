package backendtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/scratch"
)

// files holds, by key, functions that return the bytes of a prepared file.
var files sync.Map //nolint:gochecknoglobals // prepared once per process is the point

// copyFile writes a prepared file anew.
func copyFile(t testing.TB, key string, prepare prepare) string {
	t.Helper()
	once, _ := files.LoadOrStore(key, sync.OnceValues(func() ([]byte, error) { return prepared(prepare) }))
	read, _ := once.(func() ([]byte, error))
	content, err := read()
	require.NoError(t, err)

	dir, err := os.MkdirTemp(scratch.Dir(), "souk-sqlite-") //nolint:usetesting // t.TempDir is on the disk
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	file := filepath.Join(dir, "shop.db")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	return "sqlite:" + file
}

// prepared returns the bytes of a file that was prepared and closed, which
// leaves nothing beside it.
func prepared(prepare prepare) ([]byte, error) {
	dir, err := os.MkdirTemp(scratch.Dir(), "souk-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "shop.db")
	if err := prepare(context.Background(), "sqlite:"+file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
