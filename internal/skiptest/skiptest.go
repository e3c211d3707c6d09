package skiptest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Env is the variable that lists, separated by commas, the engines whose
// absence fails a test.
const Env = "SOUK_REQUIRE"

// Required reports whether engine is listed in [Env].
func Required(engine string) bool {
	for name := range strings.SplitSeq(os.Getenv(Env), ",") {
		if strings.TrimSpace(name) == engine {
			return true
		}
	}
	return false
}

// Missing ends the test: it fails where engine is required and is skipped,
// visibly, where it is not. Reason says what was looked for and where.
func Missing(t testing.TB, engine, reason string) {
	t.Helper()
	if Required(engine) {
		t.Fatalf("%s is required by %s: %s", engine, Env, reason)
	}
	announce(engine, reason)
	t.Skipf("skipped without %s: %s", engine, reason)
}

// announced holds the engines that this process has complained about.
var announced sync.Map //nolint:gochecknoglobals // one line per process is the point

func announce(engine, reason string) {
	if _, before := announced.LoadOrStore(engine, true); before {
		return
	}
	pkg := "a package"
	if dir, err := os.Getwd(); err == nil {
		pkg = filepath.Base(filepath.Dir(dir)) + "/" + filepath.Base(dir)
	}
	line := fmt.Sprintf("souk: %s skips its %s tests: %s\n", pkg, engine, reason)
	for _, path := range terminals() {
		if tell(path, line) == nil {
			return
		}
	}
}

// terminals lists where a line can still reach a person, although go test
// collects the output of this process: the standard error of go test itself,
// then the terminal.
func terminals() []string {
	parent := "/proc/" + strconv.Itoa(os.Getppid())
	var paths []string
	if exe, err := os.Readlink(parent + "/exe"); err == nil && filepath.Base(exe) == "go" {
		paths = append(paths, parent+"/fd/2")
	}
	return append(paths, "/dev/tty")
}

// tell writes line to a terminal or a pipe. A regular file is left alone: its
// other writer would write over the line.
func tell(path, line string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if info.Mode().IsRegular() {
		return fmt.Errorf("%s is a file", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	_, err = io.WriteString(f, line)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
