package archtest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/archtest"
)

func TestTheModuleKeepsItsRules(t *testing.T) {
	t.Parallel()
	tree, err := archtest.Load("../..")
	require.NoError(t, err)
	require.NotEmpty(t, tree.Packages)

	for _, rule := range archtest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			for _, f := range rule.Findings(tree) {
				t.Errorf("%s", f)
			}
		})
	}
}

func TestNoExceptionIsStale(t *testing.T) {
	t.Parallel()
	tree, err := archtest.Load("../..")
	require.NoError(t, err)
	for _, f := range archtest.Stale(tree) {
		t.Errorf("%s", f)
	}

	tree, err = archtest.Load("testdata/modules") // plants make no use of most exceptions
	require.NoError(t, err)
	var stale []string
	for _, f := range archtest.Stale(tree) {
		stale = append(stale, f.String())
	}
	require.Contains(t, stale, "storage/memory/scan.go: is excused for panic and is not there")
	require.Contains(t, stale, "storage/bunstore: may import modernc.org/sqlite and does not")
}

var update = flag.Bool("update", false, "write the findings of the planted sources to their want.txt")

// A rule that cannot fail protects nothing: each must find exactly what was
// planted for it.
func TestEveryRuleFindsWhatWasPlanted(t *testing.T) {
	t.Parallel()
	for _, rule := range archtest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join("testdata", rule.Name)
			tree, err := archtest.Load(dir)
			require.NoError(t, err)
			var lines []string
			for _, f := range rule.Findings(tree) {
				lines = append(lines, f.String())
			}
			got := strings.Join(lines, "\n") + "\n"
			golden := filepath.Join(dir, "want.txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}

			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.NotEmpty(t, lines, "nothing is planted, or nothing is found")
			require.Equal(t, string(want), got)
		})
	}
}

func TestEveryPlantHasItsRule(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("testdata")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, rule := range archtest.Rules() {
		known[rule.Name] = true
	}
	for _, entry := range entries {
		require.True(t, known[entry.Name()], entry.Name())
	}
}
