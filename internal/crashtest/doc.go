// Package crashtest takes a shop's processes and connections away while it
// works, and requires afterwards that nothing that was acknowledged is lost
// and that nothing took effect twice: processes are killed under load, and
// the answers to COMMIT are dropped on the wire. It has tests only.
package crashtest
