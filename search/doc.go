// Package search finds products: the port that a search engine implements,
// the query and result types, and what all engines share, namely the analysis
// of text, synonyms, spelling, ranking and the rules of merchandising.
//
// An [Index] holds one [Document] per product in one language and currency,
// that of a sales channel. package blevesearch is one in this process, on disk
// or in memory.
//
//	index, err := blevesearch.Open(blevesearch.Config{})
//	err = index.Index(ctx, []search.Document{{
//		ID: "p-1", Title: "Walnut desk lamp", Brand: "Lumo", InStock: true,
//		Prices: []money.Money{money.New(4900, "USD")},
//	}})
//	found, err := index.Search(ctx, search.Query{
//		Text:    "desk lamps",
//		Filters: []search.Filter{{Field: search.FieldBrand, Any: []string{"Lumo"}}},
//		Facets:  []search.FacetRequest{{Field: search.FieldBrand}, {Field: search.FieldPrice}},
//	})
//	for _, hit := range found.Hits {
//		show(hit.ID)
//	}
//
// Products with all words come first. Where there are few of them, those with
// some of the words follow; [Result.Full] is the number of the former. Before
// that, words that nobody writes so are corrected, and [Result.Step] and
// [Result.Query] say it. The best 200 are ranked a second time by what the
// first pass cannot see, see [Ranking]. Filters never change the order of what
// they leave.
//
// Text needs no configuration: [Analyzer] folds width, case and accents, takes
// English plurals off, and indexes Chinese and Japanese by characters and
// pairs, so that no dictionary is needed. SKU codes and numbers are never
// corrected.
//
// A [Service] is what a storefront asks: one index per channel, opened at first
// use, with the rules and synonyms that staff keeps ([Settings]), suggestions
// from what was asked before, and a log of searches, clicks and purchases for
// reports. Searching asks no store: settings lie in memory, every node follows
// their events, and the log is written once a second by [Service.Flush]. A
// visitor is known by a key only ([Visitor]) and can be forgotten.
//
//	found, err := shop.Search(ctx, search.Request{
//		Channel: "web", Visitor: search.Visitor(scope), Query: search.Query{Text: "desk lamp"},
//	})
//	if errors.Is(err, fault.Unavailable) {
//		return categories(ctx) // not filled yet, or away: never an empty answer
//	}
//	err = shop.Click(ctx, search.Click{Search: found.ID, Product: "p-1", Place: 1})
//
// Whoever writes an engine runs the suite of package searchtest, which says
// what it has to do. [NewPlan], [Correct], [Judge] and [Resolve] are there so
// that engines agree; none is required.
//
// Consistency: a write is found by the next search on the same index.
// Everything in an index can be made again from the catalogue, so nothing
// depends on it but finding: checkout reads prices and stock elsewhere.
//
// What it does not do: it holds no product data for display, and its ranking
// does not learn from the log; what feeds an index from a catalogue lies
// elsewhere.
package search
