// Package blevesearch is a search index in this process, on disk or in memory,
// over the segments of Bleve's scorch engine.
//
//	index, err := blevesearch.Open(blevesearch.Config{Dir: "/var/lib/shop/search"})
//	if err != nil {
//		return err // or Config.Reset, to begin with an empty one
//	}
//	defer index.Close()
//	err = index.Rebuild(ctx, func(ctx context.Context, w search.Writer) error {
//		for batch := range catalogue.Batches(ctx, 1000) {
//			if err := w.Index(ctx, batch); err != nil {
//				return err
//			}
//		}
//		return nil
//	})
//
// The engine keeps terms, postings and documents; what filters, facets,
// sorting, suggestions and the second ranking read lies beside it in memory, just
// under a kilobyte a product, and is made again when an index on disk is opened. A
// query finds the products with all words by the engine's bitmaps and reads the
// postings of these alone, or of all where they are few, once, whatever step of
// the search it ends with; all facets are counted in one pass, each without its
// own filters. A suggestion walks through the best sellers until it has met
// enough products with the words.
//
// Use it for one process and up to about a million products. Batches of 500 to
// 2000 documents are best. A folder belongs to one process.
//
// Terms are made by [search.Analyzer]; none of the engine's own analysers,
// languages or query syntax is linked, so that no text of a shopper is ever
// read as an operator.
//
// What it does not do: it does not spread over nodes; each node has its own
// index and feeds it from the events of the catalogue.
package blevesearch
