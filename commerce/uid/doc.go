// Package uid mints ids.
//
// [V7] mints UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of
// milliseconds, then random bits, so that ids of one node sort by time and
// land side by side in an index. [Sequence] mints predictable ids for tests.
package uid
