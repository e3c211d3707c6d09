package search

import (
	"context"

	"github.com/soukhq/souk/commerce/ref"
)

// Index is a searchable set of product documents in one language and one
// currency: that of a sales channel. Implementations are safe for concurrent
// use, and what one call has written the next one finds.
//
// All methods return Canceled where the context ends, Unavailable where the
// engine cannot be reached or its files are damaged, and after a Close
// FailedPrecondition.
type Index interface {
	Writer

	// Search answers a query. Kinds: Invalid (query too long or no valid
	// UTF-8, unknown field, cursor of another query).
	Search(ctx context.Context, q Query) (Result, error)

	// Suggest completes what a shopper has typed so far. Kinds: Invalid.
	Suggest(ctx context.Context, q SuggestQuery) (Suggestions, error)

	// Facets lists the values of one facet among the results of a query, for
	// the search box inside a facet. Kinds: Invalid.
	Facets(ctx context.Context, q Query, f FacetRequest) (Facet, error)

	// Rebuild fills a second index beside the live one, which goes on
	// answering, and puts it in its place when fill returns without error.
	// What is written to the live index meanwhile is in the new one too,
	// unless fill wrote a newer version of it. A second Rebuild during the
	// first is a Conflict. An error of fill is returned as it is, and the
	// live index stays.
	Rebuild(ctx context.Context, fill func(ctx context.Context, w Writer) error) error

	// Stats tells how much the index holds and which generation it is.
	Stats(ctx context.Context) (Stats, error)

	// Close releases files and memory. A second Close does nothing.
	Close() error
}

// Writer takes documents.
type Writer interface {
	// Index writes documents, replacing those of the same products. A
	// document whose version is below the one held, or below that of its
	// deletion, is left out silently: it is older news. The documents are
	// not kept. All are written or, on error, none is. Kinds: Invalid (a
	// document, by its place in the slice).
	Index(ctx context.Context, documents []Document) error

	// Delete removes products as of a version: a document of that version or
	// an older one that arrives later is left out. A product that is not
	// held is no error.
	Delete(ctx context.Context, removed []Removal) error
}

// Removal takes a product out of the index as of a version.
type Removal struct {
	ID      ref.ProductID
	Version int64
}

// Stats describes an index.
type Stats struct {
	Documents  int
	Generation uint64 // changes whenever the answer to a query may change
	Rebuilt    int64  // how many rebuilds were swapped in since it was opened; where nodes share it, ever
	Bytes      int64  // size on disk, or of the postings where it is in memory

	// Outdated says that documents were analysed by an older version of this
	// package, so that some words do not find them: rebuild the index.
	Outdated bool
}
