package promo

import (
	"cmp"
	"slices"
	"strings"
)

// plan is the set of rules that might apply, in the order in which they would,
// and what keeps them apart.
type plan struct {
	b      *board
	rules  []*rule
	apart  []bitset // of a rule: those that cannot apply beside it
	quotas []quota  // of groups that let more than one apply
	words  int
}

// quota bounds how many of its members apply.
type quota struct {
	most    int
	members bitset
}

// bitset is a set of places in plan.rules.
type bitset []uint64

func (s bitset) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }
func (s bitset) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s bitset) remove(i int)   { s[i>>6] &^= 1 << (i & 63) }
func (s bitset) meets(o bitset) bool {
	for w := range s {
		if s[w]&o[w] != 0 {
			return true
		}
	}
	return false
}

func (s bitset) include(o bitset) {
	for w := range s {
		s[w] |= o[w]
	}
}

// precedes orders rules as they apply: by phase; inside a phase the line
// groups, then the merchants' before the site's where that is the rule, then
// by priority and id.
func precedes(r, o *rule) int {
	if c := cmp.Compare(r.phase, o.phase); c != 0 {
		return c
	}
	if r.lineGroup != o.lineGroup {
		if r.lineGroup < 0 || o.lineGroup < 0 {
			return -cmp.Compare(r.lineGroup, o.lineGroup)
		}
		return cmp.Compare(r.lineGroup, o.lineGroup)
	}
	if r.lineGroup < 0 && (r.phase == PhaseLine || r.phase == PhaseShipping) {
		if c := cmp.Compare(r.ownedBySite(), o.ownedBySite()); c != 0 {
			return c
		}
	}
	return byPriority(r, o)
}

func byPriority(r, o *rule) int {
	if c := cmp.Compare(o.p.Priority, r.p.Priority); c != 0 {
		return c
	}
	return strings.Compare(string(r.p.ID), string(o.p.ID))
}

func (r *rule) ownedBySite() int {
	if r.p.Merchant == "" {
		return 1
	}
	return 0
}

// newPlan orders rules and finds out what keeps them apart.
func newPlan(b *board, rules []*rule) *plan {
	p := &b.mem.plan
	p.b, p.rules, p.words = b, rules, (len(rules)+63)/64
	slices.SortFunc(p.rules, precedes)
	p.apart = b.mem.sets.cut(len(rules))
	for i := range p.apart {
		p.apart[i] = b.mem.set(p.words)
	}
	p.rankCoupons()
	p.separateBySharing()
	p.separateByGroups()
	p.findRivals()
	p.findReach()
	return p
}

// rankCoupons orders coupons as they are used up where it makes no difference
// otherwise: those that expire first, of these by promotion.
func (p *plan) rankCoupons() {
	coupons := p.b.mem.lists.list(len(p.rules))
	for _, r := range p.rules {
		if r.coupon {
			coupons = append(coupons, r)
		}
	}
	slices.SortFunc(coupons, func(r, o *rule) int {
		return cmp.Or(r.c.Coupon.byExpiry(o.c.Coupon), strings.Compare(string(r.p.ID), string(o.p.ID)))
	})
	for rank, r := range coupons {
		r.rank = rank
	}
}

// findRivals notes which promotions that count units may find theirs used up
// by earlier ones, and bounds what each can take off.
func (p *plan) findRivals() {
	for i, r := range p.rules {
		threat := int64(0)
		if r.counts() {
			r.rivals = p.b.mem.places.list(i)
		}
		for j, o := range p.rules[:i] {
			if r.counts() && o.counts() && !p.apart[i].has(j) && overlap(r.unitLines(), o.unitLines()) {
				r.rivals = append(r.rivals, j)
				threat += o.spends
			}
		}
		r.most = p.b.ceiling(&p.b.start, r, threat)
	}
}

// findReach notes what each rule changes, and what it depends on.
func (p *plan) findReach() {
	if len(p.rules) < 2 {
		return
	}
	n := len(p.b.lines)
	words := (n + len(p.b.shipments) + 63) / 64
	for _, r := range p.rules {
		r.moved, r.read = p.b.mem.set(words), p.b.mem.set(words)
		for _, i := range r.shipments {
			r.moved.add(n + i)
			r.read.add(n + i)
		}
		if r.phase != PhaseShipping {
			for _, i := range r.unitLines() {
				r.moved.add(i)
			}
			r.read.include(r.moved)
		}
		if r.p.Lines.NotDiscounted {
			for _, i := range r.lines {
				r.read.add(i)
			}
		}
		r.when.reads(r, r.read.add)
	}
}

// moves reports whether r may change what o gains.
func (r *rule) moves(o *rule) bool { return r.moved.meets(o.read) }

func (p *plan) separate(i, j int) {
	p.apart[i].add(j)
	p.apart[j].add(i)
}

func (p *plan) separateBySharing() {
	for i, r := range p.rules {
		if r.p.Sharing.Mode == ShareAll {
			continue
		}
		for j, o := range p.rules {
			if i != j && !Shares(r.p, o.p) {
				p.separate(i, j)
			}
		}
	}
}

// separateByGroups turns groups of one per order and per merchant into pairs
// that exclude one another, and larger ones into quotas. Line groups are
// settled by the evaluation itself.
func (p *plan) separateByGroups() {
	for id := range p.b.groups {
		g := &p.b.groups[id]
		if g.Per == OneLine {
			continue
		}
		members := p.b.mem.places.list(len(p.rules))
		for i, r := range p.rules {
			if slices.Contains(r.groups, id) {
				members = append(members, i)
			}
		}
		switch {
		case len(members) <= g.max() && g.Per == OneOrder, len(members) < 2:
		case g.max() == 1:
			for k, i := range members {
				for _, j := range members[:k] {
					if g.Per == OneOrder || p.rules[i].meets(p.rules[j]) {
						p.separate(i, j)
					}
				}
			}
		case g.Per == OneOrder:
			p.limit(g.max(), members)
		default:
			for m := range p.b.merchants {
				p.limit(g.max(), slices.DeleteFunc(slices.Clone(members), func(i int) bool {
					return !slices.Contains(p.rules[i].merchants, m)
				}))
			}
		}
	}
}

func (p *plan) limit(most int, members []int) {
	if len(members) <= most {
		return
	}
	q := quota{most: most, members: p.b.mem.set(p.words)}
	for _, i := range members {
		q.members.add(i)
	}
	p.quotas = append(p.quotas, q)
}

// meets reports whether two rules are about a common merchant.
func (r *rule) meets(o *rule) bool { return overlap(r.merchants, o.merchants) }

// loseByRule removes from rules, which are in no order, those that lose a
// group that picks by priority, and calls lost for each. A pinned one wins.
func (b *board) loseByRule(rules []*rule, lost func(loser, winner *rule, g *Group)) []*rule {
	for id := range b.groups {
		g := &b.groups[id]
		if g.Pick != ChoosePriority || g.Per == OneLine {
			continue
		}
		members := slices.DeleteFunc(slices.Clone(rules), func(r *rule) bool { return !slices.Contains(r.groups, id) })
		slices.SortFunc(members, byRule)
		var winners []*rule
		for _, r := range members {
			rivals := slices.DeleteFunc(slices.Clone(winners), func(w *rule) bool { return g.Per == OneMerchant && !r.meets(w) })
			if !g.full(r, rivals) {
				if !r.short { // else it may not apply, and excludes nobody by rule
					winners = append(winners, r)
				}
				continue
			}
			lost(r, rivals[0], g)
			rules = slices.DeleteFunc(rules, func(o *rule) bool { return o == r })
		}
	}
	return rules
}

// byRule orders the members of a group that picks by priority: pinned ones come
// first.
func byRule(r, o *rule) int {
	if r.c.Pinned != o.c.Pinned {
		if r.c.Pinned {
			return -1
		}
		return 1
	}
	return byPriority(r, o)
}

// loseLinesByRule hands each line, in line groups that pick by priority, to the
// first member that takes something off it on list amounts, and bars it to the
// others. Those that are left none are removed, and lost is called for each.
func (b *board) loseLinesByRule(rules []*rule, lost func(loser, winner *rule, g *Group)) []*rule {
	for id := range b.groups {
		g := &b.groups[id]
		if g.Pick != ChoosePriority || g.Per != OneLine {
			continue
		}
		members := slices.DeleteFunc(slices.Clone(rules), func(r *rule) bool { return r.lineGroup != id })
		if len(members) < 2 {
			continue
		}
		slices.SortFunc(members, func(r, o *rule) int {
			if r.short != o.short { // which may not apply, and holds nothing by rule
				if o.short {
					return -1
				}
				return 1
			}
			return byRule(r, o)
		})
		holders := make([]*rule, len(b.lines))
		for _, r := range members {
			winner := b.hold(r, holders)
			if winner == nil {
				continue
			}
			if left := b.gain(&b.start, r); left > 0 {
				r.most = left
				continue
			}
			lost(r, winner, g)
			rules = slices.DeleteFunc(rules, func(o *rule) bool { return o == r })
		}
	}
	return rules
}

// hold hands r the lines that nobody holds, bars the others to it, and returns
// who holds one of these, if there are any.
func (b *board) hold(r *rule, holders []*rule) *rule {
	var winner *rule
	for _, i := range r.lines {
		switch {
		case b.take(r, i, b.list[i]) == 0:
		case holders[i] == nil:
			if !r.short {
				holders[i] = r
			}
		default:
			if winner == nil {
				winner, r.barred = holders[i], b.mem.flags.cut(len(b.lines))
			}
			r.barred[i] = true
		}
	}
	return winner
}

// full reports whether the group has no place left for r beside rivals.
func (g *Group) full(r *rule, rivals []*rule) bool {
	if g.Per == OneOrder {
		return len(rivals) >= g.max()
	}
	for _, m := range r.merchants {
		n := 0
		for _, w := range rivals {
			if slices.Contains(w.merchants, m) {
				n++
			}
		}
		if n >= g.max() {
			return true
		}
	}
	return false
}
