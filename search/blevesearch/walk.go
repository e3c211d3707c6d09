package blevesearch

import (
	"hash/crc32"
	"math/bits"
	"slices"

	"github.com/soukhq/souk/search"
)

// pace is after how many products it is seen again whether a walk is worth it.
const pace = 128

// walk adds the best sellers with the words to the hits, the last one in some way,
// as many as there is room for, and reports whether these are all there is room
// for or all there are. Else the hits that it added are the first of them.
func (s *shortlist) walk(by int) bool {
	heads := make([][]seller, len(s.rows)) // by segment what is left of it
	for i, segment := range s.rows {
		best := segment.best.Load()
		if best == nil {
			return false // it came to be since the last write
		}
		heads[i] = *best
	}
	whole := s.wanted.all | lastBy(by)
	room, found := mostSuggested-len(s.hits), 0
	for n := 1; found < room; n++ {
		at := s.next(heads)
		if at < 0 {
			return true
		}
		head := heads[at][0]
		heads[at] = heads[at][1:]
		doc := uint32(s.offsets[at]) + head.doc //nolint:gosec // documents are numbered below 2^32
		if s.wanted.of(head.row.terms)&whole == whole && s.slots[doc] == 0 && !s.hidden[head.row.id] && !s.deleted(at, head.doc) {
			s.add(doc)
			found++
		}
		if n%pace == 0 && found*s.far < room*n {
			return false
		}
	}
	return true
}

// next returns the segment whose head sells best, -1 where nothing is left.
func (s *shortlist) next(heads [][]seller) int {
	at := -1
	for i, head := range heads {
		if len(head) > 0 && (at < 0 || head[0].compare(heads[at][0]) < 0) {
			at = i
		}
	}
	return at
}

func (s *shortlist) deleted(segment int, doc uint32) bool {
	deleted := s.snapshot.Segments()[segment].Deleted()
	return deleted != nil && deleted.Contains(doc)
}

// rank keeps the order in which the products of a segment sell. The writer calls
// it, when all rows were looked up.
func (s *segmentRows) rank() {
	best := make([]seller, 0, len(s.rows))
	for i := range s.rows {
		if p := s.popularity[i].Load(); p != 0 {
			best = append(best, seller{s.rows[i].Load(), p, uint32(i)})
		}
	}
	slices.SortFunc(best, seller.compare)
	s.best.Store(&best)
}

// wanted are words, made ready to be looked for in the terms of rows. A set of
// them is a bit for each, and for the last one as each way of it has it.
type wanted struct {
	all     uint64 // all words but the last one
	offered uint64 // what anything stands for
	terms   []wantedTerm
	groups  []wantedGroup
}

// wantedTerm is a term and the words that it stands for. They lie in a table by
// the lowest bits of the term, or in the next place that is free.
type wantedTerm struct {
	term  uint32
	wants uint64
}

// wantedGroup are several terms that stand for words together.
type wantedGroup struct {
	terms []uint32
	wants uint64
}

// lastBy returns the last word as one way has it.
func lastBy(way int) uint64 { return 1 << (search.MaxWords + way) }

// newWanted returns some words of a plan and the last one.
func newWanted(p *search.Plan, some []int, last int) *wanted {
	w := &wanted{}
	for _, want := range some {
		w.all |= 1 << want
	}
	single := map[uint32]uint64{}
	for i := range p.Leaves {
		leaf := &p.Leaves[i]
		if !stands(leaf) {
			continue
		}
		wants := uint64(0)
		for _, want := range leaf.Wants {
			if want == last {
				wants |= lastBy(way(leaf))
			} else {
				wants |= w.all & (1 << want)
			}
		}
		if wants == 0 {
			continue
		}
		terms := make([]uint32, len(leaf.Terms))
		for k, term := range leaf.Terms {
			terms[k] = digest(term)
		}
		if len(terms) == 1 {
			single[terms[0]] |= wants
		} else {
			w.groups = append(w.groups, wantedGroup{terms, wants})
		}
		w.offered |= wants
	}
	w.terms = make([]wantedTerm, 1<<bits.Len(uint(8*len(single))))
	for term, wants := range single {
		w.terms[w.place(term)] = wantedTerm{term, wants}
	}
	return w
}

// place returns where a term is in the table, or would be.
func (w *wanted) place(term uint32) uint32 {
	last := uint32(len(w.terms) - 1) //nolint:gosec // far fewer
	at := term & last
	for w.terms[at].wants != 0 && w.terms[at].term != term {
		at = (at + 1) & last
	}
	return at
}

// of returns the words that a product with these terms has.
func (w *wanted) of(terms []uint32) uint64 {
	found := uint64(0)
	for _, term := range terms {
		found |= w.terms[w.place(term)].wants
	}
	for _, g := range w.groups {
		if g.wants&^found != 0 && !slices.ContainsFunc(g.terms, func(t uint32) bool { return !slices.Contains(terms, t) }) {
			found |= g.wants
		}
	}
	return found
}

// digest is what a row keeps of a term of its text. Two terms share one once in
// four thousand million: then a product may be suggested that lacks the last word.
func digest(term string) uint32 { return crc32.ChecksumIEEE([]byte(term)) }

// digests returns the terms of a text, in a form to be looked through.
func digests(g *search.Digest) []uint32 {
	var out []uint32
	for _, list := range g.Text {
		for _, t := range list {
			if t.Content() {
				out = append(out, digest(t.Term))
			}
		}
	}
	for _, code := range g.Codes {
		out = append(out, digest(code))
	}
	slices.Sort(out)
	return slices.Clip(slices.Compact(out))
}
