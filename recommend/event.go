package recommend

import (
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Kind is what a visitor did.
type Kind string

// The kinds.
const (
	View     Kind = "view"     // looked at it
	CartAdd  Kind = "cart_add" // put it into a cart
	Purchase Kind = "purchase" // paid for it
	Refund   Kind = "refund"   // gave it back: the purchase says nothing any more
	Hide     Kind = "hide"     // does not want to see it again
)

// Kinds returns every kind.
func Kinds() []Kind { return []Kind{View, CartAdd, Purchase, Refund, Hide} }

// MaxSegments is how many segments a visitor has at most.
const MaxSegments = 8

// Visitor is who does or asks something: a member, a session, or a member in
// a session.
type Visitor struct {
	Member ref.MemberID
	// Session is the token of a browser or of a guest.
	Session string
	// Segments the visitor belongs to.
	Segments []Segment
}

func (w Visitor) validate(v *fault.Violations, path string) {
	if w.Member != "" && !ref.ValidID(string(w.Member)) {
		v.Add(path+".member", "malformed", nil)
	}
	if w.Session != "" && !ref.PlainText(w.Session) || len(w.Session) > maxText {
		v.Add(path+".session", "malformed", nil)
	}
	if len(w.Segments) > MaxSegments {
		v.Add(path+".segments", "too_many", fault.Params{"max": MaxSegments})
	}
	for i, s := range w.Segments {
		if s == "" || len(s) > maxText || !ref.PlainText(string(s)) || strings.Contains("/"+string(s)+"/", "//") {
			v.Add(path+".segments["+strconv.Itoa(i)+"]", "malformed", nil)
		}
	}
}

// maxText is how many bytes a token or segment has at most.
const maxText = 255

// Event is something that a visitor did with a product.
type Event struct {
	// ID makes an event that comes twice count once.
	ID      string
	Kind    Kind
	Visitor Visitor // a member or a session
	Product ref.ProductID
	// Basket groups what was bought at once, such as an order's id; "" none.
	Basket string
	// At is when. A time ahead of the engine's clock counts as now.
	At time.Time
}

// MaxEvents is how many events one call records at most.
const MaxEvents = 10_000

// Validate reports everything that is wrong with events as one Invalid fault:
// every implementation of [Recommender] calls it.
func Validate(events ...Event) error {
	var v fault.Violations
	if len(events) > MaxEvents {
		v.Add("events", "too_many", fault.Params{"max": MaxEvents})
		events = nil
	}
	for i, e := range events {
		e.validate(&v, "events["+strconv.Itoa(i)+"]")
	}
	return v.Err("recommend.event", "the events cannot be recorded")
}

func (e Event) validate(v *fault.Violations, path string) {
	if e.ID == "" || len(e.ID) > maxText || !ref.PlainText(e.ID) {
		v.Add(path+".id", "malformed", nil)
	}
	switch e.Kind {
	case View, CartAdd, Purchase, Refund, Hide:
	default:
		v.Add(path+".kind", "unknown", nil)
	}
	if e.Visitor.Member == "" && e.Visitor.Session == "" {
		v.Add(path+".visitor", "required", nil)
	}
	e.Visitor.validate(v, path+".visitor")
	if !ref.ValidID(string(e.Product)) {
		v.Add(path+".product", "malformed", nil)
	}
	if e.Basket != "" && !ref.PlainText(e.Basket) || len(e.Basket) > maxText {
		v.Add(path+".basket", "malformed", nil)
	}
	if e.At.Year() < 1970 || e.At.Year() > 9999 {
		v.Add(path+".at", "out_of_range", nil)
	}
}
