// Package feed tells a recommender what happens in a shop: what is paid for and
// given back, what products are, who is to be forgotten, and what visitors look
// at.
//
//	f, err := feed.New(feed.Config{
//		Recommender: engine, Signals: stores.Signals, Orders: stores.Orders, Members: stores.Members,
//		Listings: stores.Listings, Products: stores.Products, Events: stores.Events, Channels: channels,
//	})
//	consumer := outbox.Consumer{
//		Name: "souk.recommend", Topics: feed.Topics(), PerNode: true,
//		React: f.React, Resume: f.Resume, Rebuild: f.Rebuild,
//	}
//	more, err := f.Poll(ctx) // twice a second: views, carts, what is hidden
//
// Orders, listings and members are followed through the event log, by a consumer
// that every node has for itself; an event changes the next answer within two
// seconds of its commit. What visitors do more often than a log should carry
// is read from recommend.SignalStore, in one order on every node.
//
// A node that starts reads the products, the paid orders of the last year and
// the signals there are, or loads a snapshot ([Snapshots], [File]) and goes on
// from where that was made: the snapshot carries the places in the log and among
// the signals. Events may come twice, the recommender drops what it knows.
//
// A purchase counts in the segments of the order: storefront, guest or member,
// and the region it is sent to ([SegmentsOf]).
//
// What it does not do: it recommends nothing and shows nothing (package
// recommend/shelf does). An order that a guest placed before registering is
// the guest's until something is noted of the member in that session. Part of a line that comes back says
// nothing: a product is refunded when all of it was.
package feed
