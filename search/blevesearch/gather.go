package blevesearch

import (
	"cmp"
	"context"
	"math"
	"slices"
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
	most     int // to suggest: hits of a single word to keep, 0 for all and to search
	single   bool
	among    []uint64 // to suggest: the documents that may join the hits, a bit each; nil for all
	closed   bool     // no product joins the hits any more
	last     int      // the want that may say what a product is
}

// segmentRows remembers which row each document of a segment has. Segments
// never change, so that each is looked up once.
type segmentRows struct {
	rows []atomic.Pointer[row]
}

// row returns the row of a document, nil for one that was removed since.
func (r *reading) row(doc uint32) *row {
	n := 0
	for n+1 < len(r.offsets) && r.offsets[n+1] <= uint64(doc) {
		n++
	}
	local := uint64(doc) - r.offsets[n]
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
// each product has of each. One pass serves every step of the ranking. What is
// only suggested has to have the rarest of the complete words that there are.
func (r *reading) gather(ctx context.Context, p *search.Plan, weights []float64) error {
	r.last, r.single = len(p.Wants)-1, len(p.Wants) == 1
	whole := 0.0
	for _, w := range weights {
		whole += w
	}
	wants, err := r.order(ctx, p, weights)
	if err != nil {
		return err
	}
	for _, want := range wants {
		r.closed = r.most > 0 && len(r.hits) > 0
		share := float32(weights[want] / whole)
		for i := range p.Leaves {
			leaf := &p.Leaves[i]
			if !contains(leaf.Wants, want) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
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

// order returns the wants in the order in which they are read: to suggest, the
// rarest first and the unfinished one last. Where even the rarest is in more
// products than are looked at, the unfinished one comes first, among these.
func (r *reading) order(ctx context.Context, p *search.Plan, weights []float64) ([]int, error) {
	wants := make([]int, len(weights))
	for i := range wants {
		wants[i] = i
	}
	r.among = nil
	if r.most == 0 || r.single {
		return wants, nil
	}
	slices.SortStableFunc(wants[:r.last], func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	among, found := make([]uint64, len(r.slots)/64+1), 0
	for i := range p.Leaves {
		leaf := &p.Leaves[i]
		if !contains(leaf.Wants, wants[0]) || len(leaf.Terms) > 1 {
			continue
		}
		err := r.each(ctx, fieldText, leaf.Terms[0], func(doc uint32, _ float64) {
			among[doc/64] |= 1 << (doc % 64)
			found++
		})
		if err != nil {
			return nil, err
		}
	}
	if found <= r.most {
		return wants, nil
	}
	r.among = among
	return append([]int{r.last}, wants[:r.last]...), nil
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
			h.grant(credit, share)
			h.named = h.named || want == r.last && credit >= satisfied
			h.grantStrong(credit, share, credit*share*float32(math.Sqrt(freq))*h.row.norm)
		}
	})
	if err != nil {
		return err
	}
	if leaf.Source == search.Prefixed || r.most > 0 { // many words: one of their texts is enough
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

// each calls fn for the documents that have a term.
func (r *reading) each(ctx context.Context, field, term string, fn func(doc uint32, freq float64)) error {
	reader, err := r.snapshot.TermFieldReader(ctx, []byte(term), field, true, false, false)
	if err != nil {
		return err
	}
	var posting index.TermFieldDoc
	for n := 0; ; n++ {
		if n&0xfff == 0xfff && ctx.Err() != nil {
			err = ctx.Err()
			break
		}
		if r.most > 0 && r.single && len(r.hits) >= r.most {
			break
		}
		next, nextErr := reader.Next(&posting)
		if nextErr != nil || next == nil {
			err = nextErr
			break
		}
		fn(uint32(next.ID.Value()), float64(next.Freq)) //nolint:gosec // documents are numbered below 2^32
	}
	if closeErr := reader.Close(); err == nil {
		err = closeErr
	}
	return err
}

// at returns the hit of a document, with its counters on this want, and nil
// for one that was removed or is one too many.
func (r *reading) at(doc uint32, want int) *hit {
	slot := r.slots[doc]
	if slot == 0 {
		if r.closed || r.most > 0 && (r.single || r.among != nil) && len(r.hits) >= r.most ||
			r.among != nil && r.among[doc/64]&(1<<(doc%64)) == 0 {
			return nil
		}
		found := r.row(doc)
		if found == nil {
			return nil
		}
		r.hits = append(r.hits, hit{row: found, doc: doc, want: -1})
		slot = uint32(len(r.hits)) //nolint:gosec // documents are numbered below 2^32
		r.slots[doc] = slot
	}
	h := &r.hits[slot-1]
	if h.want != int32(want) { //nolint:gosec // at most MaxWords
		h.want = int32(want) //nolint:gosec // at most MaxWords
		h.credit, h.strongCredit, h.freq, h.props = 0, 0, 0, 0
	}
	return h
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
