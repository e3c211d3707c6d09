package shelf

import (
	"cmp"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// Stat counts what became of the impressions that were on a screen: of one
// day, slot, strategy and segment.
type Stat struct {
	Day      string // of the impressions, as "2026-03-14"
	Slot     string
	Strategy string
	Segment  recommend.Segment
	// Currency is that of Revenue, which stands in a row of its own; the
	// counts stand in the row without a currency.
	Currency money.Currency

	// Requests were seen; Hits of them were clicked, carted or ordered from,
	// each counted once whatever followed.
	Requests, Hits, Clicks, Carts, Orders int64
	// Revenue in minor units of what was ordered from them.
	Revenue int64
}

// Compare orders stats by what they count.
func (s Stat) Compare(o Stat) int {
	return cmp.Or(
		cmp.Compare(s.Day, o.Day), cmp.Compare(s.Slot, o.Slot), cmp.Compare(s.Strategy, o.Strategy),
		cmp.Compare(s.Segment, o.Segment), cmp.Compare(s.Currency, o.Currency),
	)
}

// Add adds the counts of o.
func (s *Stat) Add(o Stat) {
	s.Requests += o.Requests
	s.Hits += o.Hits
	s.Clicks += o.Clicks
	s.Carts += o.Carts
	s.Orders += o.Orders
	s.Revenue += o.Revenue
}

// Exposure counts how often a product was on a screen on one day, by one
// strategy in one slot.
type Exposure struct {
	Day      string
	Slot     string
	Strategy string
	Product  ref.ProductID
	Shown    int64
}

// Compare orders exposures by what they count.
func (e Exposure) Compare(o Exposure) int {
	return cmp.Or(
		cmp.Compare(e.Day, o.Day), cmp.Compare(e.Slot, o.Slot), cmp.Compare(e.Strategy, o.Strategy),
		cmp.Compare(e.Product, o.Product),
	)
}

// Reach sums up what a strategy showed in a slot, to everybody or to those of a
// segment.
type Reach struct {
	Slot     string
	Strategy string
	Segment  recommend.Segment
	// Products is how many different ones were shown, Shown how often any was.
	Products int64
	Shown    int64
	// Bits is how rare they are, summed over Shown: the negative logarithm to
	// the base 2 of a product's share of all that was shown in the slot.
	Bits float64
}
