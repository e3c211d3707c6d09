// Package memory keeps a whole shop in the memory of one process: for tests,
// examples and demos.
//
//	stores := memory.New().Stores()
//
// It behaves like PostgreSQL at READ COMMITTED: a write takes the row's lock
// and holds it to the end of the unit, another writer of that row waits
// (bounded by its context) and then sees the newest committed row; readers
// see what is committed and what their own unit wrote; a cycle of waits fails
// one unit, which [uow.Manager].Do runs again. Nothing survives the process.
package memory
