// Package crashtest takes a shop's processes, connections and callers away
// while it works, and requires afterwards that nothing that was acknowledged
// is lost and that nothing took effect twice: processes are killed under
// load, the answers to COMMIT are dropped on the wire, and callers who race,
// give up and ask again by the same key are checked for linearizability. It
// has tests only.
package crashtest
