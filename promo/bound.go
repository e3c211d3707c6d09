package promo

import (
	"cmp"
	"slices"
)

// share is a part of the members of a search, of which only so many can apply
// together: one of a clique, whose members exclude one another, or as many as
// a quota lets.
type share struct {
	most    int
	kind    int // of all its members, see rule.kind
	quota   int // place in plan.quotas; -1 for a clique
	members bitset
	top     []int64 // scratch space of bound: the largest gains, descending
}

// cover divides the members into parts: each goes to the first clique with all
// of which it cannot be combined, those that gain most first. Who would be
// alone goes to a quota, if it is in one.
func (s *search) cover() {
	n := len(s.members)
	s.part = make([]int, n)
	order := make([]int, n)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, c int) int { return cmp.Compare(s.rule(c).most, s.rule(a).most) })
	for q := range s.quotas {
		s.parts = append(s.parts, share{most: s.quotas[q].most, quota: q, members: make(bitset, s.words)})
	}
	for _, k := range order {
		p := s.partFor(s.members[k])
		s.parts[p].members.add(s.members[k])
		s.part[k] = p
	}
	for p := range s.parts {
		s.parts[p].top = make([]int64, s.parts[p].most)
	}
}

// partFor returns the part of rule i.
func (s *search) partFor(i int) int {
	kind := s.rules[i].kind()
	for p := range s.parts {
		part := &s.parts[p]
		if part.kind != kind {
			continue
		}
		if part.quota < 0 && within(part.members, s.apart[i]) ||
			part.quota >= 0 && s.quotas[part.quota].members.has(i) {
			return p
		}
	}
	s.parts = append(s.parts, share{most: 1, kind: kind, quota: -1, members: make(bitset, s.words)})
	return len(s.parts) - 1
}

// within reports whether all of s is in o.
func within(s, o bitset) bool {
	for w := range s {
		if s[w]&^o[w] != 0 {
			return false
		}
	}
	return true
}

// bound returns the most that can be saved at a node where members from k on
// are undecided.
func (s *search) bound(l *level, k int) int64 {
	for p := range s.parts {
		clear(s.parts[p].top)
	}
	var sum [2]int64
	for ; k < len(s.members); k++ {
		gain := l.gains[k]
		if gain == 0 || l.blocked.has(s.members[k]) {
			continue
		}
		p := s.part[k]
		top, kind := s.parts[p].top, s.parts[p].kind
		if len(top) > 1 {
			top = top[:max(0, min(l.spare[p], len(top)))]
		}
		for at := range top {
			if gain > top[at] {
				if at == 0 && len(top) == 1 {
					sum[kind] += gain - top[0]
					top[0] = gain
					break
				}
				sum[kind] += gain - top[len(top)-1]
				copy(top[at+1:], top[at:])
				top[at] = gain
				break
			}
		}
	}
	return l.state.saved + min(sum[0], l.left[0]) + min(sum[1], l.left[1])
}
