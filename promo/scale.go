package promo

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/soukhq/souk/commerce/money"
)

// scales are percentages that a search decides before all else, as they change
// what the others are worth: what somebody takes off a line before makes a
// percentage of it less, so that it adds only the rest to what is saved. 10.00
// before 20 % are 8.00. Where several follow one another, their rests multiply.
//
// A scale that is decided to apply must gain something at its turn.
type scales struct {
	members []int    // those that take most off first
	covers  []bitset // of a scale: the members that come before it, on its lines alone
	rests   []uint64 // of a scale: what it leaves, in 2^-64
	applied []bool   // of a scale

	// of a member, beside the scales that are applied
	leaves []uint64 // what they leave of its gain, in 2^-64; zero is all
	slacks []int64  // how much more that may be by rounding
}

// maxScales bounds how many percentages are decided in advance.
const maxScales = 4

// worthwhile is the part of all gains from which on it pays to decide a
// percentage in advance, if it makes that much of the others void.
const worthwhile = 20

// findScales finds the scales among the members.
func (s *search) findScales() {
	x, mem, n := &s.scales, s.b.mem, len(s.members)
	all := int64(0)
	x.members = mem.places.list(n)
	for k := range s.members {
		all += s.rule(k).most
		if s.rule(k).scales() {
			x.members = append(x.members, k)
		}
	}
	x.members = slices.DeleteFunc(x.members, func(k int) bool { return s.void(k) < all/worthwhile })
	slices.SortStableFunc(x.members, func(k, j int) int { return cmp.Compare(s.rule(j).most, s.rule(k).most) })
	x.members = x.members[:min(len(x.members), maxScales)]
	if len(x.members) == 0 {
		return
	}
	count := len(x.members)
	x.covers, x.rests, x.applied = mem.sets.list(count), mem.words.list(count), mem.flags.cut(count)
	x.leaves, x.slacks = mem.words.cut(n), mem.numbers.cut(n)
	for _, k := range x.members {
		covers := mem.set((n + 63) / 64)
		for j := range k {
			if s.covers(k, j) {
				covers.add(j)
			}
		}
		x.covers = append(x.covers, covers)
		ppm := uint64(s.rule(k).p.Benefit.Percent.PPM) //nolint:gosec // G115: from 1 to a million
		rest, _ := bits.Div64(million-ppm, 0, million)
		x.rests = append(x.rests, rest+1)
	}
}

// scales reports whether r takes a percentage of what is left of each of its
// lines, in any state.
func (r *rule) scales() bool {
	return r.form == formPercentOfLines && r.phase == PhaseLine && r.lineGroup < 0 && r.when.op == opTruth &&
		r.cap == money.MaxMinor && r.left == math.MaxInt64 && !r.p.OnList && !r.p.Lines.NotDiscounted
}

// covers reports whether member j comes before scale k and is on its lines alone.
func (s *search) covers(k, j int) bool {
	r, o := s.rule(k), s.rule(j)
	return j < k && o.kind() == 0 && within(o.moved, r.moved)
}

// void returns how much of the others' gains scale k makes void.
func (s *search) void(k int) int64 {
	sum := int64(0)
	for j := range k {
		if s.covers(k, j) {
			sum += percent(s.rule(j).most, s.rule(k).p.Benefit.Percent.PPM)
		}
	}
	return sum
}

// weigh works out what the scales that are applied leave of the members' gains.
// A scale loses the percentage of what was taken off before, and by rounding up
// to a unit less for each line.
func (s *search) weigh() {
	x := &s.scales
	clear(x.leaves)
	clear(x.slacks)
	for at, covers := range x.covers {
		if !x.applied[at] {
			continue
		}
		for k, before := range x.leaves {
			if !covers.has(k) {
				continue
			}
			x.leaves[k] = x.rests[at]
			if before > 0 {
				hi, _ := bits.Mul64(before, x.rests[at])
				x.leaves[k] = hi + 1
			}
			x.slacks[k] += int64(len(s.rule(k).lines))
		}
	}
}

// adds returns the most that member k adds to what is saved.
func (s *search) adds(l *level, k int) int64 {
	gain := l.gains[k]
	if len(s.scales.members) == 0 || s.scales.leaves[k] == 0 {
		return gain
	}
	left, _ := bits.Mul64(uint64(gain), s.scales.leaves[k]) //nolint:gosec // G115: never negative
	return min(gain, int64(left)+1+s.scales.slacks[k])      //nolint:gosec // G115: at most gain
}

// decide decides the scales from the one at a place on, and then all else.
func (s *search) decide(place, at int) {
	x, l := &s.scales, &s.levels[at]
	for place < len(x.members) && !slices.Contains(l.live, x.members[place]) {
		place++
	}
	s.weigh()
	if place == len(x.members) {
		s.visit(0, at)
		return
	}
	if !s.enter(s.bound(l, l.live), l.coupons) {
		return
	}
	i := s.members[x.members[place]]
	pinned := s.must.has(i)
	s.must.add(i)
	x.applied[place] = true
	s.branch(at).block(s, s.apart[i])
	s.decide(place+1, at+1)
	x.applied[place] = false
	if pinned {
		return
	}
	s.must.remove(i)
	only := s.b.mem.set(s.words)
	only.add(i)
	s.branch(at).block(s, only)
	s.decide(place+1, at+1)
}

// branch returns the next level, made from one.
func (s *search) branch(at int) *level {
	next, l := s.level(at+1), &s.levels[at]
	next.state.set(&l.state)
	copy(next.blocked, l.blocked)
	copy(next.gains, l.gains)
	copy(next.spare, l.spare)
	next.live = append(next.live[:0], l.live...)
	next.left, next.coupons = l.left, l.coupons
	return next
}

// block keeps rules out, none of which must gain something.
func (l *level) block(s *search, rules bitset) {
	l.blocked.include(rules)
	l.live = slices.DeleteFunc(l.live, func(k int) bool { return rules.has(s.members[k]) })
}
