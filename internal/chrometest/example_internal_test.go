package chrometest

import (
	"fmt"
	"os"
	"path/filepath"
)

// The browser that CHROMIUM names is taken before those of the PATH.
func Example() {
	dir, err := os.MkdirTemp("", "chrometest")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	mine := filepath.Join(dir, "my-browser")
	if err := os.WriteFile(mine, []byte("#!/bin/sh\n"), 0o700); err != nil {
		fmt.Println(err)
		return
	}
	before, was := os.LookupEnv("CHROMIUM")
	_ = os.Setenv("CHROMIUM", mine)
	fmt.Println(filepath.Base(executable()))
	_ = os.Unsetenv("CHROMIUM")
	if was {
		_ = os.Setenv("CHROMIUM", before)
	}
	// Output: my-browser
}
