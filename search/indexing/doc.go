// Package indexing feeds the indexes of a shop's search from its catalogue.
//
//	feed, err := indexing.NewService(indexing.Config{
//		Search: shop, Channels: channels, Rows: stores.Listings, Products: stores.Products,
//		Categories: stores.Categories, Brands: stores.Brands, Prices: prices, Orders: stores.Orders,
//	})
//	consumers := []outbox.Consumer{
//		{Name: "search", Topics: indexing.Topics(), PerNode: true, React: feed.React, Rebuild: feed.Restart},
//		{Name: "search.log", Topics: indexing.LogTopics(), React: feed.Follow},
//		{Name: "search.forget", Topics: []string{member.Topic}, React: feed.Follow, PerNode: true, FromHead: true},
//	}
//	go every(time.Second, feed.Mend)
//
// There is one document per product and channel, in the channel's language and
// currency. It stands where a list has a row of the product that buyers see
// now, and carries that row's version, so that an older reading never replaces
// a newer one, however late it comes. [Service.React] follows one event,
// listing.Refreshed, which comes of every write that changes a document: words,
// prices, stock, publication and its windows, sales, merchant, brand,
// categories, and promotions that strike prices. The products that it names
// are read anew, in a number of statements that depends on the channels and
// not on the products.
//
// [Service.Mend] does what has to be made good: it fills an index that is
// empty, was lost or has fallen behind the event log, beside the live one and
// in batches, and writes what an index did not take because it was away. So a
// search that is away holds up no event of anybody else, and a node that lost
// its index rebuilds it by itself.
//
// [Service.Follow] joins confirmed orders to the clicks in the log of the
// search, and has a member forgotten who is: in the log, and on every node what
// waits there to be written.
//
// Consistency: a product is found as it is now a moment after the write, when
// its rows are refreshed and the event has come.
//
// What it does not do: it decides nothing about ranking, and writes no rows;
// those are package listing's.
package indexing
