// Package backendtest opens the stores that this module has, in memory, in
// SQLite and in PostgreSQL, for tests of what is built on them.
//
//	func TestOrders(t *testing.T) {
//		t.Parallel()
//		backendtest.All().Each(t, func(t *testing.T, b backendtest.Backend) {
//			stores := b.Open(t)
//			...
//		})
//	}
//
// Whatever is opened belongs to the test alone and is closed and removed with
// it. A database is a copy of one that was migrated once per process, and
// filled too, where the tests begin with the same shop ([List.Filled]).
//
// No database waits for a disk: files lie in memory, where the machine has such
// a place, and PostgreSQL is [pgtest.Quick]. A test of what a crash of the
// machine leaves opens its own; so does one of migrations. Without PostgreSQL
// its tests are skipped visibly, or fail where SOUK_REQUIRE lists postgres.
package backendtest
