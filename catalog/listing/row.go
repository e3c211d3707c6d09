package listing

import (
	"slices"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Row is a product as a list of one channel shows it. A product has a row
// where it is published or will be, has a price, and its merchant sells.
type Row struct {
	Channel  ref.ChannelID
	Currency money.Currency
	Product  ref.ProductID
	Merchant ref.MerchantID
	// SKU is the product's only one; empty where the buyer has a choice.
	SKU ref.SKUID

	Slug  string
	Title string // in the channel's locale
	Brand ref.BrandID
	// BrandName is in the channel's locale; empty without a brand.
	BrandName string
	// Categories lead from the root of the tree to the product's category.
	Categories []ref.CategoryID
	Picture    string

	// Lowest and Highest are the list prices of the cheapest and the dearest
	// SKU; Compare is what the cheapest cost before, zero where that is not
	// more.
	Lowest  money.Money
	Highest money.Money
	Compare money.Money
	// Strikes are the windows in which promotions lower these prices for
	// everybody, the earliest first, apart from each other: see [Row.PriceAt].
	Strikes []Strike
	// Struck is what the cheapest SKU cost when the row was refreshed, where a
	// strike lowered it; else zero. See [Row.SortPrice].
	Struck money.Money

	InStock bool
	// Sold counts the pieces in confirmed orders, of every channel.
	Sold int64
	// Rating is the average in hundredths of a star, Ratings how many gave one.
	Rating  int64
	Ratings int64

	// From and Until bound the half-open window in which buyers see the row;
	// zero leaves that side open.
	From  time.Time
	Until time.Time
	// Newest is when buyers could first see it.
	Newest time.Time
	// Version grows with every refresh of the product; whoever keeps a copy
	// drops one with a lower version.
	Version int64
}

// Clone returns a copy that shares nothing with r.
func (r Row) Clone() Row {
	r.Categories = append([]ref.CategoryID(nil), r.Categories...)
	r.Strikes = slices.Clone(r.Strikes)
	return r
}

// Shown reports whether buyers see the row at now.
func (r Row) Shown(now time.Time) bool {
	return !now.Before(r.From) && (r.Until.IsZero() || now.Before(r.Until))
}

// maxTitleKey bounds the part of a title that lists are sorted by.
const maxTitleKey = 60

// TitleKey is what lists by title are sorted by: the beginning of the title
// without case, accents and punctuation.
func (r Row) TitleKey() string {
	key := []rune(catalog.Slugify(r.Title))
	return string(key[:min(len(key), maxTitleKey)])
}

// Shelf is one of the sets in which a product stands and by which lists are
// read: all of a channel, one merchant's, one brand's, or a category's with
// all below it. A row stands on several, so that each list is one walk along
// an index in its own order.
type Shelf string

// AllShelf holds every row of a channel.
const AllShelf Shelf = ""

// CategoryShelf holds a category's rows and those of all below it.
func CategoryShelf(id ref.CategoryID) Shelf { return Shelf("c:" + string(id)) }

// BrandShelf holds a brand's rows.
func BrandShelf(id ref.BrandID) Shelf { return Shelf("b:" + string(id)) }

// MerchantShelf holds a merchant's rows.
func MerchantShelf(id ref.MerchantID) Shelf { return Shelf("m:" + string(id)) }

// Shelves returns where the row stands.
func (r Row) Shelves() []Shelf {
	out := make([]Shelf, 0, len(r.Categories)+3)
	out = append(out, AllShelf, MerchantShelf(r.Merchant))
	if r.Brand != "" {
		out = append(out, BrandShelf(r.Brand))
	}
	for _, c := range r.Categories {
		out = append(out, CategoryShelf(c))
	}
	return out
}

// Sort is the order of a list; equal rows go by product id.
type Sort string

// The orders of a list.
const (
	Newest      Sort = "newest" // the default
	Cheapest    Sort = "cheapest"
	Dearest     Sort = "dearest" // by the price of the cheapest SKU, from above
	BestSelling Sort = "best_selling"
	ByTitle     Sort = "title"
)

// Sorts lists the closed set.
func Sorts() []Sort { return []Sort{Newest, Cheapest, Dearest, BestSelling, ByTitle} }

// Descending reports whether the order runs from above.
func (s Sort) Descending() bool { return s == Newest || s == Dearest || s == BestSelling }

// Query selects rows of one channel; zero fields select all.
type Query struct {
	Channel ref.ChannelID
	// Currency is the channel's; the service fills it in.
	Currency money.Currency
	// Category selects its whole subtree.
	Category ref.CategoryID
	Brand    ref.BrandID
	Merchant ref.MerchantID
	// PriceFrom and PriceTo bound the price that lists are sorted by, see
	// [Row.SortPrice], both inside; the zero Money leaves that side open.
	PriceFrom money.Money
	PriceTo   money.Money
	InStock   bool
	// Sort defaults to [Newest].
	Sort Sort
	// Now is the time at which windows are read; the service fills it in.
	Now time.Time
}

// Shelves returns the shelves on which a row must stand, the one to walk
// along first: the brand's tends to be the shortest.
func (q Query) Shelves() []Shelf {
	var out []Shelf
	if q.Brand != "" {
		out = append(out, BrandShelf(q.Brand))
	}
	if q.Merchant != "" {
		out = append(out, MerchantShelf(q.Merchant))
	}
	if q.Category != "" {
		out = append(out, CategoryShelf(q.Category))
	}
	if len(out) == 0 {
		out = append(out, AllShelf)
	}
	return out
}

// Bounds returns the lowest and the highest price in minor units, and whether
// there is such a bound.
func (q Query) Bounds() (from int64, hasFrom bool, to int64, hasTo bool) {
	var open money.Money
	return q.PriceFrom.Minor(), q.PriceFrom != open, q.PriceTo.Minor(), q.PriceTo != open
}

// Matches reports whether the query selects a row of its channel.
func (q Query) Matches(r *Row) bool {
	from, hasFrom, to, hasTo := q.Bounds()
	return r.Shown(q.Now) &&
		(!q.InStock || r.InStock) &&
		(!hasFrom || r.SortPrice().Minor() >= from) &&
		(!hasTo || r.SortPrice().Minor() <= to) &&
		(q.Brand == "" || r.Brand == q.Brand) &&
		(q.Merchant == "" || r.Merchant == q.Merchant) &&
		(q.Category == "" || slices.Contains(r.Categories, q.Category))
}
