package recommend

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Shelf is what is asked for.
type Shelf string

// The shelves.
const (
	// ForYou is what the visitor may like by all they did.
	ForYou Shelf = "for_you"
	// Similar is what is liked by those who like the products of the query.
	Similar Shelf = "similar"
	// AlsoBought is what those bought, at any time, who bought the products.
	AlsoBought Shelf = "also_bought"
	// Together is what was bought in one basket with the products.
	Together Shelf = "together"
	// Hot is what is bought and looked at the most these days, in the segments
	// of the visitor or in a category.
	Hot Shelf = "hot"
	// Trending is what gains the most.
	Trending Shelf = "trending"
	// Newest is what was listed last.
	Newest Shelf = "newest"
)

// Shelves returns every shelf.
func Shelves() []Shelf { return []Shelf{ForYou, Similar, AlsoBought, Together, Hot, Trending, Newest} }

// Query asks for a shelf.
type Query struct {
	Shelf   Shelf
	Visitor Visitor
	// Products are what the page or the cart shows: required by Similar,
	// AlsoBought and Together. They are never recommended.
	Products []ref.ProductID
	// Channel, where it is set, is the storefront that recommends: only what it
	// sells.
	Channel ref.ChannelID
	// Category, where it is set, is the only one to recommend from, with those
	// below it.
	Category ref.CategoryID
	// Exclude are products that stand elsewhere on the page.
	Exclude []ref.ProductID
	// Blocked are shops that the visitor does not want to see.
	Blocked []ref.MerchantID
	// Limit is how many items come at most. Defaults to 10.
	Limit int
}

// The bounds of a query.
const (
	DefaultLimit = 10
	MaxLimit     = 100
	MaxProducts  = 500 // of each list
)

// Validate reports everything that is wrong with the query as one Invalid
// fault: every implementation of [Recommender] calls it.
func (q Query) Validate() error {
	var v fault.Violations
	switch q.Shelf {
	case ForYou, Hot, Trending, Newest:
	case Similar, AlsoBought, Together:
		if len(q.Products) == 0 {
			v.Add("products", "required", nil)
		}
	default:
		v.Add("shelf", "unknown", nil)
	}
	q.Visitor.validate(&v, "visitor")
	atMost := func(path string, n int) {
		if n > MaxProducts {
			v.Add(path, "too_many", fault.Params{"max": MaxProducts})
		}
	}
	atMost("products", len(q.Products))
	atMost("exclude", len(q.Exclude))
	atMost("blocked", len(q.Blocked))
	if q.Limit < 0 || q.Limit > MaxLimit {
		v.Add("limit", "out_of_range", fault.Params{"min": 0, "max": MaxLimit})
	}
	return v.Err("recommend.query", "the question cannot be answered")
}

// Because is why an item is on a shelf. It is stable: hosts translate it.
type Because string

// The reasons.
const (
	YouBought  Because = "you_bought" // Product says what
	YouCarted  Because = "you_carted" // Product says what
	YouViewed  Because = "you_viewed" // Product says what
	Likeness   Because = "similar"    // to Product
	BoughtToo  Because = "also_bought"
	InOneCart  Because = "together"
	HotSegment Because = "hot_in_segment"  // Segment says where
	HotInGroup Because = "hot_in_category" // Category says where
	HotAll     Because = "hot"
	Rising     Because = "trending"
	JustListed Because = "new"
	Discover   Because = "discover" // new, and like what the visitor knows
)

// Reason says why an item is on a shelf. Where Because is about a product and
// Product is empty, it is about what the visitor did, or the query shows, on the
// whole: no one of it stands out.
type Reason struct {
	Because  Because
	Product  ref.ProductID
	Segment  Segment
	Category ref.CategoryID
}

// Item is one recommended product.
type Item struct {
	Product ref.ProductID
	// Score can be compared within the items of one answer and one reason only.
	Score  float64
	Reason Reason
}

// Answer is a shelf.
type Answer struct {
	Items []Item
	// Strategy names what chose the items, Version the state of the model: both
	// belong into the impression that is recorded.
	Strategy string
	Version  uint64
	// Empty says why there is no item at all: "no_products" where nothing is
	// described or known, "no_match" where nothing goes with the products of
	// the query, "filtered" where everything was left out.
	Empty string
}

// The values of Answer.Empty.
const (
	NoProducts = "no_products"
	NoMatch    = "no_match"
	Filtered   = "filtered"
)

// Product is what a recommender knows of a product beside what visitors did.
type Product struct {
	ID       ref.ProductID
	Category ref.CategoryID
	// Above are the categories that Category lies in.
	Above    []ref.CategoryID
	Merchant ref.MerchantID
	// Channels are the storefronts that sell it; none says all.
	Channels []ref.ChannelID
	// Listed is when it came into the shop.
	Listed time.Time
	// Sellable: published, in stock, of a shop that sells. What is not sellable
	// is not recommended.
	Sellable bool
}

// ValidateProducts reports everything that is wrong with descriptions as one
// Invalid fault: every implementation of [Recommender] calls it.
func ValidateProducts(products ...Product) error {
	var v fault.Violations
	for i, p := range products {
		path := "products[" + strconv.Itoa(i) + "]"
		if !ref.ValidID(string(p.ID)) {
			v.Add(path+".id", "malformed", nil)
		}
		if p.Category != "" && !ref.ValidID(string(p.Category)) {
			v.Add(path+".category", "malformed", nil)
		}
		if slices.ContainsFunc(p.Above, func(c ref.CategoryID) bool { return !ref.ValidID(string(c)) }) {
			v.Add(path+".above", "malformed", nil)
		}
		if slices.ContainsFunc(p.Channels, func(c ref.ChannelID) bool { return !ref.ValidID(string(c)) }) {
			v.Add(path+".channels", "malformed", nil)
		}
		if p.Merchant != "" && !ref.ValidID(string(p.Merchant)) {
			v.Add(path+".merchant", "malformed", nil)
		}
	}
	return v.Err("recommend.product", "the products cannot be described")
}

// Recommender is the port. Implementations are safe for concurrent use, own
// nothing of their arguments and hand out nothing that they keep.
type Recommender interface {
	// Record takes events. All of them or, on an error, none. An id that was
	// recorded lately is dropped; events may come out of order. The next
	// ForYou of the visitor knows of it. Kinds: Invalid, Canceled, Unavailable.
	Record(ctx context.Context, events ...Event) error
	// Describe says what products are, in place of what was said of them
	// before. A product nobody described may be recommended, and has no
	// category, shop or age. Kinds: Invalid, Canceled, Unavailable.
	Describe(ctx context.Context, products ...Product) error
	// Recommend answers a query. Unknown visitors and products are no error:
	// whatever is known less of is answered with what is known in general.
	// Kinds: Invalid, Canceled, Unavailable.
	Recommend(ctx context.Context, q Query) (Answer, error)
	// Forget drops all that is known of members, for good: what comes late of
	// them is not taken. Sessions that they were seen in, with what was done
	// there before they signed in, go as well. What they bought leaves the
	// shelves of others with the next fit. Kinds: Invalid, Canceled, Unavailable.
	Forget(ctx context.Context, members ...ref.MemberID) error
}

// Neighbours finds products with the like content, best first: a search index
// can implement it. It is how a product that nobody bought yet finds those who
// may want it. An error is answered with other products.
type Neighbours interface {
	Like(ctx context.Context, product ref.ProductID, limit int) ([]ref.ProductID, error)
}
