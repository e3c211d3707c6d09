package blevesearch

import (
	"cmp"
	"hash/crc32"
	"math"
	"slices"
	"strings"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/search"
)

// mostSuggested is how many products a suggestion looks at: the first letters
// of a word are in all of them, and frequent words in most.
const mostSuggested = search.Window

// The ways in which the last word is in a text, the better ones first.
func asTyped(l *search.Leaf) bool { return l.Source == search.Typed }
func begun(l *search.Leaf) bool   { return l.Source == search.Prefixed }
func meant(l *search.Leaf) bool   { return !asTyped(l) && !begun(l) }

// shortlist adds to the hits the products to suggest from: those with all words
// where there are any, and first those that have the last one as it stands. With
// none of them it is those with as many of the words as go together, the rarest
// before all others. Of too many the ones that sell best are kept.
func (f *finder) shortlist() error {
	last, hidden := len(f.weights)-1, f.hidden()
	var steps []index.TermFieldReader // each within the one before
	var within index.TermFieldReader
	for _, want := range f.rarest() {
		if want == last {
			continue
		}
		set, err := f.want(want, within, false, anyLeaf)
		if err != nil {
			return err
		}
		some, err := f.some(set)
		if err != nil {
			return err
		}
		if some {
			steps, within = append(steps, set), set
		}
	}
	for i, kind := range []func(*search.Leaf) bool{asTyped, begun, meant} {
		set, err := f.want(last, within, false, kind)
		if err != nil {
			return err
		}
		from := len(f.hits)
		if err := f.fill(set, hidden); err != nil {
			return err
		}
		for k := range f.hits[from:] {
			f.hits[from+k].begun = i == 1
		}
	}
	if len(steps) == last && len(f.hits) > 0 {
		return nil
	}
	for _, set := range slices.Backward(steps) {
		if err := f.fill(set, hidden); err != nil {
			return err
		}
	}
	return nil
}

// fill adds the products of a set that sell best, as many as there is room for.
func (f *finder) fill(set index.TermFieldReader, hidden map[string]bool) error {
	best := shortlist{reading: f.reading, hidden: hidden, most: mostSuggested - len(f.hits)}
	if set == nil || best.most <= 0 {
		return nil
	}
	if err := f.read(set, best.offer); err != nil {
		return err
	}
	best.cut()
	for _, c := range best.list {
		f.add(c.doc)
	}
	return nil
}

// shortlist keeps the documents whose products sell best.
type shortlist struct {
	*reading
	hidden map[string]bool
	most   int
	least  uint64 // what one more has to have
	list   []candidate
}

type candidate struct {
	doc        uint32
	popularity uint64
}

func (s *shortlist) offer(doc uint32) {
	if s.slots[doc] != 0 {
		return
	}
	n, local := s.place(doc)
	cell := &s.rows[n].popularity[local]
	c := candidate{doc, cell.Load()}
	if c.popularity == 0 {
		found := s.row(doc)
		if found == nil {
			return // removed since
		}
		c.popularity = found.popularity()
		cell.Store(c.popularity)
	}
	if c.popularity < s.least {
		return
	}
	if s.hidden != nil {
		if found := s.row(doc); found == nil || s.hidden[found.id] {
			return
		}
	}
	if s.list = append(s.list, c); len(s.list) >= 2*s.most {
		s.cut()
	}
}

// cut drops those that are too many.
func (s *shortlist) cut() {
	if len(s.list) <= s.most {
		return
	}
	slices.SortFunc(s.list, func(a, b candidate) int {
		if c := cmp.Compare(b.popularity, a.popularity); c != 0 {
			return c
		}
		return strings.Compare(s.id(a.doc), s.id(b.doc))
	})
	s.list = s.list[:s.most]
	s.least = s.list[s.most-1].popularity
}

func (r *reading) id(doc uint32) string {
	if found := r.row(doc); found != nil {
		return found.id
	}
	return ""
}

// popularity orders products before anything is known of how they fit: what is
// in stock first, then by sales, then in an order that is the same in every
// index. It is above 0.
func (r *row) popularity() uint64 {
	p := uint64(min(max(r.profile.Sales, 0), math.MaxInt32-1)+1)<<32 | uint64(crc32.ChecksumIEEE([]byte(r.id)))
	if r.profile.InStock {
		p |= 1 << 63
	}
	return p
}
