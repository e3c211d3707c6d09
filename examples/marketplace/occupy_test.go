package main

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFolderHasOneMarketplace(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a folder? with #marks%20")
	_, err := occupy(t.Context(), dir)
	require.EqualError(t, err, "the data folder cannot be claimed: "+filepath.Join(dir, "in-use.lock")+" cannot be written", "it is not there")
	require.NoError(t, os.Mkdir(dir, 0o750))
	release, err := occupy(t.Context(), dir)
	require.NoError(t, err)
	_, err = occupy(t.Context(), dir)
	require.EqualError(t, err, "another marketplace is running on the folder "+dir+
		": stop that one, or give this one a folder of its own with --data")
	other, err := occupy(t.Context(), t.TempDir())
	require.NoError(t, err, "nodes that share a database")
	require.NoError(t, other())
	require.NoError(t, release())
	release, err = occupy(t.Context(), dir)
	require.NoError(t, err)
	require.NoError(t, release())
}

func TestALockThatCannotBeWrittenIsNone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "in-use.lock")
	require.NoError(t, os.WriteFile(file, nil, 0o400))
	_, err := claim(t.Context(), &url.URL{Scheme: "file", Path: file, RawQuery: "mode=ro"}) // root may write what is read-only
	require.ErrorContains(t, err, "readonly")
}
