package view

import "github.com/soukhq/souk/commerce/money"

// Search is the page of a search's results.
type Search struct {
	Chrome
	Action string
	Text   string
	// Form is what is wrong with the address; nothing was searched for then.
	Form Form
	// Away says that the search does not answer: Departments lead on.
	Away        bool
	Departments []Link

	// Total counts the results, about where Approximate is set; Full those that
	// have all words.
	Total       int
	Full        int
	Approximate bool
	// Step is the code of how far the search had to go.
	Step string
	// Corrected is what was searched for instead of Text, and Literal leads to
	// what was typed.
	Corrected string
	Literal   string
	// Meant is a text that may be better; it has no label where there is none.
	Meant Link

	Hidden []Pair // what the form carries on
	Sorts  []Choice
	Chips  []Link
	Clear  string // empty without filters
	Facets []Facet
	Tree   []Branch
	Price  PriceFacet
	// InStock is chosen, and Stocked products have it.
	InStock bool
	Stocked int

	Products []Card
	More     string // empty at the end
	Start    string // empty on the first page
	Moved    bool   // the index has changed since the page before
	// Similar and Popular stand where nothing was found.
	Similar []Card
	Popular []Card
}

// Template implements [Page].
func (Search) Template() string { return "search" }

// Found reports whether anything fits, or was put there by a rule.
func (s Search) Found() bool { return s.Total > 0 }

// Facet offers the values of one field.
type Facet struct {
	Name   string // of its parameter
	Label  string
	Values []FacetValue
	Other  int // products with values that are not shown
}

// FacetValue is one value with the number of products that have it.
type FacetValue struct {
	ID    string
	Value string
	Label string
	Count int
	On    bool
}

// Branch is a category in the tree beside the results.
type Branch struct {
	Link
	Depth int
	Count int
	// Up leads back to what is above it.
	Up bool
}

// PriceFacet bounds the price.
type PriceFacet struct {
	Currency money.Currency
	Min, Max string // as typed
	Ranges   []PriceRange
}

// PriceRange is one of the ranges to choose from; a zero bound is open.
type PriceRange struct {
	Href     string
	From, To money.Money
	Count    int
	On       bool
}

// Suggestions are what a text that is being typed may become.
type Suggestions struct {
	Chrome
	Text       string
	Queries    []Link
	Categories []Branch
	Brands     []Branch
	Products   []Card
}

// Template implements [Page].
func (Suggestions) Template() string { return "suggest" }

// Empty reports whether there is nothing to suggest.
func (s Suggestions) Empty() bool { return s.Count() == 0 }

// Count is how many there are.
func (s Suggestions) Count() int {
	return len(s.Queries) + len(s.Categories) + len(s.Brands) + len(s.Products)
}
