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
const (
	asTyped = iota
	begun
	meant
	ways
)

// way returns in which way a leaf is the last word.
func way(l *search.Leaf) int {
	switch l.Source {
	case search.Typed:
		return asTyped
	case search.Prefixed:
		return begun
	case search.Paired, search.Coded, search.Joined, search.Synonymous, search.Corrected, search.Alike:
	}
	return meant
}

// shortlist finds the products to suggest from.
type shortlist struct {
	*finder
	hidden map[string]bool
	last   int                     // the want that is being typed
	some   []int                   // the others that go together, the rarest first
	steps  []index.TermFieldReader // the products with the first of these, with the first two...
	wanted *wanted
	far    int // how far a walk goes
}

// shortlist adds to the hits the products to suggest from: those with all words
// where there are any, and first those that have the last one as it stands. With
// none of them it is those with as many of the words as go together, the rarest
// before all others. Of too many the ones that sell best are kept.
//
// Where many have the words a walk from the best seller on soon meets enough. Where
// few have them the engine's bitmaps find these.
func (f *finder) shortlist() error {
	s := f.newShortlist()
	if err := s.nest(); err != nil {
		return err
	}
	for by := range ways {
		from := len(f.hits)
		if err := s.find(by); err != nil {
			return err
		}
		for i := range f.hits[from:] {
			f.hits[from+i].begun = by == begun
		}
	}
	if len(s.steps) == s.last && len(f.hits) > 0 {
		return nil
	}
	for _, set := range slices.Backward(s.steps) {
		if err := s.keep(set); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) newShortlist() *shortlist {
	s := &shortlist{finder: f, hidden: f.hidden(), last: len(f.weights) - 1}
	// Of words that one product in n has, a walk passes n for each that it keeps: as
	// far as this, no more than the bitmaps would find.
	s.far = int(math.Sqrt(float64(mostSuggested * f.shelf.size())))
	return s
}

// nest finds the words that go together.
func (s *shortlist) nest() error {
	var within index.TermFieldReader
	for _, want := range s.rarest() {
		if want == s.last {
			continue
		}
		set, err := s.want(want, false, anyLeaf)
		if err == nil && within != nil {
			set, err = s.combine(allOf, []index.TermFieldReader{within, set})
		}
		if err != nil {
			return err
		}
		any, err := s.any(set)
		if err != nil {
			return err
		}
		if any {
			s.some, s.steps, within = append(s.some, want), append(s.steps, set), set
		}
	}
	s.wanted = newWanted(&s.plan, s.some, s.last)
	return nil
}

// find adds the products with the words that go together and with the last one,
// in one of the ways in which it is in a text.
func (s *shortlist) find(by int) error {
	if s.wanted.offered&lastBy(by) == 0 || s.walk(by) {
		return nil
	}
	set, err := s.want(s.last, false, func(l *search.Leaf) bool { return way(l) == by })
	if n := len(s.steps); err == nil && n > 0 {
		set, err = s.combine(allOf, []index.TermFieldReader{s.steps[n-1], set})
	}
	if err != nil {
		return err
	}
	return s.keep(set)
}

// keep adds the products of a set that sell best, as many as there is room for.
func (s *shortlist) keep(set index.TermFieldReader) error {
	best := bestsellers{shortlist: s, most: mostSuggested - len(s.hits)}
	if set == nil || best.most <= 0 {
		return nil
	}
	if err := s.read(set, best.offer); err != nil {
		return err
	}
	best.cut()
	for _, c := range best.list {
		s.add(c.doc)
	}
	return nil
}

// bestsellers keeps the documents whose products sell best.
type bestsellers struct {
	*shortlist
	most  int
	least uint64 // what one more has to have
	list  []seller
}

func (s *bestsellers) offer(doc uint32) {
	if s.slots[doc] != 0 {
		return
	}
	found := s.row(doc)
	if found == nil {
		return // removed since
	}
	n, local := s.place(doc)
	cell := &s.rows[n].popularity[local]
	c := seller{found, cell.Load(), doc}
	if c.popularity == 0 {
		c.popularity = found.popularity()
		cell.Store(c.popularity)
	}
	if c.popularity < s.least || len(s.hidden) > 0 && s.hidden[found.id] {
		return
	}
	if s.list = append(s.list, c); len(s.list) >= 2*s.most {
		s.cut()
	}
}

// cut drops those that are too many.
func (s *bestsellers) cut() {
	if len(s.list) <= s.most {
		return
	}
	slices.SortFunc(s.list, seller.compare)
	s.list = s.list[:s.most]
	s.least = s.list[s.most-1].popularity
}

// seller is a product, by how it sells.
type seller struct {
	row        *row
	popularity uint64
	doc        uint32
}

// compare orders the one first that sells better.
func (a seller) compare(b seller) int {
	if a.popularity != b.popularity {
		return cmp.Compare(b.popularity, a.popularity)
	}
	return strings.Compare(a.row.id, b.row.id)
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
