// Package clock hands out the time, so that a test can control it.
//
// Every service takes a [Clock] and reads it once per operation; stores are
// handed the reading and never ask the database. Readings are UTC and whole
// microseconds, the precision that every backend keeps.
//
//	c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
//	shop := newShop(c)
//	c.Advance(15 * time.Minute) // the quote has expired, nobody slept
//
// [System] reads the machine's clock; a host whose machines disagree plugs in
// one that follows its database.
//
// What it does not do: it has no timers. Workers wait on their own and ask
// the clock only what is due.
package clock
