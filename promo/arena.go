package promo

import "github.com/soukhq/souk/commerce/ref"

// arena is the memory of one evaluation, all that does not end up in its
// result. An engine keeps those that are done with for the evaluations to come.
type arena struct {
	input      Input
	board      board
	evaluation evaluation
	plan       plan

	numbers    slab[int64]
	places     slab[int]
	words      slab[uint64]
	flags      slab[bool]
	sets       slab[bitset]
	lines      slab[*Line]
	shipments  slab[*Shipment]
	merchants  slab[ref.MerchantID]
	candidates slab[*Candidate]
	rules      slab[rule]
	lists      slab[*rule]
	records    slab[record]
	levels     slab[level]
	parts      slab[share]
	components slab[[]int]
	piles      slab[pile]
	stakes     slab[stake]
}

// arena returns an empty arena.
func (e *Engine) arena() *arena {
	if a, ok := e.arenas.Get().(*arena); ok {
		return a
	}
	return &arena{}
}

// release takes an arena back, and forgets all that it held.
func (e *Engine) release(a *arena) {
	a.input, a.board, a.evaluation, a.plan = Input{}, board{}, evaluation{}, plan{}
	a.numbers.reset()
	a.places.reset()
	a.words.reset()
	a.flags.reset()
	a.sets.reset()
	a.lines.reset()
	a.shipments.reset()
	a.merchants.reset()
	a.candidates.reset()
	a.rules.reset()
	a.lists.reset()
	a.records.reset()
	a.levels.reset()
	a.parts.reset()
	a.components.reset()
	a.piles.reset()
	a.stakes.reset()
	e.arenas.Put(a)
}

// set returns an empty set of n places.
func (a *arena) set(words int) bitset { return a.words.cut(words) }

// slab is memory that slices are cut from.
type slab[T any] struct {
	cells []T
	used  int
}

// cut returns n zero values. Appending to them beyond n copies them.
func (s *slab[T]) cut(n int) []T {
	if n > len(s.cells)-s.used {
		s.cells, s.used = make([]T, max(2*len(s.cells), n, 16)), 0
	}
	part := s.cells[s.used : s.used+n : s.used+n]
	s.used += n
	return part
}

// list returns an empty list with room for n values.
func (s *slab[T]) list(n int) []T { return s.cut(n)[:0] }

// one returns a zero value.
func (s *slab[T]) one() *T { return &s.cut(1)[0] }

// reset takes back all that was cut.
func (s *slab[T]) reset() {
	clear(s.cells[:s.used])
	s.used = 0
}
