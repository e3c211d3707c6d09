//go:build !linux

package scratch

import "os"

// Dir returns the folder to make files and folders in.
func Dir() string { return os.TempDir() }
