// Package recommend is the port of recommendations: what is told to whoever
// computes them, what is asked, and what comes back.
//
//	err := r.Record(ctx, recommend.Event{
//		ID: "order-17/tea", Kind: recommend.Purchase, At: now,
//		Visitor: recommend.Visitor{Member: "ann"}, Product: "tea", Basket: "order-17",
//	})
//	shelf, err := r.Recommend(ctx, recommend.Query{
//		Shelf: recommend.ForYou, Visitor: recommend.Visitor{Member: "ann"}, Limit: 12,
//	})
//	for _, item := range shelf.Items {
//		show(item.Product, item.Reason) // every item says why it is there
//	}
//
// Package recommend/engine implements it in the process, out of the models of
// recommend/cf; package recommend/recommendtest is the suite that every other
// implementation runs. Package recommend/shelf serves pages and measures what
// they showed, package recommend/experiment decides between strategies, and
// package recommend/feed tells a recommender what happens in a shop.
//
// Recommendations are eventual, and nothing depends on them: a visitor nobody
// knows anything of gets what is hot, a shelf that stays empty says why, and a
// checkout never asks.
//
// What it does not do: it collects nothing by itself. Without recommend/feed a
// host calls Record for views and purchases.
package recommend
