package pgtest

import (
	"fmt"
	"strings"
)

// What a server of its own is started with: here one that does not wait for
// the disk, for a test that says nothing about crashes.
func ExampleOptions() {
	for line := range strings.Lines(settings(5432, Options{NoSync: true, Settings: map[string]string{"wal_level": "logical"}})) {
		if strings.Contains(line, "sync") || strings.HasPrefix(line, "wal") || strings.HasPrefix(line, "listen") {
			fmt.Print(line)
		}
	}
	// Output:
	// fsync = 'off'
	// listen_addresses = '127.0.0.1'
	// synchronous_commit = 'off'
	// wal_level = 'logical'
}
