package search

import (
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Step says how far the search had to go to find anything.
type Step string

// Steps, in the order in which they are tried.
const (
	StepAll       Step = "all"       // products that have all words
	StepCorrected Step = "corrected" // the same, after a word was corrected
	StepSome      Step = "some"      // products that lack some of the words
	StepFuzzy     Step = "fuzzy"     // products with words that look alike
	StepPopular   Step = "popular"   // nothing matches: what sells best
)

// Result answers a query.
type Result struct {
	Hits []Hit

	// Total counts all results, Full those of them that have every word; the
	// others come after them. What is merely popular is no result, unless it is
	// pinned.
	Total int
	Full  int

	Step Step

	// Query is the text that was searched for, where it differs from what was
	// typed because words were corrected.
	Query string

	// DidYouMean is a better known text that the shopper may have meant. It
	// was not searched for.
	DidYouMean string

	Facets      []Facet
	Approximate bool // Total and the counts are of a sample
	Redirect    string

	Next       page.Cursor
	Generation uint64

	// Moved says that the index has changed since the page before this one:
	// products may have moved between pages.
	Moved bool
}

// Hit is one product found.
type Hit struct {
	ID     ref.ProductID
	Score  float64 // comparable within one result only
	Pinned bool
}

// Facet counts the values of one field.
type Facet struct {
	Field  string
	Values []FacetValue // most products first
	Other  int          // how many products have values that are not listed
	Ranges []FacetRange // of a price or number
	Stats  *FacetStats  // of a price or number
}

// FacetValue is one value and the number of products that have it.
type FacetValue struct {
	Value    string
	Count    int
	Selected bool // a filter of the query names it
}

// FacetRange counts the products with a value from Min up to but excluding
// Max. Nil means without end.
type FacetRange struct {
	Min, Max *float64
	Count    int
}

// FacetStats describes the numbers of a facet.
type FacetStats struct {
	Count    int
	Min, Max float64
	Mean     float64
}

// SuggestQuery asks for completions of a text.
type SuggestQuery struct {
	Text  string
	Limit int // of each kind. Defaults to 8, 20 at most.

	// Hide are products that are not suggested.
	Hide []ref.ProductID
}

// Suggestions complete a text. Where it is the beginning of very many products,
// the counts are of some of them.
type Suggestions struct {
	Queries    []QuerySuggestion
	Products   []ProductSuggestion
	Categories []FacetValue // Value is a category path
	Brands     []FacetValue
}

// QuerySuggestion is a text that finds something.
type QuerySuggestion struct {
	Text  string
	Count int // how often it was asked, or how many products have it
}

// ProductSuggestion is a product by its title.
type ProductSuggestion struct {
	ID    ref.ProductID
	Title string
}
