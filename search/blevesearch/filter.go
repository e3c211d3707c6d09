package blevesearch

import (
	"slices"

	"github.com/soukhq/souk/search"
)

// filterSet is the filters of a query, made ready to be asked of rows.
type filterSet struct {
	filters []filter
	groups  []string // the fields that are filtered
}

// filter is one of them.
type filter struct {
	group    int
	field    string
	number   uint32 // of the field, where it is numeric
	known    bool   // the field exists
	any      []uint32
	min, max *float64
	not      bool
}

// compile looks the values of filters up.
func (u *run) compile(filters []search.Filter) filterSet {
	var set filterSet
	v := u.shelf.values
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, f := range filters {
		group := slices.Index(set.groups, f.Field)
		if group < 0 {
			group = len(set.groups)
			set.groups = append(set.groups, f.Field)
		}
		c := filter{group: group, field: f.Field, min: f.Min, max: f.Max, not: f.Not}
		c.number, c.known = v.byName[f.Field]
		for _, text := range f.Any {
			if id, found := v.ids[f.Field+"\x00"+text]; found {
				c.any = append(c.any, id)
			}
		}
		set.filters = append(set.filters, c)
	}
	return set
}

// What a row says to a set of filters, beside the number of the one group
// that it fails.
const (
	passes = -1
	fails  = -2
)

// check returns passes, the group that alone keeps the row out, or fails.
func (s *filterSet) check(r *row) int {
	failed := passes
	for i := range s.filters {
		f := &s.filters[i]
		if f.group == failed || f.holds(r) {
			continue
		}
		if failed != passes {
			return fails
		}
		failed = f.group
	}
	return failed
}

func (f *filter) holds(r *row) bool {
	return f.matches(r) != f.not
}

func (f *filter) matches(r *row) bool {
	if f.min == nil && f.max == nil {
		for _, id := range f.any {
			if _, found := slices.BinarySearch(r.values, id); found {
				return true
			}
		}
		return false
	}
	switch f.field {
	case search.FieldPrice:
		return slices.ContainsFunc(r.prices, func(p int64) bool { return f.within(float64(p)) })
	case search.FieldRating:
		return f.within(r.profile.Rating)
	}
	return f.known && slices.ContainsFunc(r.numbers, func(m measure) bool {
		return m.field == f.number && f.within(m.value)
	})
}

func (f *filter) within(n float64) bool {
	return (f.min == nil || n >= *f.min) && (f.max == nil || n <= *f.max)
}

// matches is what a query found.
type matches struct {
	hits []*hit // what the filters let through
	near []*hit // what one group of filters alone keeps out, for the facets
	full int    // how many of hits have every word
	any  bool   // something matches, whatever the filters say

	settled bool // hits have every word
}

// fullBonus puts products with all words before the others, favourBonus is
// worth one point of weight of a rule.
const (
	fullBonus   = 20
	favourBonus = 3
)

// choose applies the filters and decides, without them, whether products with
// some of the words are shown after those with all. Blurred says that words were replaced
// by what looks alike.
func (u *run) choose(blurred bool) *matches {
	m := &matches{}
	wants := int32(len(u.plan.Wants)) //nolint:gosec // at most MaxWords
	ranking := &u.index.config.Ranking
	hidden := u.hidden()
	favours := u.favours()
	complete := 0
	for i := range u.hits {
		h := &u.hits[i]
		whole := h.full == wants && h.named
		if hidden[h.row.id] || !whole && h.coverage < leastCoverage {
			continue
		}
		m.any = true
		if whole {
			complete++
		}
		verdict := u.filters.check(h.row)
		if verdict == fails {
			continue
		}
		h.score = ranking.First(search.Match{
			Coverage: float64(h.coverage), Strong: float64(h.strong),
			Frequency: float64(h.frequency), Properties: float64(h.properties), Head: h.head,
		}) + favours.of(h.row)
		if whole {
			h.score += fullBonus
		}
		if verdict != passes {
			m.near = append(m.near, h)
			continue
		}
		m.hits = append(m.hits, h)
		if whole {
			m.full++
		}
	}
	if m.settled = u.settled(complete); m.settled {
		some := func(h *hit) bool { return h.full < wants || !h.named }
		m.hits, m.near = slices.DeleteFunc(m.hits, some), slices.DeleteFunc(m.near, some)
	}
	switch {
	case blurred:
		u.step = search.StepFuzzy
	case m.full == 0 && len(m.hits) > 0:
		u.step = search.StepSome
	case u.corrected != "":
		u.step = search.StepCorrected
	default:
		u.step = search.StepAll
	}
	return m
}

// settled reports whether so many products with all words make those with some
// of them unnecessary.
func (u *run) settled(whole int) bool {
	return whole >= enough || (u.query.Literal || u.query.Sort != search.ByRelevance) && whole > 0
}

// everything is what a query without words finds.
func (u *run) everything() *matches {
	m := &matches{}
	u.reset()
	hidden := u.hidden()
	favours := u.favours()
	for n, segment := range u.snapshot.Segments() {
		live := segment.DocNumbersLive().Iterator()
		for live.HasNext() {
			doc := uint32(u.offsets[n]) + live.Next() //nolint:gosec // documents are numbered below 2^32
			if r := u.row(doc); r != nil {
				u.hits = append(u.hits, hit{row: r, doc: doc})
			}
		}
	}
	for i := range u.hits {
		h := &u.hits[i]
		if hidden[h.row.id] {
			continue
		}
		h.score = float64(h.row.profile.Sales) + favours.of(h.row)*1e6
		switch u.filters.check(h.row) {
		case passes:
			m.hits = append(m.hits, h)
		case fails:
		default:
			m.near = append(m.near, h)
		}
	}
	m.full = len(m.hits)
	return m
}

func (u *run) hidden() map[string]bool {
	if len(u.query.Steering.Hide)+len(u.query.Steering.Pin) == 0 {
		return nil
	}
	hidden := map[string]bool{}
	for _, id := range u.query.Steering.Hide {
		hidden[string(id)] = true
	}
	return hidden
}

// favours are the products that rules move up or down.
type favours struct {
	products map[string]float64
	filters  []filter
	weights  []float64
}

func (u *run) favours() *favours {
	if len(u.query.Steering.Favour) == 0 {
		return nil
	}
	out := &favours{products: map[string]float64{}}
	for _, f := range u.query.Steering.Favour {
		for _, id := range f.Products {
			out.products[string(id)] += f.Weight
		}
		if f.Filter != nil {
			out.filters = append(out.filters, u.compile([]search.Filter{*f.Filter}).filters...)
			out.weights = append(out.weights, f.Weight)
		}
	}
	return out
}

// of returns what the rules add to the score of a row.
func (f *favours) of(r *row) float64 {
	if f == nil {
		return 0
	}
	sum := f.products[r.id]
	for i := range f.filters {
		if f.filters[i].holds(r) {
			sum += f.weights[i]
		}
	}
	return sum * favourBonus
}
