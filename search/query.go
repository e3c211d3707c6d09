package search

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Bounds of a query. The text is counted in bytes.
const (
	MaxQuery   = 1024
	MaxWords   = 32
	MaxFilters = 50
	MaxValues  = 200
	MaxFacets  = 50
)

// The fields of filters and facets, beside [AttributeField].
const (
	FieldBrand    = "brand"
	FieldCategory = "category" // a path, see [CategoryPath]; products below it match
	FieldMerchant = "merchant"
	FieldStock    = "stock"  // "in" or "out"
	FieldPrice    = "price"  // by Min and Max, in minor units
	FieldRating   = "rating" // by Min and Max, 0 to 5
)

// AttributeField returns the field of the attribute of this name; for that of its
// numbers see [MeasureField].
func AttributeField(name string) string { return attributePrefix + name }

const attributePrefix = "attr."

// CategoryPath returns the value of the category field for a path of names.
func CategoryPath(names ...string) string { return strings.Join(names, "\x1f") }

// SplitCategory returns the names of a value of the category field.
func SplitCategory(path string) []string { return strings.Split(path, "\x1f") }

// Query asks for products. Its zero value asks for all of them, best selling
// first.
type Query struct {
	Text string

	// Typing says that the last word may be unfinished.
	Typing bool

	// Literal searches for what was typed and corrects nothing: the shopper
	// has declined the correction.
	Literal bool

	// Filters all have to hold. They change neither the score nor what is found
	// of what they leave: whether a word is corrected, and whether products with
	// some of the words are shown, is decided without them.
	Filters []Filter

	// Facets are counted over all results, each without the filters of its
	// own field, so that a shopper sees what other values would add.
	Facets []FacetRequest

	Sort     Sort
	Limit    int // Defaults to page.DefaultLimit.
	After    page.Cursor
	Steering Steering
}

// Sort is the order of results. Equal ones follow by id.
type Sort string

// Orders.
const (
	// ByRelevance is, without words in the query, as BySales. Any other order
	// leaves products that lack some of the words out, as long as there are
	// others: the cheapest of all that have one of them is nobody's first choice.
	ByRelevance Sort = ""
	ByPriceAsc  Sort = "price_asc"
	ByPriceDesc Sort = "price_desc"
	ByNewest    Sort = "newest"
	BySales     Sort = "sales"
	ByRating    Sort = "rating"
)

// Filter keeps the products of which one value of the field is among Any, or
// lies from Min up to Max, both included. Not keeps the others.
type Filter struct {
	Field string
	Any   []string
	Min   *float64
	Max   *float64
	Not   bool
}

// FacetRequest asks for the values of a field and how many products have
// each.
type FacetRequest struct {
	Field  string
	Limit  int       // Defaults to 10.
	Prefix string    // only values that contain a word starting with it
	Parent string    // of a category: its children. Empty means the roots.
	Bounds []float64 // of a price or number: the limits between ranges
}

// Validate returns an Invalid fault that names everything wrong with the
// query, or nil.
func (q *Query) Validate() error {
	var v fault.Violations
	switch {
	case len(q.Text) > MaxQuery:
		v.Add("text", "too_long", fault.Params{"max": MaxQuery})
	case !utf8.ValidString(q.Text):
		v.Add("text", "malformed", nil)
	}
	if _, err := (page.Request{Limit: q.Limit}).Size(); err != nil {
		v.Add("limit", "out_of_range", fault.Params{"min": 1, "max": page.MaxLimit})
	}
	switch q.Sort {
	case ByRelevance, ByPriceAsc, ByPriceDesc, ByNewest, BySales, ByRating:
	default:
		v.Add("sort", "unknown", nil)
	}
	if len(q.Filters) > MaxFilters {
		v.Add("filters", "too_many", fault.Params{"max": MaxFilters})
	}
	for i, f := range q.Filters {
		v.Merge("filters["+strconv.Itoa(i)+"]", f.validate())
	}
	if len(q.Facets) > MaxFacets {
		v.Add("facets", "too_many", fault.Params{"max": MaxFacets})
	}
	for i, f := range q.Facets {
		v.Merge("facets["+strconv.Itoa(i)+"]", f.validate())
	}
	v.Merge("steering", q.Steering.validate())
	return v.Err("search.query", "the query is not valid")
}

// MaxSuggestions bounds the limit of [SuggestQuery].
const MaxSuggestions = 20

// Validate returns an Invalid fault that names everything wrong with the
// query, or nil.
func (q *SuggestQuery) Validate() error {
	var v fault.Violations
	if len(q.Text) > MaxQuery {
		v.Add("text", "too_long", fault.Params{"max": MaxQuery})
	} else if !utf8.ValidString(q.Text) {
		v.Add("text", "malformed", nil)
	}
	if q.Limit < 0 || q.Limit > MaxSuggestions {
		v.Add("limit", "out_of_range", fault.Params{"min": 1, "max": MaxSuggestions})
	}
	if len(q.Hide) > MaxQuery {
		v.Add("hide", "too_many", fault.Params{"max": MaxQuery})
	}
	return v.Err("search.query", "the query is not valid")
}

func (f Filter) validate() error {
	var v fault.Violations
	ranged := f.Min != nil || f.Max != nil
	switch {
	case !knownField(f.Field):
		v.Add("field", "unknown", nil)
	case (f.Field == FieldPrice || f.Field == FieldRating) && len(f.Any) > 0:
		v.Add("any", "needs_range", nil)
	case ranged && f.Field != FieldPrice && f.Field != FieldRating && !strings.HasPrefix(f.Field, attributePrefix):
		v.Add("min", "needs_values", nil)
	case !ranged && len(f.Any) == 0, ranged && len(f.Any) > 0:
		v.Add("any", "one_of", nil)
	}
	for path, bound := range map[string]*float64{"min": f.Min, "max": f.Max} {
		if bound != nil && !finite(*bound) {
			v.Add(path, "not_a_number", nil)
		}
	}
	if f.Min != nil && f.Max != nil && *f.Min > *f.Max {
		v.Add("max", "below_min", nil)
	}
	if len(f.Any) > MaxValues {
		v.Add("any", "too_many", fault.Params{"max": MaxValues})
	}
	return v.Err("search.query", "the query is not valid")
}

func (f FacetRequest) validate() error {
	var v fault.Violations
	if !knownField(f.Field) {
		v.Add("field", "unknown", nil)
	}
	if f.Limit < 0 || f.Limit > page.MaxLimit {
		v.Add("limit", "out_of_range", fault.Params{"min": 1, "max": page.MaxLimit})
	}
	if len(f.Bounds) > MaxFacets {
		v.Add("bounds", "too_many", fault.Params{"max": MaxFacets})
	}
	for i := range f.Bounds {
		if !finite(f.Bounds[i]) || i > 0 && f.Bounds[i-1] >= f.Bounds[i] {
			v.Add("bounds["+strconv.Itoa(i)+"]", "not_rising", nil)
		}
	}
	return v.Err("search.query", "the query is not valid")
}

func knownField(name string) bool {
	switch name {
	case FieldBrand, FieldCategory, FieldMerchant, FieldStock, FieldPrice, FieldRating:
		return true
	}
	return strings.HasPrefix(name, attributePrefix) && len(name) > len(attributePrefix) &&
		len(name) <= len(MeasureField("", "-"))+maxName+maxUnit
}

// Steering is what merchandising wants of one query, see [Resolve].
type Steering struct {
	Pin      []Pin
	Hide     []ref.ProductID
	Favour   []Favour
	Redirect string
}

// Pin puts a product at a place of the first page, counted from 1, where the
// filters of the query let it through.
type Pin struct {
	Product ref.ProductID
	Place   int
}

// Favour moves products up (above 0) or down (below 0) within the results.
// Weight runs from -10 to 10; 1 outweighs a difference in sales, 10 outweighs
// a missing word.
type Favour struct {
	Products []ref.ProductID
	Filter   *Filter
	Weight   float64
}

func (s Steering) validate() error {
	var v fault.Violations
	if len(s.Pin) > MaxValues || len(s.Hide) > MaxQuery || len(s.Favour) > MaxFilters {
		v.Add("", "too_many", nil)
	}
	for i, p := range s.Pin {
		if p.Place < 1 || p.Place > page.MaxLimit {
			v.Add("pin["+strconv.Itoa(i)+"].place", "out_of_range", fault.Params{"min": 1, "max": page.MaxLimit})
		}
	}
	for i, f := range s.Favour {
		if !(f.Weight >= -10 && f.Weight <= 10) {
			v.Add("favour["+strconv.Itoa(i)+"].weight", "out_of_range", fault.Params{"min": -10, "max": 10})
		}
		if f.Filter != nil {
			v.Merge("favour["+strconv.Itoa(i)+"].filter", f.Filter.validate())
		}
	}
	return v.Err("search.query", "the query is not valid")
}
