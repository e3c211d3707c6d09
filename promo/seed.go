package promo

import (
	"cmp"
	"slices"
)

// seed finds combinations before the search does, so that there is something to
// beat from the beginning, and something to return however soon the nodes end.
func (s *search) seed() {
	if !s.pins { // then nothing at all is a combination
		s.found = true
	}
	live := s.levels[0].live
	s.play(live, true)
	s.play(s.byWorth(), false)
	if len(live) > 2 { // others may spoil what takes off most
		s.play([]int{slices.MaxFunc(live, s.byGain)}, false)
	}
}

func (s *search) byGain(k, j int) int { return cmp.Compare(s.levels[0].gains[k], s.levels[0].gains[j]) }

// byWorth picks live members by what they gain at most, beside what was picked
// before, and returns them as they apply. Those that must apply come first.
func (s *search) byWorth() []int {
	root := &s.levels[0]
	order := append(s.b.mem.places.list(len(root.live)), root.live...)
	slices.SortStableFunc(order, func(k, j int) int {
		if must := s.must.has(s.members[k]); must != s.must.has(s.members[j]) {
			if must {
				return -1
			}
			return 1
		}
		return s.byGain(j, k)
	})
	l := s.level(1)
	copy(l.blocked, root.blocked)
	picked := order[:0]
	for _, k := range order {
		if i := s.members[k]; !l.blocked.has(i) {
			s.take(l, i)
			picked = append(picked, k)
		}
	}
	s.clear(picked)
	slices.Sort(picked)
	return picked
}

// play applies members, in their order, as far as each gains something beside
// those before it, and takes note of what that comes to. Where members yield,
// they leave the place to one that they exclude and that may gain more.
func (s *search) play(members []int, yield bool) {
	root, l := &s.levels[0], s.level(1)
	l.state.set(&root.state)
	copy(l.blocked, root.blocked)
	l.coupons = 0
	applied := s.b.mem.places.list(len(members))
	defer func() { s.clear(applied) }()
	for at, k := range members {
		i, r := s.members[k], s.rule(k)
		if l.blocked.has(i) {
			continue
		}
		d := s.b.draft(&l.state, r)
		if d.total == 0 || yield && !s.must.has(i) && s.yields(l, members[at+1:], i, d.total) {
			continue
		}
		s.b.settle(&l.state, r, d)
		s.take(l, i)
		applied = append(applied, k)
		if r.coupon {
			l.coupons++
			s.spent.add(r.rank)
		}
	}
	if within(s.must, s.set) {
		s.accept(l)
	}
}

// yields reports whether a member that rule i excludes may gain more.
func (s *search) yields(l *level, members []int, i int, gain int64) bool {
	for _, k := range members {
		if j := s.members[k]; s.apart[i].has(j) && !l.blocked.has(j) && s.levels[0].gains[k] > gain {
			return true
		}
	}
	return false
}

// take includes rule i, and keeps out what it excludes.
func (s *search) take(l *level, i int) {
	s.set.add(i)
	l.blocked.include(s.apart[i])
	for q := range s.quotas {
		s.fill(&s.quotas[q], i, l.blocked)
	}
}

// clear takes members back.
func (s *search) clear(members []int) {
	for _, k := range members {
		s.set.remove(s.members[k])
		if r := s.rule(k); r.coupon {
			s.spent.remove(r.rank)
		}
	}
}
