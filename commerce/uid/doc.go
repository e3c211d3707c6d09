// Package uid mints ids.
//
// [V7] mints UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of
// milliseconds, then a counter and random bits, so that ids of one node sort
// by the order in which they were minted and land side by side in an index.
//
//	ids := uid.NewV7(clock.System{})
//	id := order.ID(ids.New())
//
// Every service takes a [Generator]. [Sequence] mints predictable ids for
// tests and examples.
//
// What it does not do: ids are hard to guess but no secrets, they prove
// nothing about who holds them; and across nodes they sort by the nodes'
// clocks only.
package uid
