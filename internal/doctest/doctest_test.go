package doctest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/doctest"
)

func TestThePagesAreTrue(t *testing.T) {
	t.Parallel()
	pages, err := doctest.Pages("../..")
	require.NoError(t, err)
	require.NotEmpty(t, pages)

	for _, p := range pages {
		for _, problem := range p.Problems() {
			t.Error(problem)
		}
	}
}

func TestAWrongPageIsFound(t *testing.T) {
	t.Parallel()
	pages, err := doctest.Pages("testdata/site")
	require.NoError(t, err)
	var found []string
	for _, p := range pages {
		found = append(found, p.Problems()...)
	}

	require.Equal(t, strings.TrimSpace(`
wrong.md:3: links to nowhere.md, which is not there
wrong.md:5: no block follows
wrong.md:7: quotes gone.go, which is not there
wrong.md:12: code.go does not hold "return 2", or not there
wrong.md:19: code.go does not hold "func one() int {", or not there
wrong.md:29: make has no target rest
wrong.md:34: names order/nowhere, which is not there
`), strings.Join(found, "\n"))
}

func TestTheReadmeNamesEveryPackage(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	named := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch d.Name() {
		case "internal", "testdata", ".git":
			return fs.SkipDir
		}
		sources, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil || len(sources) == 0 {
			return err
		}
		rel, err := filepath.Rel(root, path)
		named++
		assert.Contains(t, string(readme), "`"+filepath.ToSlash(rel)+"`", "the package map")
		return err
	})
	require.NoError(t, err)
	require.Greater(t, named, 40)
}
