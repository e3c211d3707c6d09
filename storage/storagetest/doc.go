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
// rules out is reported as skipped. Under every case lies a witness of what all
// stores promise of all methods: copies in and out, arguments that a failure
// leaves alone, ended contexts, units that undo; and what is not about several
// units runs a second time inside of one.
//
// The package's own test breaks every method of every port in every way it can
// be broken, and requires that some case fails and that none passes on all.
package storagetest
