// Package clock hands out the time, so that a test can control it.
//
// Every service takes a [Clock] and reads it once per operation; stores are
// handed the reading and never ask the database. Readings are UTC and whole
// microseconds, the precision that every backend keeps.
package clock
