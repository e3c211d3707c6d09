// Package event is the log of what happened: facts under versioned names,
// appended in the unit of work that made them true.
//
// A [Record] belongs to a topic, the stream of one aggregate ("order",
// "product", "stock"), and within it to one aggregate, whose records keep
// their order. Its payload is a flat JSON object of ids and plain values and
// never holds a name, an address, a phone number or a mail address. A
// payload's name is explicit and versioned ("order.placed.v1"); a golden file
// per name keeps it readable for ever.
//
// [Appender] is all that a service needs, and a [Reaction] all that a
// projection needs to offer. [Log], [Cursors] and [Letters] are what a backend
// implements and what commerce/outbox reads: a log whose committed records
// are given positions per shard by the owner of that shard's lease, the places
// up to which each consumer has come, and the records it has set aside.
//
// What it does not do: it is no queue and no bus. High-rate signals such as
// page views do not belong in this log.
package event
