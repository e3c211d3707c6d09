// Package outbox delivers the event log: to reactions of the shop, to
// watermill, and through a bridge to other systems.
//
// Services append events inside the unit of work that makes them true
// (event.Appender); nothing is lost between a commit and its consequences, and
// nothing is announced that was rolled back. An [Outbox] is one node's access
// to that log:
//
//	box, err := outbox.New(outbox.Config{
//		Units: s.Units, Events: s.Events, Cursors: s.Cursors, Letters: s.Letters, Leases: s.Leases,
//		Consumers: []outbox.Consumer{
//			{Name: "listing", Topics: []string{"product", "stock"}, React: listing.Apply},
//			{Name: "mail", Topics: []string{"order"}, React: mails.Send, Outside: true},
//			{Name: "search", Topics: []string{"product"}, React: index.Apply, PerNode: true, Rebuild: index.Rebuild},
//		},
//	})
//	go box.Run(ctx)    // in the background, on any number of nodes
//	err = box.Drain(ctx) // or to the head once: tests, scripts
//
// # Order
//
// A topic has 16 shards. Committed records get their position in a shard from
// the owner of its lease, in the order of insertion, so that records of one
// aggregate keep their order and a transaction that somebody leaves open delays
// only itself. A consumer takes the records of a shard one after the other;
// shards are independent and divided evenly among the nodes.
//
// # Exactly once
//
// A [Consumer]'s React runs in a unit that also moves the consumer's cursor:
// its effect on the stores happens exactly once, whatever crashes. So does fn
// of [Handler] for users of watermill's router. An effect elsewhere (Outside,
// PerNode, a bare reader of [Subscriber]'s channel, [Relay]) happens at least
// once, under a message id that is the same each time; the other side
// deduplicates by it, as [Deduplicated] does.
//
// # Failures
//
// A record that fails is set aside as a letter and tried again after 1 s to 10
// min (see [Retry]); later records of its aggregate wait behind it, other
// aggregates go on. After 12 tries it is dead: Config.Alert is told, and its
// aggregate stands still for that consumer until somebody calls
// [Outbox.Replay] or [Outbox.Drop]. Topics in Skippable go on without it.
//
// # Watermill
//
// [Outbox.Publisher] and [Outbox.Subscriber] are message.Publisher and
// message.Subscriber over the same log; both pass watermill's own suite on
// every backend. A published message joins the unit in its context. Messages
// carry the record's name, aggregate and time in [HeaderEvent],
// [HeaderAggregate] and [HeaderTime], and in their context a [Delivery], never
// an open transaction.
//
// What it does not do: it has no broker, no delayed messages and no priorities,
// and it keeps order per aggregate, not across them.
package outbox
