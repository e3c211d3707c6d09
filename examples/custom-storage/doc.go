// Command custom-storage keeps the merchants of a shop in a place that Souk does
// not know, and everything else in memory.
//
// directory.go is all that it takes: a type with the five methods of
// [merchant.Store]. Every other store stays what it was, because
// storage.Stores is a struct: take the stores of an adapter, replace a field.
// directory_test.go proves it with the suite that every adapter passes,
// storage/storagetest, restricted to the area that was replaced, and main
// plugs it into a shop. docs/guides/write-your-own-store.md tells when a store
// that joins no unit of work, as this one, is good enough.
//
// roster.go is one that joins: a table of the company's own in the shop's
// database, and a Do that begins the transaction for both. What a unit wrote
// there is rolled back with the rest.
package main
