package blevesearch

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/search"
)

// hit is one product that has at least one word of the query.
type hit struct {
	row  *row
	doc  uint32
	want int32 // the want that the last four belong to

	coverage, strong, frequency, properties float32
	credit, strongCredit, freq, props       float32

	head  bool  // the last word says what the product is
	named bool  // the last word is in its text, not only among its attributes
	begun bool  // the last word is the beginning of one in its text
	full  int32 // wants that are satisfied
	score float64
}

// satisfied is the least credit with which a want counts as found.
const satisfied = 0.6

// reading is one consistent view of a shelf, open during one query.
type reading struct {
	shelf    *shelf
	snapshot *scorch.IndexSnapshot
	offsets  []uint64
	rows     []*segmentRows
	slots    []uint32 // by document: its place in hits, from 1
	hits     []hit
	near     int      // the segment of the last document that was looked for
	only     []uint32 // the documents that are gathered, in order; empty for all
	last     int      // the want that may say what a product is

	suggesting bool // the texts alone are read
}

// segmentRows remembers which row each document of a segment has. Segments
// never change, so that each is looked up once.
type segmentRows struct {
	rows       []atomic.Pointer[row]
	popularity []atomic.Uint64          // of each row, 0 as long as nobody has asked
	best       atomic.Pointer[[]seller] // once the writer has looked up all of them: in the order of popularity
}

// place returns the segment of a document and its number there. Documents are
// looked for in order, mostly.
func (r *reading) place(doc uint32) (segment int, local uint64) {
	if r.offsets[r.near] > uint64(doc) {
		r.near = 0
	}
	for r.near+1 < len(r.offsets) && r.offsets[r.near+1] <= uint64(doc) {
		r.near++
	}
	return r.near, uint64(doc) - r.offsets[r.near]
}

// row returns the row of a document, nil for one that was removed since.
func (r *reading) row(doc uint32) *row {
	n, local := r.place(doc)
	cell := &r.rows[n].rows[local]
	if found := cell.Load(); found != nil {
		return found
	}
	id, err := r.snapshot.Segments()[n].DocID(local)
	if err != nil {
		return nil
	}
	found := r.shelf.find(string(id))
	if found != nil {
		cell.Store(found)
	}
	return found
}

// weigh returns how much each want counts: rare words count more.
func (r *reading) weigh(ctx context.Context, p *search.Plan) ([]float64, error) {
	total := float64(r.shelf.size())
	weights := make([]float64, len(p.Wants))
	counts := make([]uint64, len(p.Wants))
	for _, leaf := range p.Leaves {
		if len(leaf.Terms) > 1 || len(leaf.Wants) > 1 {
			continue
		}
		want := leaf.Wants[0]
		if leaf.Source != search.Typed && (counts[want] > 0 || leaf.Source == search.Prefixed) {
			continue
		}
		n, err := r.count(ctx, fieldText, leaf.Terms[0])
		if err != nil {
			return nil, err
		}
		counts[want] = max(counts[want], n)
	}
	for i, n := range counts {
		weights[i] = math.Log(1 + total/float64(n+1))
	}
	return weights, nil
}

func (r *reading) count(ctx context.Context, field, term string) (uint64, error) {
	reader, err := r.snapshot.TermFieldReader(ctx, []byte(term), field, false, false, false)
	if err != nil {
		return 0, err
	}
	n := reader.Count()
	return n, reader.Close()
}

// gather reads the postings of all leaves, want by want, and adds up what
// each product has of each. One pass serves every step of the ranking.
func (r *reading) gather(ctx context.Context, p *search.Plan, weights []float64) error {
	r.last = len(p.Wants) - 1
	whole := 0.0
	for _, w := range weights {
		whole += w
	}
	for want := range p.Wants {
		share := float32(weights[want] / whole)
		for i := range p.Leaves {
			leaf := &p.Leaves[i]
			if !contains(leaf.Wants, want) {
				continue
			}
			if r.suggesting && leaf.Source == search.Prefixed && len(r.only) > 0 {
				r.begin(leaf, want, share) // which of the words it is makes no difference
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			var err error
			if len(leaf.Terms) > 1 {
				err = r.together(ctx, leaf, want, share)
			} else {
				err = r.leaf(ctx, leaf, want, share)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func contains(list []int, n int) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// leaf adds the postings of one term, those of the text and those of the
// attributes.
func (r *reading) leaf(ctx context.Context, leaf *search.Leaf, want int, share float32) error {
	credit := float32(leaf.Credit)
	err := r.each(ctx, fieldText, leaf.Terms[0], func(doc uint32, freq float64) {
		if h := r.at(doc, want); h != nil {
			if r.suggesting && leaf.Source == search.Prefixed {
				freq = 1
			}
			h.grant(credit, share)
			h.named = h.named || want == r.last && credit >= satisfied
			h.grantStrong(credit, share, credit*share*float32(math.Sqrt(freq))*h.row.norm)
		}
	})
	if err != nil {
		return err
	}
	if leaf.Source == search.Prefixed || r.suggesting { // many words: one of their texts is enough
		return nil
	}
	if want == r.last && leaf.Head() {
		err := r.each(ctx, fieldHeads, leaf.Terms[0], func(doc uint32, _ float64) {
			if h := r.at(doc, want); h != nil {
				h.head = true
			}
		})
		if err != nil {
			return err
		}
	}
	return r.each(ctx, fieldProps, leaf.Terms[0], func(doc uint32, freq float64) {
		if h := r.at(doc, want); h != nil {
			h.grant(credit, share)
			if p := credit * share * float32(math.Sqrt(freq)); p > h.props {
				h.properties += p - h.props
				h.props = p
			}
		}
	})
}

// begin grants the credit of an unfinished word to the hits of which it is known
// that they have it.
func (r *reading) begin(leaf *search.Leaf, want int, share float32) {
	credit := float32(leaf.Credit)
	for i := range r.hits {
		if h := &r.hits[i]; h.begun {
			h = r.at(h.doc, want)
			h.grant(credit, share)
			h.named = true
			h.grantStrong(credit, share, credit*share*h.row.norm)
		}
	}
}

// together adds the products whose text has all terms of a leaf side by side.
func (r *reading) together(ctx context.Context, leaf *search.Leaf, want int, share float32) error {
	found := map[uint32]int{}
	for i, term := range leaf.Terms {
		err := r.each(ctx, fieldText, term, func(doc uint32, _ float64) {
			if found[doc] == i {
				found[doc] = i + 1
			}
		})
		if err != nil {
			return err
		}
	}
	credit := float32(leaf.Credit)
	for doc, n := range found {
		if n != len(leaf.Terms) || !r.beside(doc, leaf.Terms) {
			continue
		}
		if h := r.at(doc, want); h != nil {
			h.grant(credit, share)
			h.named = h.named || want == r.last
			h.grantStrong(credit, share, credit*share*h.row.norm)
		}
	}
	return nil
}

// beside reports whether a text of the document has the terms in a row.
func (r *reading) beside(doc uint32, terms []string) bool {
	found := r.row(doc)
	if found == nil {
		return false
	}
	p, l := &found.profile, r.shelf.lexicon
	return p.Title.Has(l, terms) || p.Summary.Has(l, terms) || p.Categories.Has(l, terms)
}

// each calls fn for the documents that have a term, of those that are gathered.
func (r *reading) each(ctx context.Context, field, term string, fn func(doc uint32, freq float64)) error {
	reader, err := r.snapshot.TermFieldReader(ctx, []byte(term), field, true, false, false)
	if err != nil {
		return err
	}
	if n := reader.Count(); len(r.only) > 0 && n > uint64(len(r.only))*skipped {
		err = r.skip(ctx, reader, fn)
	} else if n > 0 {
		err = r.scan(ctx, reader, fn)
	}
	if closeErr := reader.Close(); err == nil {
		err = closeErr
	}
	return err
}

// skipped is how many postings it has to pass over for a jump to the next
// document to be cheaper than reading them.
const skipped = 2

// scan reads all postings.
func (r *reading) scan(ctx context.Context, reader index.TermFieldReader, fn func(doc uint32, freq float64)) error {
	var posting index.TermFieldDoc
	for n := 0; ; n++ {
		if n&0xfff == 0xfff && ctx.Err() != nil {
			return ctx.Err()
		}
		next, err := reader.Next(&posting)
		if err != nil || next == nil {
			return err
		}
		fn(uint32(next.ID.Value()), float64(next.Freq)) //nolint:gosec // documents are numbered below 2^32
	}
}

// skip reads the postings of the documents that are gathered.
func (r *reading) skip(ctx context.Context, reader index.TermFieldReader, fn func(doc uint32, freq float64)) error {
	var posting index.TermFieldDoc
	var wanted index.IndexInternalID
	for n, k := 0, 0; k < len(r.only); n++ {
		if n&0xfff == 0xfff && ctx.Err() != nil {
			return ctx.Err()
		}
		wanted = index.NewIndexInternalID(wanted, uint64(r.only[k]))
		next, err := reader.Advance(wanted, &posting)
		if err != nil || next == nil {
			return err
		}
		doc := uint32(next.ID.Value()) //nolint:gosec // documents are numbered below 2^32
		for k < len(r.only) && r.only[k] < doc {
			k++
		}
		if k < len(r.only) && r.only[k] == doc {
			fn(doc, float64(next.Freq))
			k++
		}
	}
	return nil
}

// at returns the hit of a document, with its counters on this want, and nil
// for one that was removed or is not gathered.
func (r *reading) at(doc uint32, want int) *hit {
	slot := r.slots[doc]
	if slot == 0 {
		if len(r.only) > 0 {
			return nil
		}
		if slot = r.add(doc); slot == 0 {
			return nil
		}
	}
	h := &r.hits[slot-1]
	if h.want != int32(want) { //nolint:gosec // at most MaxWords
		h.want = int32(want) //nolint:gosec // at most MaxWords
		h.credit, h.strongCredit, h.freq, h.props = 0, 0, 0, 0
	}
	return h
}

// add makes a hit of a document and returns its place, 0 for one that was
// removed.
func (r *reading) add(doc uint32) uint32 {
	found := r.row(doc)
	if found == nil {
		return 0
	}
	r.hits = append(r.hits, hit{row: found, doc: doc, want: -1})
	slot := uint32(len(r.hits)) //nolint:gosec // documents are numbered below 2^32
	r.slots[doc] = slot
	return slot
}

func (h *hit) grant(credit, share float32) {
	if credit <= h.credit {
		return
	}
	if h.credit < satisfied && credit >= satisfied {
		h.full++
	}
	h.coverage += (credit - h.credit) * share
	h.credit = credit
}

func (h *hit) grantStrong(credit, share, freq float32) {
	if credit > h.strongCredit {
		h.strong += (credit - h.strongCredit) * share
		h.strongCredit = credit
	}
	if freq > h.freq {
		h.frequency += freq - h.freq
		h.freq = freq
	}
}
