package experiment

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Impression is a shelf that was sent to somebody.
type Impression struct {
	// Request is unique.
	Request string
	// Slot is where the shelf stands: "home", "product", "cart".
	Slot     string
	Visitor  string
	Strategy string
	Version  uint64 // of the model
	Segment  string // to report by; "" none
	Items    []ref.ProductID
	At       time.Time
}

// Kind is what a visitor did with something that was shown.
type Kind string

// The kinds.
const (
	Click Kind = "click"
	Cart  Kind = "cart"
	Order Kind = "order"
)

// Outcome is something a visitor did.
type Outcome struct {
	Visitor string
	Product ref.ProductID
	Kind    Kind
	// Revenue of an order's product, in minor units of the shop's currency.
	Revenue int64
	At      time.Time
}

// FeedbackConfig says how outcomes are joined.
type FeedbackConfig struct {
	// Window is how long after an impression an outcome speaks for it.
	// Defaults to 24 hours.
	Window time.Duration
	// Open is how many impressions may wait for their window to pass: beyond,
	// the oldest is closed early. Defaults to 100,000.
	Open int
	// Catalog is how many products there are, for the coverage. Defaults to
	// those that were shown.
	Catalog int
}

// Feedback joins what was shown with what came of it. It is safe for
// concurrent use.
type Feedback struct {
	c FeedbackConfig

	mu        sync.Mutex
	open      map[string]*shown
	queue     []*shown            // by time of arrival
	byVisitor map[string][]*shown // open ones
	lines     map[key]*line
	products  map[ref.ProductID]int // how often each was shown
	served    int
}

type key struct{ strategy, segment, slot string }

type shown struct {
	Impression
	seen, hit          bool
	click, cart, order bool
	revenue            int64
}

type line struct {
	requests, hits, clicked, carted, ordered int
	revenue                                  int64
	novelty                                  float64
	items                                    int
	products                                 map[ref.ProductID]struct{}
}

// NewFeedback returns an empty one.
func NewFeedback(c FeedbackConfig) *Feedback {
	if c.Window <= 0 {
		c.Window = 24 * time.Hour
	}
	if c.Open <= 0 {
		c.Open = 100_000
	}
	return &Feedback{
		c: c, open: map[string]*shown{}, byVisitor: map[string][]*shown{}, lines: map[key]*line{}, products: map[ref.ProductID]int{},
	}
}

// Shown notes an impression. One of a request that is open is dropped. Kinds:
// Invalid where the request, the visitor or the strategy is missing.
func (f *Feedback) Shown(i Impression) error {
	var v fault.Violations
	required := func(path, s string) {
		if s == "" {
			v.Add(path, "required", nil)
		}
	}
	required("request", i.Request)
	required("strategy", i.Strategy)
	required("visitor", i.Visitor)
	if err := v.Err("experiment.impression", "the impression cannot be noted"); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[i.Request] != nil {
		return nil
	}
	i.Items = slices.Clone(i.Items)
	s := &shown{Impression: i}
	f.open[i.Request] = s
	f.queue = append(f.queue, s)
	f.byVisitor[i.Visitor] = append(f.byVisitor[i.Visitor], s)
	if len(f.queue) > f.c.Open {
		f.close(f.queue[0])
		f.queue = f.queue[1:]
	}
	return nil
}

// Seen notes that the shelf of a request was on the screen: one that never was
// counts for nothing.
func (f *Feedback) Seen(request string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.open[request]; s != nil {
		s.seen = true
	}
}

// Happened joins an outcome with the newest impression of the visitor that
// showed the product within the window, and reports whether there was one. A
// request is hit once, whatever follows.
func (f *Feedback) Happened(o Outcome) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range slices.Backward(f.byVisitor[o.Visitor]) {
		age := o.At.Sub(s.At)
		if age < 0 || age > f.c.Window || !slices.Contains(s.Items, o.Product) {
			continue
		}
		s.seen, s.hit = true, true // who clicks has seen
		switch o.Kind {
		case Click:
			s.click = true
		case Cart:
			s.cart = true
		case Order:
			s.order = true
			s.revenue += max(0, o.Revenue)
		}
		return true
	}
	return false
}

// Result is what became of a request.
type Result struct {
	Request, Strategy, Segment string
	Hit                        bool
}

// Close counts the impressions whose window has passed by now, and returns
// those of them that were seen.
func (f *Feedback) Close(now time.Time) []Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	var done []Result
	f.queue = slices.DeleteFunc(f.queue, func(s *shown) bool {
		if now.Sub(s.At) <= f.c.Window {
			return false
		}
		f.close(s)
		if s.seen {
			done = append(done, Result{s.Request, s.Strategy, s.Segment, s.hit})
		}
		return true
	})
	return done
}

// close counts an impression.
func (f *Feedback) close(s *shown) {
	delete(f.open, s.Request)
	f.byVisitor[s.Visitor] = slices.DeleteFunc(f.byVisitor[s.Visitor], func(o *shown) bool { return o == s })
	if len(f.byVisitor[s.Visitor]) == 0 {
		delete(f.byVisitor, s.Visitor)
	}
	if !s.seen {
		return
	}
	k := key{s.Strategy, s.Segment, s.Slot}
	l := f.lines[k]
	if l == nil {
		l = &line{products: map[ref.ProductID]struct{}{}}
		f.lines[k] = l
	}
	l.requests++
	l.hits += count(s.hit)
	l.clicked += count(s.click)
	l.carted += count(s.cart)
	l.ordered += count(s.order)
	l.revenue += s.revenue
	f.served++
	for _, p := range s.Items {
		f.products[p]++
		l.products[p] = struct{}{}
		l.items++
		l.novelty += math.Log2(float64(f.served) / float64(min(f.served, f.products[p])))
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Line is what a strategy reached in a segment and a slot.
type Line struct {
	Strategy, Segment, Slot string
	Requests                int // seen
	// HitRate, ClickRate, CartRate and Conversion are shares of the requests.
	HitRate, ClickRate, CartRate, Conversion float64
	// RevenuePerThousand requests, in minor units.
	RevenuePerThousand int64
	// Coverage is the share of the catalogue that was shown.
	Coverage float64
	// Novelty is how rare the shown products are, in bits: 0 where everybody
	// sees the same.
	Novelty float64
}

// Report returns the lines by strategy, segment and slot, of what was closed.
func (f *Feedback) Report() []Line {
	f.mu.Lock()
	defer f.mu.Unlock()
	catalog := cmp.Or(f.c.Catalog, len(f.products), 1)
	var all []Line
	for k, l := range f.lines {
		n := float64(l.requests)
		all = append(all, Line{
			Strategy: k.strategy, Segment: k.segment, Slot: k.slot, Requests: l.requests,
			HitRate: float64(l.hits) / n, ClickRate: float64(l.clicked) / n, CartRate: float64(l.carted) / n,
			Conversion: float64(l.ordered) / n, RevenuePerThousand: l.revenue * 1000 / int64(l.requests),
			Coverage: float64(len(l.products)) / float64(catalog), Novelty: l.novelty / float64(max(1, l.items)),
		})
	}
	slices.SortFunc(all, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Strategy, b.Strategy), cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Slot, b.Slot))
	})
	return all
}
