// Package faults tests a whole shop against what goes wrong in the world: every
// fault point of its stories by error, crash and delay, on every backend; every
// order in which an answer, a notice, a query, a cancellation and the expiry can
// come; and many buyers of the last piece. It has tests only.
//
//	go test ./internal/faults                  // every point, and every third commit
//	SOUK_NIGHTLY=1 go test ./internal/faults   // every hit of every point
package faults
