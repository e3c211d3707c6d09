package blevesearch

import (
	"cmp"
	"context"
	"errors"
	"slices"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/search"
)

// narrow finds the documents that have all words by the engine's bitmaps, so
// that the postings of frequent words are read of these alone. It reports
// whether what is gathered is kept to them: not where there are so few of them
// that products with some of the words are shown too.
func (u *run) narrow(ctx context.Context) (narrowed bool, err error) {
	f := &finder{run: u, ctx: ctx}
	defer func() { err = errors.Join(err, f.close()) }()
	if u.suggesting {
		err = f.shortlist()
	} else {
		err = f.whole()
	}
	if errors.Is(err, errNoBitmaps) {
		u.reset()
		return false, nil
	}
	if err != nil || len(u.hits) == 0 && !u.suggesting {
		return false, err
	}
	u.only = u.only[:0]
	for i := range u.hits {
		u.only = append(u.only, u.hits[i].doc)
	}
	slices.Sort(u.only)
	return true, nil
}

// errNoBitmaps says that the engine does not combine postings: its host has
// switched that off. Everything is found without, more slowly.
var errNoBitmaps = errors.New("no bitmaps of postings")

// The ways in which the engine combines postings.
const (
	allOf = "conjunction:unadorned"
	anyOf = "disjunction:unadorned"
)

// finder makes sets of documents out of postings. A nil set is empty.
type finder struct {
	*run
	ctx  context.Context //nolint:containedctx // of one search
	open []index.TermFieldReader
}

func (f *finder) close() error {
	var errs []error
	for _, reader := range f.open {
		errs = append(errs, reader.Close())
	}
	return errors.Join(errs...)
}

// term returns the documents that have a term.
func (f *finder) term(field, term string) (index.TermFieldReader, error) {
	reader, err := f.snapshot.TermFieldReader(f.ctx, []byte(term), field, false, false, false)
	if err != nil {
		return nil, err
	}
	f.open = append(f.open, reader)
	if reader.Count() == 0 {
		return nil, nil //nolint:nilnil // an empty set
	}
	return reader, nil
}

// combine returns the documents that are in all or any of some sets. What the
// engine combines has no count, so that whether it is empty shows when it is
// read.
func (f *finder) combine(kind string, sets []index.TermFieldReader) (index.TermFieldReader, error) {
	empty := func(s index.TermFieldReader) bool { return s == nil }
	if kind == allOf && slices.ContainsFunc(sets, empty) {
		return nil, nil //nolint:nilnil // an empty set
	}
	switch sets = slices.DeleteFunc(sets, empty); len(sets) {
	case 0:
		return nil, nil //nolint:nilnil // an empty set
	case 1:
		return sets[0], nil
	}
	var all index.OptimizableContext
	for _, s := range sets {
		o, ok := s.(index.Optimizable)
		if !ok {
			return nil, errNoBitmaps
		}
		var err error
		if all, err = o.Optimize(kind, all); err != nil {
			return nil, err
		}
		if all == nil {
			return nil, errNoBitmaps
		}
	}
	made, err := all.Finish()
	if err != nil {
		return nil, err
	}
	out, ok := made.(index.TermFieldReader)
	if !ok {
		return nil, errNoBitmaps
	}
	return out, nil
}

// want returns the documents that may have a word of the query, for which one
// of the leaves that are asked for stands: in the text, or among the attributes
// as well. Whether the words of a leaf of several are side by side is not known
// yet.
func (f *finder) want(want int, attributes bool, leaves func(*search.Leaf) bool) (index.TermFieldReader, error) {
	var sets []index.TermFieldReader
	for i := range f.plan.Leaves {
		leaf := &f.plan.Leaves[i]
		if !contains(leaf.Wants, want) || !stands(leaf) || !leaves(leaf) {
			continue
		}
		var parts []index.TermFieldReader
		for _, term := range leaf.Terms {
			part, err := f.term(fieldText, term)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part)
		}
		together, err := f.combine(allOf, parts)
		if err != nil {
			return nil, err
		}
		sets = append(sets, together)
		if attributes && len(leaf.Terms) == 1 && leaf.Source != search.Prefixed {
			among, err := f.term(fieldProps, leaf.Terms[0])
			if err != nil {
				return nil, err
			}
			sets = append(sets, among)
		}
	}
	return f.combine(anyOf, sets)
}

func anyLeaf(*search.Leaf) bool { return true }

// stands reports whether a leaf stands for a word, rather than hinting at it.
func stands(l *search.Leaf) bool { return float32(l.Credit) >= satisfied }

// rarest returns the wants, the rarest first.
func (f *finder) rarest() []int {
	wants := make([]int, len(f.weights))
	for i := range wants {
		wants[i] = i
	}
	slices.SortStableFunc(wants, func(a, b int) int { return cmp.Compare(f.weights[b], f.weights[a]) })
	return wants
}

// whole adds the products with all words to the hits, where there are enough
// of them that others are not shown.
func (f *finder) whole() error {
	last := len(f.weights) - 1
	var sets []index.TermFieldReader
	for _, want := range f.rarest() {
		set, err := f.want(want, want != last, anyLeaf)
		if err != nil || set == nil {
			return err
		}
		sets = append(sets, set)
	}
	all, err := f.combine(allOf, sets)
	if err != nil || all == nil {
		return err
	}
	if err := f.read(all, func(doc uint32) { f.add(doc) }); err != nil {
		return err
	}
	if !f.settled(len(f.hits)) {
		f.reset()
	}
	return nil
}

// any reports whether a set has documents.
func (f *finder) any(set index.TermFieldReader) (bool, error) {
	if set == nil || set.Count() > 0 { // what was combined counts none
		return set != nil, nil
	}
	next, err := set.Next(nil)
	return next != nil, err
}

// read calls fn for the documents of a set, in order.
func (f *finder) read(set index.TermFieldReader, fn func(doc uint32)) error {
	var posting index.TermFieldDoc
	next, err := set.Advance(index.NewIndexInternalID(nil, 0), &posting) // from its start, if it was looked at
	for n := 0; next != nil && err == nil; n++ {
		if n&0xfff == 0xfff && f.ctx.Err() != nil {
			return f.ctx.Err()
		}
		fn(uint32(next.ID.Value())) //nolint:gosec // documents are numbered below 2^32
		next, err = set.Next(&posting)
	}
	return err
}
