// Package pgtest gives a test its own PostgreSQL database, on a server that
// the test process starts by itself from the installed binaries.
//
//	func TestOrders(t *testing.T) {
//		pool, err := pgxpool.New(t.Context(), pgtest.URL(t))
//		...
//	}
//
// [URL] hands out a fresh, empty database of one server that all tests of the
// process share; [Template] hands out copies of a database that was prepared
// once, so that a suite migrates a single time. [Quick] is another shared server,
// which does not wait for a disk, and makes and drops its databases for a tenth
// of the work: the one to take unless the test is about durability. [Start] runs
// a server of its own, for a test that crashes it or that needs other settings.
//
// A server listens on a free port of the loopback interface, keeps fsync on
// unless told otherwise, and lives in a temporary folder. It runs under a
// supervisor that holds a pipe to the test process: when the process ends,
// however it ends, the server is stopped and the folder is removed. Under
// root, which PostgreSQL refuses, it runs as the user postgres or nobody.
//
// The binaries are looked for in PG_BIN, in PATH and where Debian, Red Hat and
// Homebrew put them. A test that finds none is skipped visibly, or fails where
// SOUK_REQUIRE lists postgres; see package skiptest.
package pgtest
