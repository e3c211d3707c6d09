// Package storage names every port that keeps data.
//
// [Stores] is a struct of the store interfaces that the domains declare, so
// that a new store never breaks an adapter, and one aggregate can live
// elsewhere: replace a field. storage/memory and storage/bunstore (SQLite and
// PostgreSQL) fill all of it; storage/storagetest is the suite that any other
// adapter passes before it is trusted with money.
//
//	stores := memory.New().Stores()
//	stores.Merchants = crm.Merchants(client)
//
// What a store promises beside its own comments: objects are copied in and
// out; what one call returns was so at one moment, whatever is written beside
// it; every method joins the unit of work in its context; a write that was
// refused with AlreadyExists, Conflict or Exhausted leaves the unit usable;
// on error the caller's argument is unchanged.
package storage
