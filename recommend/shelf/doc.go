// Package shelf serves the shelves of a shop's pages and measures them: which
// strategy fills the shelf of a slot, what was shown to whom, and what came of
// it.
//
//	shelves, err := shelf.NewService(shelf.Config{
//		Recommender: engine, Signals: stores.Signals, Impressions: stores.Impressions,
//		Stats: stores.ShelfStats, Policies: stores.ShelfPolicies, Units: stores.Units, Orders: stores.Orders,
//	})
//	visitor := shelf.VisitorOf(scope)
//	a := shelves.Shelf(ctx, shelf.Request{Slot: "home", Query: recommend.Query{Visitor: visitor}})
//	for _, item := range a.Items {
//		show(item.Product, item.Reason)
//	}
//	err = shelves.Click(visitor, a.Request, "tea") // when the link is followed
//	report, err := shelves.Report(ctx, ref.Staff("ann"), shelf.ReportQuery{From: monday, Until: sunday})
//
// A page gets an answer whatever happens: where a strategy fails or takes too
// long another one is asked, and an empty shelf says why. Nothing that a page
// calls writes: what it notes waits in a bounded buffer, which [Service.Flush]
// writes once a second, and what happened in the last second may be lost.
//
// A [Policy] says which strategies serve a slot: one, several by a fixed share
// of the visitors, two in one list, or whichever is hit more, with a floor for
// each. Visitors are assigned by hashes and by counts that are read from the
// store, so that any number of nodes decide alike (eventual: a second late).
//
// An impression counts once it was on a screen, and is hit at most once: by a
// click on it, or by a cart or a paid order of the visitor with one of its
// products within a day. Clicks name their request; carts ([Service.Added], a
// cart.Watcher) and orders ([Service.React]) speak for the newest impression
// that showed the product.
//
// What it does not do: it computes no recommendation (package recommend/engine
// does) and feeds no recommender (package recommend/feed). Revenue is what was
// paid; refunds do not lower it. Who is forgotten is gone from what this node
// has in its hands, and five seconds later from what others wrote meanwhile;
// what a node writes later still, since it could not before, stays until that
// node is told ([Service.Forget]) or it is purged. [Service.SignedIn] hands over
// what a guest was shown, not what the guest did: the signals of a session become
// the member's with the first one that names both, and where none does they are
// not forgotten with the member but purged with their age, as those of a stranger.
package shelf
