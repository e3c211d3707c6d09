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
	mem := s.b.mem
	s.part = mem.places.cut(n)
	order := mem.places.cut(n)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, c int) int { return cmp.Compare(s.rule(c).most, s.rule(a).most) })
	s.parts = mem.parts.list(n + len(s.quotas))
	for q := range s.quotas {
		s.parts = append(s.parts, share{most: s.quotas[q].most, quota: q, members: mem.set(s.words)})
	}
	for _, k := range order {
		p := s.partFor(s.members[k])
		s.parts[p].members.add(s.members[k])
		s.part[k] = p
	}
	all := 0
	for p := range s.parts {
		all += s.parts[p].most
	}
	s.tops = mem.numbers.cut(all)
	for p, rest := 0, s.tops; p < len(s.parts); p++ {
		most := s.parts[p].most
		s.parts[p].top, rest = rest[:most:most], rest[most:]
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
	s.parts = append(s.parts, share{most: 1, kind: kind, quota: -1, members: s.b.mem.set(s.words)})
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

// bound returns the most that can be saved at a node where the live members are
// undecided.
func (s *search) bound(l *level, live []int) int64 {
	clear(s.tops)
	chains := &s.chains
	links := chains.links[:0]
	clear(chains.alive)
	var sum [2]int64
	for _, k := range live {
		if l.gains[k] == 0 {
			continue
		}
		if c := chains.of[k]; c >= 0 {
			links = append(links, k)
			chains.alive[c]++
			continue
		}
		sum[s.parts[s.part[k]].kind] += s.top(l, k).insert(s.adds(l, k))
	}
	for _, k := range links {
		if chains.alive[chains.of[k]] == 1 {
			sum[0] += s.top(l, k).insert(s.adds(l, k))
		}
	}
	clear(chains.swaps)
	for _, k := range links {
		c := chains.of[k]
		if chains.alive[c] == 1 {
			continue
		}
		if chains.alive[c] > 0 { // the first of its chain
			chains.alive[c] = 0
		} else {
			sum[0] += chains.scraps[k]
		}
		chains.swaps[c] = max(chains.swaps[c], s.adds(l, k)-s.top(l, k).least())
	}
	for _, swap := range chains.swaps {
		sum[0] += swap
	}
	return l.state.saved + min(sum[0], l.left[0]) + min(sum[1], l.left[1])
}

// top returns the largest gains of the part of member k: as many as can still
// apply.
func (s *search) top(l *level, k int) largestFew {
	p := s.part[k]
	top := s.parts[p].top
	if len(top) > 1 {
		top = top[:max(0, min(l.spare[p], len(top)))]
	}
	return top
}

// largestFew holds so many of the largest values, descending.
type largestFew []int64

// insert returns by how much the sum grows.
func (f largestFew) insert(value int64) int64 {
	for at := range f {
		if value > f[at] {
			more := value - f[len(f)-1]
			copy(f[at+1:], f[at:])
			f[at] = value
			return more
		}
	}
	return 0
}

// least returns the smallest of them, which makes place for another.
func (f largestFew) least() int64 {
	if len(f) == 0 {
		return 0
	}
	return f[len(f)-1]
}
