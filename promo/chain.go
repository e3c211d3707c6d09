package promo

// chains are promotions that count units and leave one another next to none:
// whoever applies first uses up nearly all the units that those after it could
// use. Of a chain one gains in full, and the others at most what the scraps are
// worth. So the gain of a member is bounded as that of the first of its chain.
type chains struct {
	of     []int   // of a member: its place in the chains; -1 for none
	at     []int   // of a rule: the same
	scraps []int64 // of a member: the most that it gains after another of its chain

	// scratch space of bound
	links []int   // undecided members that are in a chain
	alive []int   // by chain: how many
	swaps []int64 // by chain: what its best member adds to what the others gain
}

// link finds the chains among the members.
func (s *search) link() {
	type end struct {
		rule *rule
		left int64 // units that the members leave at most
	}
	var few [8]end
	ends := few[:0]
	mem := s.b.mem
	s.chains.of, s.chains.scraps = mem.places.cut(len(s.members)), mem.numbers.cut(len(s.members))
	s.chains.at = s.b.firsts(len(s.rules))
	for k := range s.members {
		r := s.rule(k)
		s.chains.of[k] = -1
		if !r.counts() {
			continue
		}
		for c := range ends {
			e := &ends[c]
			if e.rule.exhausts() && contains(e.rule.lines, r.unitLines()) {
				s.chains.of[k], s.chains.scraps[k] = c, s.b.worth(r, e.left)
				e.rule, e.left = r, max(e.left, r.leaves())
				break
			}
		}
		if s.chains.of[k] < 0 {
			s.chains.of[k] = len(ends)
			ends = append(ends, end{r, r.leaves()})
		}
	}
	for k, c := range s.chains.of {
		s.chains.at[s.members[k]] = c
	}
	s.chains.links = mem.places.list(len(s.members))
	s.chains.alive, s.chains.swaps = mem.places.cut(len(ends)), mem.numbers.cut(len(ends))
}

// exhausts reports whether the promotion, where it gains anything, uses up all
// the units of its lines but those it leaves.
func (r *rule) exhausts() bool {
	if r.p.Benefit.Bundle != nil || r.both != nil || r.p.Lines.NotDiscounted {
		return false
	}
	_, _, _, most := r.bargain()
	return most == 0
}

// leaves returns how many units are left over at most.
func (r *rule) leaves() int64 {
	if !r.exhausts() {
		return 0
	}
	buy, get, _, _ := r.bargain()
	return buy + get - 1
}

// worth returns the most that r can take off so many units.
func (b *board) worth(r *rule, units int64) int64 {
	if bundle := r.p.Benefit.Bundle; bundle != nil {
		for i := range bundle.Parts {
			units -= bundle.Parts[i].Quantity
		}
		if units < 0 {
			return 0
		}
		return r.most
	}
	buy, get, ppm, _ := r.bargain()
	dearest := int64(0)
	for _, i := range r.lines {
		dearest = max(dearest, b.lines[i].Unit.Minor())
	}
	value := times(units/(buy+get)*get, dearest)
	if value > b.total {
		return r.most
	}
	return min(r.most, percent(value, ppm))
}

// contains reports whether all of list is in set; both ascend.
func contains(set, list []int) bool {
	for _, x := range list {
		for len(set) > 0 && set[0] < x {
			set = set[1:]
		}
		if len(set) == 0 || set[0] != x {
			return false
		}
	}
	return true
}
