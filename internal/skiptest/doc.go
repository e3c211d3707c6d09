// Package skiptest is how a test says that the machine lacks what it needs.
//
// go test hides the skips of a passing package, so that a run without a
// database looks like a complete one. [Missing] therefore also writes one line
// per package and engine to the terminal of the person who started the run.
// Where nothing may be skipped, in CI, the environment names what must be
// there and the skip becomes a failure:
//
//	SOUK_REQUIRE=postgres,chromium go test ./...
package skiptest
