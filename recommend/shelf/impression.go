package shelf

import (
	"cmp"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// Impression is what one strategy put on a shelf that was sent to somebody,
// and what became of it. An interleaved shelf has two, with one request; so has
// one that another strategy filled: the strategy that was chosen and had no
// item has put no products there, so that nothing but misses comes of it.
type Impression struct {
	Request  string
	Strategy string
	Slot     string
	// Visitor is who it was sent to; of the segments only the first is kept,
	// by which reports are made.
	Member  ref.MemberID
	Session string
	Segment recommend.Segment
	// Model is the version of the model that answered.
	Model int64
	// Propensity is how likely it was that this strategy would be chosen, 0 where
	// it stood in for another one.
	Propensity float64
	// Products are what it put there, Places where: from 0, one each.
	Products []ref.ProductID
	Places   []int
	At       time.Time

	// Seen says that it was on a screen; the others that a product of it was
	// clicked, put into a cart and paid for.
	Seen, Clicked, Carted, Ordered bool
	// Sales are what was paid for of it, each once.
	Sales []Sale
}

// Sale is a product of an order.
type Sale struct {
	Order   ref.OrderID   `json:"order"`
	Product ref.ProductID `json:"product"`
}

// Clone returns a copy that shares nothing with i.
func (i Impression) Clone() Impression {
	i.Products, i.Places, i.Sales = slices.Clone(i.Products), slices.Clone(i.Places), slices.Clone(i.Sales)
	return i
}

// hit reports whether anything came of it.
func (i *Impression) hit() bool { return i.Clicked || i.Carted || i.Ordered }

// Compare orders impressions as stores lock them.
func (i Impression) Compare(o Impression) int {
	return cmp.Or(cmp.Compare(i.Request, o.Request), cmp.Compare(i.Strategy, o.Strategy))
}

// sentTo reports whether a visitor is the one of the impression.
func (i *Impression) sentTo(member ref.MemberID, session string) bool {
	return member != "" && i.Member == member || session != "" && i.Session == session
}
