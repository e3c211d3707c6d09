// Package listing keeps what category pages, brand pages and merchants' shop
// windows show: one row per product and channel with its lowest price, whether
// it is in stock, how often it sold, and when buyers may see it.
//
//	lists, err := listing.NewService(listing.Config{
//		Store: stores.Listings, Channels: channels,
//		Products: stores.Products, Categories: stores.Categories, Brands: stores.Brands,
//		Merchants: stores.Merchants, Prices: prices, Stock: stock,
//	})
//	page, err := lists.List(ctx, listing.Query{
//		Channel: "en", Category: "shirts", InStock: true, Sort: listing.Cheapest,
//	}, page.Request{Limit: 24})
//
// The rows are a projection: they follow the events of catalogue, stock,
// prices and merchants and are right a moment later (eventual consistency).
// [Service.React] takes the events of [Topics] and only marks the products
// that they are about; [Service.Sweep], run every second or so, reads each
// marked product anew, however often it was marked. [Service.Refresh] does so
// at once, [Service.Rebuild] for the whole catalogue. All of them may run on
// several nodes at the same time: a reading that is overtaken by a later one
// is dropped, see [Store].
//
// Whatever keeps a copy of what lists show, such as a search index, follows
// [Refreshed]: it is appended in the unit that writes the rows.
//
// A list is one walk along an index, also for a category with everything
// below it and however far in: a row stands on a [Shelf] for each list it is
// part of. Windows of publication are evaluated when the list is read, so that
// a product appears and goes on time.
//
// Promotions that lower prices for everybody, see [Strikes], are computed when
// a campaign or a price changes and kept with their windows, those to come
// included: a card shows the struck price by the clock, [Row.PriceAt], and no
// engine runs for it. Lists are sorted and filtered by what the cheapest SKU
// cost at the last refresh, for that is what an index can hold; a refresh is
// due the moment a window begins or ends, so that the order is right as soon as
// [Service.Sweep] has passed.
//
// The service is also what a cart asks for its offers, see [Service.Offers];
// those are not read from the rows but from the sources, for a price that is
// charged is never a moment old.
//
// What it does not do: search by words (package search), and price anything:
// a price here is shown, the one that is paid comes from the quote.
package listing
