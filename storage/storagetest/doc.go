// Package storagetest is the conformance suite of every storage adapter.
//
//	func TestStores(t *testing.T) {
//		storagetest.Run(t, storagetest.Limits{}, func(t *testing.T) storage.Stores {
//			return mystore.Open(t.Context(), ...)
//		})
//	}
//
// Memory, SQLite and PostgreSQL pass the identical list. A case creates what
// it needs under fresh ids and tolerates other rows, so that one database
// serves a whole area. [Limits] names what an adapter lacks; a case that it
// rules out is reported as skipped. The package's own test feeds the suite
// broken adapters and requires the matching case to fail.
package storagetest
