package skiptest_test

import (
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/skiptest"
)

const helperEnv = "SOUK_SKIPTEST_HELPER"

// TestHelperThatLacks is the child of the tests below.
func TestHelperThatLacks(t *testing.T) { //nolint:paralleltest // a process of its own
	if os.Getenv(helperEnv) == "" {
		t.SkipNow()
	}
	skiptest.Missing(t, "abacus", "no abacus on the desk")
	t.Fatal("went on")
}

func run(t *testing.T, require string) (output string, err error) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestHelperThatLacks$", "-test.v")
	cmd.Env = append(os.Environ(), helperEnv+"=1", skiptest.Env+"="+require)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestMissingSkips(t *testing.T) {
	t.Parallel()
	out, err := run(t, "postgres")

	require.NoError(t, err)
	require.Contains(t, out, "--- SKIP")
	require.Contains(t, out, "skipped without abacus: no abacus on the desk")
}

// TestTheLineArrives lets go test itself run the package: it hides what a
// passing test prints, and the line arrives all the same.
func TestTheLineArrives(t *testing.T) {
	t.Parallel()
	if os.Getenv(helperEnv) != "" || runtime.GOOS != "linux" {
		t.SkipNow() // this is that run; elsewhere only a terminal can be found
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-run=^TestHelperThatLacks$", ".")
	cmd.Env = append(os.Environ(), helperEnv+"=1", skiptest.Env+"=")
	out, err := cmd.CombinedOutput()

	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "ok  \t")
	require.Contains(t, string(out), "souk: internal/skiptest skips its abacus tests: no abacus on the desk\n")
}

func TestMissingFailsWhereRequired(t *testing.T) {
	t.Parallel()
	out, err := run(t, "postgres, abacus")

	require.Error(t, err)
	require.Contains(t, out, "abacus is required by SOUK_REQUIRE: no abacus on the desk")
}
