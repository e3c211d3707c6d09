package promo

import (
	"cmp"
	"math"
	"slices"
)

// search looks for the subset of one component of a plan that leaves the
// buyer the least to pay, by branch and bound.
//
// The rules are decided in the order in which they apply, so that the state at
// a node is exact for what was decided, and what a rule would gain in that
// state bounds what it can gain later. The bound of a node is what was saved,
// plus the largest gains of each part of the undecided rules, of which only so
// many can apply together.
type search struct {
	*plan
	members []int // places in plan.rules, ascending but for arrange
	part    []int // of each member: its place in parts
	parts   []share
	tops    []int64 // of all parts, one after another
	chains  chains
	scales  scales
	pins    bool   // pinned rules must gain something
	must    bitset // rules that must gain something
	banned  bitset // rules that are kept out; may be nil

	levels []level
	set    bitset // what is included on the way to the node
	spent  bitset // the coupons among it, by rule.rank

	nodes, budget int
	cut           int64 // the largest bound of a node that was not visited

	tight []bool // of line groups: that a member's budget may be too small
	tally tally

	found   bool
	best    int64
	coupons int
	used    bitset // the coupons, by rule.rank
	chosen  bitset
}

// level is what changes when a rule is included.
type level struct {
	state   state
	blocked bitset
	live    []int    // members that are yet to be decided
	gains   []int64  // bounds of the members' gains
	spare   []int    // by part: how many more can apply
	left    [2]int64 // all that can still be taken off lines, and shipments
	coupons int
}

// run searches a component with a budget of nodes.
func (s *search) run() {
	n := len(s.members)
	s.arrange()
	s.cover()
	s.link()
	s.findScales()
	s.set, s.chosen, s.must = s.b.mem.set(s.words), s.b.mem.set(s.words), s.b.mem.set(s.words)
	s.spent, s.used = s.b.mem.set(s.words), s.b.mem.set(s.words)
	s.levels = s.b.mem.levels.list(n + 1 + len(s.scales.members)) // of fixed size: levels are pointed to
	root := s.level(0)
	for p := range s.parts {
		root.spare[p] = s.parts[p].most
	}
	root.state.start(s.b)
	for k := range s.members {
		r := s.rule(k)
		root.gains[k] = r.most
		if r.counts() {
			root.gains[k] = min(r.most, s.ceiling(root, -1, k))
		}
	}
	s.blockRivals(root)
	root.left = s.left(root)
	for k := range s.members {
		if !s.keep(root, k) {
			return
		}
	}
	s.seed()
	s.decide(0, 0)
}

// arrange orders the members of each line group by what they gain, the pinned
// ones first. Their order does not matter to what the group takes off, but who
// gains nothing beside a better one need not be tried. Pinned ones, of which each
// is to keep a line, stay in order: of equal ones the first does. So do all of a
// group in which a budget asks who keeps what.
func (s *search) arrange() {
	for k := range s.members {
		if r := s.rule(k); r.lineGroup >= 0 && r.left < math.MaxInt64 {
			if s.tight == nil {
				s.tight = s.b.mem.flags.cut(len(s.b.groups))
			}
			s.tight[r.lineGroup] = true
		}
	}
	slices.SortStableFunc(s.members, func(i, j int) int {
		r, o := s.rules[i], s.rules[j]
		if r.phase != o.phase || r.lineGroup != o.lineGroup || r.lineGroup < 0 || s.tight != nil && s.tight[r.lineGroup] {
			return i - j
		}
		if r.pinned || o.pinned {
			return byPin(r, o)
		}
		return cmp.Compare(o.most, r.most)
	})
}

func (s *search) rule(k int) *rule { return s.rules[s.members[k]] }

// blockRivals keeps out what is banned, and the rivals of pinned rules.
func (s *search) blockRivals(l *level) {
	if s.banned != nil {
		l.blocked.include(s.banned)
	}
	if !s.pins {
		return
	}
	for k, i := range s.members {
		if s.rule(k).pinned {
			s.must.add(i)
			l.blocked.include(s.apart[i])
		}
	}
}

// level returns the space for a level, which is made once.
func (s *search) level(at int) *level {
	if at == len(s.levels) {
		s.levels = append(s.levels, level{
			state:   s.b.newState(),
			blocked: s.b.mem.set(s.words),
			live:    s.b.mem.places.list(len(s.members)),
			gains:   s.b.mem.numbers.cut(len(s.members)),
			spare:   s.b.mem.places.cut(len(s.parts)),
		})
	}
	return &s.levels[at]
}

// left returns all that the members can take off lines, and shipments.
func (s *search) left(l *level) [2]int64 {
	lines, ships := s.b.mem.flags.cut(len(s.b.lines)), s.b.mem.flags.cut(len(s.b.shipments))
	var left [2]int64
	for k := range s.members {
		r := s.rule(k)
		for _, i := range r.shipments {
			if !ships[i] {
				ships[i] = true
				left[1] += l.state.ship[i]
			}
		}
		if r.phase == PhaseShipping {
			continue
		}
		for _, i := range r.lines {
			if !lines[i] {
				lines[i] = true
				left[0] += l.state.room(s.b, i)
			}
		}
	}
	return left
}

// kind returns whether a rule takes something off lines, 0, or shipments, 1.
func (r *rule) kind() int {
	if r.phase == PhaseShipping {
		return 1
	}
	return 0
}

// beaten reports whether nothing at or below a node can be better than what
// was found: not cheaper, nor as cheap with fewer coupons, nor, with as many,
// with such that expire earlier. Where a node has as many, those it has are the
// ones that count: below it there is none as good with more.
func (s *search) beaten(bound int64, coupons int) bool {
	switch {
	case !s.found || bound > s.best:
		return false
	case bound < s.best || coupons > s.coupons:
		return true
	}
	return coupons == s.coupons && !s.spent.earlier(s.used)
}

// earlier reports whether the first place that only one of two sets has is in s.
func (s bitset) earlier(o bitset) bool {
	for w := range s {
		if differ := s[w] ^ o[w]; differ != 0 {
			return s[w]&(differ&-differ) != 0
		}
	}
	return false
}

// keep keeps member k among those to be decided, if it can gain something. It
// fails if k can not, but must.
func (s *search) keep(l *level, k int) bool {
	if l.gains[k] > 0 && !l.blocked.has(s.members[k]) {
		l.live = append(l.live, k)
		return true
	}
	return !s.must.has(s.members[k])
}

// visit decides the live members of a level, from the one at a place on.
func (s *search) visit(place, at int) {
	l := &s.levels[at]
	if place == len(l.live) {
		s.accept(l)
		return
	}
	if !s.enter(s.bound(l, l.live[place:]), l.coupons) {
		return
	}
	r := s.rule(l.live[place])
	d := s.b.draft(&l.state, r)
	gain := d.total
	must := s.must.has(s.members[l.live[place]])
	switch {
	case gain == 0 && must:
	case gain == 0:
		s.visit(place+1, at)
	case must:
		s.include(place, at, d)
	case gain >= s.rivals(l, place):
		s.include(place, at, d)
		s.visit(place+1, at)
	default:
		s.visit(place+1, at)
		s.include(place, at, s.b.draft(&l.state, r))
	}
}

// enter reports whether a node is to be visited.
func (s *search) enter(bound int64, coupons int) bool {
	if s.beaten(bound, coupons) {
		return false
	}
	if s.nodes >= s.budget {
		s.cut = max(s.cut, bound)
		return false
	}
	s.nodes++
	return true
}

// rivals returns the largest gain of a live member that the one at a place
// excludes.
func (s *search) rivals(l *level, place int) int64 {
	apart := s.apart[s.members[l.live[place]]]
	most := int64(0)
	for _, j := range l.live[place+1:] {
		if apart.has(s.members[j]) {
			most = max(most, l.gains[j])
		}
	}
	return most
}

// include applies the member at a place, whose draft was just made, and goes on.
func (s *search) include(place, at int, d draft) {
	next := s.level(at + 1)
	l := &s.levels[at]
	k := l.live[place]
	i, r := s.members[k], s.rule(k)
	copy(next.blocked, l.blocked)
	next.blocked.include(s.apart[i])
	s.set.add(i)
	defer s.set.remove(i)
	for q := range s.quotas {
		s.fill(&s.quotas[q], i, next.blocked)
	}
	next.coupons = l.coupons
	if r.coupon {
		next.coupons++
		s.spent.add(r.rank)
		defer s.spent.remove(r.rank)
	}
	next.live = next.live[:0]
	for _, j := range l.live[place+1:] {
		next.gains[j] = l.gains[j]
		if !s.keep(next, j) {
			return
		}
	}
	copy(next.spare, l.spare)
	next.spare[s.part[k]]--
	next.left = l.left
	next.left[r.kind()] -= d.total
	next.state.saved = l.state.saved + d.total
	if bound := s.bound(next, next.live); s.beaten(bound, next.coupons) {
		return
	}
	next.state.set(&l.state)
	s.b.settle(&next.state, r, d)
	if s.lower(next, k, false) {
		if bound := s.bound(next, next.live); s.beaten(bound, next.coupons) {
			return
		}
		s.lower(next, k, true) // which takes longer
	}
	s.visit(0, at+1)
}

// lower bounds the gains that member k has changed, of members that count units
// or else of the others, and reports whether it left some for the other call.
func (s *search) lower(l *level, k int, counting bool) (more bool) {
	r := s.rule(k)
	for _, j := range l.live {
		o := s.rule(j)
		switch {
		case l.gains[j] == 0 || !r.moves(o):
		case o.counts() != counting:
			more = true
		default:
			l.gains[j] = min(l.gains[j], s.ceiling(l, k, j))
		}
	}
	return more
}

// ceiling bounds what member j gains when member k and those before it are
// decided. Behind another of its chain it gets scraps: dearer ones, it may be,
// than what it would reward as the first.
func (s *search) ceiling(l *level, k, j int) int64 {
	most := s.b.ceiling(&l.state, s.rule(j), s.threat(l, k, j))
	if s.chains.scraps[j] <= most {
		return most
	}
	for _, i := range s.rule(j).rivals {
		if s.open(l, k, i) && s.chains.at[i] == s.chains.of[j] {
			return s.chains.scraps[j]
		}
	}
	return most
}

// open reports whether rule i is still to be decided after member k.
func (s *search) open(l *level, k, i int) bool {
	return (k < 0 || i > s.members[k]) && !l.blocked.has(i)
}

// threat returns how many units those that are still undecided after member k
// may use up before member j, but for those of its chain.
func (s *search) threat(l *level, k, j int) int64 {
	sum, chain := int64(0), s.chains.of[j]
	for _, i := range s.rule(j).rivals {
		if s.open(l, k, i) && s.chains.at[i] != chain {
			sum += s.rules[i].spends
		}
	}
	return sum
}

// fill keeps the others out when a quota is full.
func (s *search) fill(q *quota, i int, blocked bitset) {
	if !q.members.has(i) {
		return
	}
	n := 0
	for _, j := range s.members {
		if q.members.has(j) && s.set.has(j) {
			n++
		}
	}
	if n >= q.most {
		blocked.include(q.members)
	}
}

// accept takes note of a complete combination.
func (s *search) accept(l *level) {
	if s.beaten(l.state.saved, l.coupons) || !s.stands() {
		return
	}
	s.found, s.best, s.coupons = true, l.state.saved, l.coupons
	copy(s.chosen, s.set)
	copy(s.used, s.spent)
}

// stands reports whether, in line groups, every pinned rule keeps a line, of
// which it may have lost all that it had won, and every budget holds what its
// rule takes off in the end.
func (s *search) stands() bool {
	asked := s.tight != nil
	for k := range s.members {
		r := s.rule(k)
		asked = asked || s.pins && r.pinned && r.lineGroup >= 0
	}
	if !asked {
		return true
	}
	s.tally.count(s.plan, s.b.spareState(), s.set)
	for k, i := range s.members {
		r := s.rule(k)
		if r.lineGroup < 0 {
			continue
		}
		if amount := s.tally.amounts[i]; amount > r.left || s.pins && r.pinned && amount == 0 {
			return false
		}
	}
	return true
}

// tally is what the members of line groups take off in the end.
type tally struct {
	winner  []int   // by line: who has it, from one
	held    []int64 // by line: what the winner takes off it
	amounts []int64 // by rule
}

// count plays a set of rules on a state.
func (t *tally) count(p *plan, state *state, set bitset) {
	if t.winner == nil {
		t.winner, t.held, t.amounts = p.b.mem.places.cut(len(p.b.lines)), p.b.mem.numbers.cut(len(p.b.lines)), p.b.mem.numbers.cut(len(p.rules))
	}
	clear(t.amounts)
	state.start(p.b)
	for i, r := range p.rules {
		if !set.has(i) {
			continue
		}
		if r.lineGroup >= 0 && (r.lineGroup != state.group || r.phase != state.phase) {
			clear(t.winner)
			clear(t.held)
		}
		if d := p.b.apply(state, r); d.total == 0 || r.lineGroup < 0 {
			continue
		}
		for k, line := range r.lines {
			if p.b.shares[k] == 0 {
				continue
			}
			if before := t.winner[line]; before > 0 {
				t.amounts[before-1] -= t.held[line]
			}
			t.winner[line] = i + 1
			t.held[line] += p.b.shares[k]
			t.amounts[i] += t.held[line]
		}
	}
}
