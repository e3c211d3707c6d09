package promo_test

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// brute is a second implementation of the semantics, as plain as can be: it
// tries every subset of the candidates, sells every unit by itself, and shares
// no code with the engine. It knows what the generator of this package makes.
type brute struct {
	in    promo.Input
	lines []promo.Line // by id
	cands []promo.Candidate
	// holders are who has a line by priority, by line group.
	holders map[promo.GroupID]map[int]ref.PromotionID
	// short are those whose budget does not hold what they take off on list
	// amounts.
	short map[ref.PromotionID]bool
	// left are the budgets that count, by promotion.
	left map[ref.PromotionID]int64
	// after are those that may give something after the sale.
	after []promo.Candidate
	// unfixed is set where what is pinned cannot all apply.
	unfixed bool
	// equal are the subsets that are as good as the best, each without members
	// that take nothing off.
	equal [][]promo.Candidate
}

// outcome is what a subset of the candidates comes to.
type outcome struct {
	saved   int64
	coupons int
	used    []string                    // the coupons by expiry and promotion
	alloc   map[string]map[string]int64 // by promotion, by line or shipment
	over    bool                        // more than a budget is left of
}

func newBrute(in promo.Input) *brute {
	b := &brute{short: map[ref.PromotionID]bool{}, in: in, lines: slices.Clone(in.Cart.Lines), cands: slices.Clone(in.Candidates)}
	sort.Slice(b.lines, func(i, j int) bool { return b.lines[i].ID < b.lines[j].ID })
	return b
}

// best returns the best legal subset of what takes something off.
func (b *brute) best() outcome {
	var able []promo.Candidate
	for _, c := range b.cands {
		if gives(c) && b.possible(c.Promotion) || !gives(c) && b.play([]promo.Candidate{c}).saved > 0 {
			able = append(able, c)
		}
	}
	for _, c := range able {
		if c.Left.Budget != nil && b.play([]promo.Candidate{c}).saved > c.Left.Budget.Minor() {
			b.short[c.Promotion.ID] = true
		}
	}
	able = b.byRule(able)
	b.after = slices.DeleteFunc(slices.Clone(able), func(c promo.Candidate) bool { return !gives(c) })
	able = b.byRuleOnLines(slices.DeleteFunc(able, gives))
	b.left = map[ref.PromotionID]int64{}
	for _, c := range able {
		if c.Left.Budget != nil {
			b.left[c.Promotion.ID] = c.Left.Budget.Minor()
		}
	}
	beside := slices.DeleteFunc(slices.Clone(able), b.keptOut)
	for _, insists := range []func(promo.Candidate) bool{
		func(c promo.Candidate) bool { return c.Pinned },
		func(c promo.Candidate) bool { return c.Pinned && !b.short[c.Promotion.ID] },
	} {
		if slices.ContainsFunc(able, func(c promo.Candidate) bool { return insists(c) && b.keptOut(c) }) {
			continue
		}
		if best, ok := b.enumerate(beside, insists); ok {
			return best
		}
	}
	b.unfixed = true
	best, ok := b.enumerate(able, func(promo.Candidate) bool { return false })
	if !ok {
		panic("nothing applies, and that is always possible")
	}
	return best
}

// enumerate returns the best of the subsets in which everything that the buyer
// insists on takes something off. What may not apply beside what was taken is
// not tried: no larger subset is legal either.
func (b *brute) enumerate(able []promo.Candidate, insists func(promo.Candidate) bool) (outcome, bool) {
	apart, places := make([][]bool, len(able)), make([]map[string]int, len(able))
	for i, c := range able {
		apart[i], places[i] = make([]bool, i), b.places(c.Promotion)
		for j, o := range able[:i] {
			apart[i][j] = !b.permits(c.Promotion, o.Promotion) || !b.permits(o.Promotion, c.Promotion)
		}
	}
	var best outcome
	var set []promo.Candidate
	var in []int
	found, taken := false, map[string]int{}
	var decide func(i int)
	decide = func(i int) {
		if i == len(able) {
			got := b.play(set)
			if got.over || slices.ContainsFunc(able, func(c promo.Candidate) bool { return insists(c) && total(got.alloc[string(c.Promotion.ID)]) == 0 }) {
				return
			}
			if !found || got.better(best) {
				best, found, b.equal = got, true, nil
			}
			if !best.better(got) {
				b.equal = append(b.equal, slices.DeleteFunc(slices.Clone(set), func(c promo.Candidate) bool {
					return total(got.alloc[string(c.Promotion.ID)]) == 0
				}))
			}
			return
		}
		decide(i + 1)
		for _, j := range in {
			if apart[i][j] {
				return
			}
		}
		for key, most := range places[i] {
			if taken[key] >= most {
				return
			}
		}
		for key := range places[i] {
			taken[key]++
		}
		set, in = append(set, able[i]), append(in, i)
		decide(i + 1)
		set, in = set[:len(set)-1], in[:len(in)-1]
		for key := range places[i] {
			taken[key]--
		}
	}
	decide(0)
	return best, found
}

// places returns where a promotion takes a place, and how many there are.
func (b *brute) places(p promo.Promotion) map[string]int {
	out := map[string]int{}
	for _, id := range p.GroupIDs() {
		switch g := b.group(id); g.Per {
		case promo.OneLine:
		case promo.OneOrder:
			out[string(id)] = max(1, g.Max)
		case promo.OneMerchant:
			for m := range b.merchants(p) {
				out[string(id)+"/"+m] = max(1, g.Max)
			}
		}
	}
	return out
}

// better settles ties: fewer coupons, then those that expire earlier.
func (o outcome) better(than outcome) bool {
	return cmp.Or(cmp.Compare(than.saved, o.saved), cmp.Compare(o.coupons, than.coupons), slices.Compare(o.used, than.used)) < 0
}

func total(amounts map[string]int64) int64 {
	sum := int64(0)
	for _, a := range amounts {
		sum += a
	}
	return sum
}

func (b *brute) group(id promo.GroupID) promo.Group {
	for _, g := range append(slices.Clone(b.in.Groups), promo.StandardGroups()...) {
		if g.ID == id {
			return g
		}
	}
	panic("no group " + id)
}

// merchants returns whose lines or shipments a promotion is about.
func (b *brute) merchants(p promo.Promotion) map[string]bool {
	found := map[string]bool{}
	for _, l := range b.lines {
		if b.picks(p, p.Lines, l) {
			found[string(l.Merchant)] = true
		}
	}
	return found
}

func (b *brute) picks(p promo.Promotion, s promo.Selector, l promo.Line) bool {
	if p.Merchant != "" && p.Merchant != l.Merchant {
		return false
	}
	if len(s.SKUs) > 0 && !slices.Contains(s.SKUs, l.SKU) || len(s.Merchants) > 0 && !slices.Contains(s.Merchants, l.Merchant) {
		return false
	}
	for _, e := range s.Except {
		if b.picks(p, e, l) {
			return false
		}
	}
	return true
}

func (b *brute) permits(p, q promo.Promotion) bool {
	switch p.Sharing.Mode {
	case promo.ShareAll:
	case promo.ShareNone:
		return false
	case promo.ShareWith:
		for _, c := range p.Sharing.Classes {
			if c == q.Class() {
				return true
			}
		}
		for _, o := range p.Sharing.Owners {
			if o == q.Merchant {
				return true
			}
		}
		for _, g := range p.Sharing.Groups {
			if slices.Contains(q.GroupIDs(), g) {
				return true
			}
		}
		return false
	}
	return true
}

// legal reports whether a set may apply together.
func (b *brute) legal(set []promo.Candidate) bool {
	counts := map[string]int{}
	for i, c := range set {
		for _, o := range set[:i] {
			if !b.permits(c.Promotion, o.Promotion) || !b.permits(o.Promotion, c.Promotion) {
				return false
			}
		}
		for key, most := range b.places(c.Promotion) {
			if counts[key]++; counts[key] > most {
				return false
			}
		}
	}
	return true
}

// byRule leaves out who loses a group that picks by priority.
func (b *brute) byRule(able []promo.Candidate) []promo.Candidate {
	groups := append(promo.StandardGroups(), b.in.Groups...)
	sort.Slice(groups, func(i, j int) bool { return groups[i].ID < groups[j].ID })
	for _, g := range groups {
		if g.Pick != promo.ChoosePriority || g.Per == promo.OneLine {
			continue
		}
		var members, kept []promo.Candidate
		for _, c := range able {
			if slices.Contains(c.Promotion.GroupIDs(), g.ID) {
				members = append(members, c)
			} else {
				kept = append(kept, c)
			}
		}
		byRule(members)
		places := map[string]int{}
		for _, c := range members {
			keys := []string{""}
			if g.Per == promo.OneMerchant {
				keys = nil
				for m := range b.merchants(c.Promotion) {
					keys = append(keys, m)
				}
			}
			full := false
			for _, key := range keys {
				full = full || places[key] >= max(1, g.Max)
			}
			if !full {
				for _, key := range keys {
					if !b.short[c.Promotion.ID] {
						places[key]++
					}
				}
				kept = append(kept, c)
			}
		}
		able = kept
	}
	return able
}

func byRule(members []promo.Candidate) {
	sort.Slice(members, func(i, j int) bool {
		x, y := members[i], members[j]
		if x.Pinned != y.Pinned {
			return x.Pinned
		}
		return ahead(x.Promotion, y.Promotion)
	})
}

// byRuleOnLines notes who has each line of the line groups that pick by
// priority, and leaves out who has none.
func (b *brute) byRuleOnLines(able []promo.Candidate) []promo.Candidate {
	members := slices.Clone(able)
	byRule(members)
	b.holders = map[promo.GroupID]map[int]ref.PromotionID{}
	t := b.table()
	for _, c := range members {
		id := b.lineGroup(c.Promotion)
		if id == "" || b.group(id).Pick != promo.ChoosePriority || b.short[c.Promotion.ID] {
			continue
		}
		if b.holders[id] == nil {
			b.holders[id] = map[int]ref.PromotionID{}
		}
		for i := range b.lines {
			if _, held := b.holders[id][i]; !held && t.open(c.Promotion, i) && t.each(c.Promotion, i, t.list[i]) > 0 {
				b.holders[id][i] = c.Promotion.ID
			}
		}
	}
	return slices.DeleteFunc(able, func(c promo.Candidate) bool { return b.play([]promo.Candidate{c}).saved == 0 })
}

func ahead(p, q promo.Promotion) bool {
	return cmp.Or(cmp.Compare(q.Priority, p.Priority), cmp.Compare(p.ID, q.ID)) < 0
}

// lineGroup returns the line group of a promotion, or nothing.
func (b *brute) lineGroup(p promo.Promotion) promo.GroupID {
	for _, id := range p.GroupIDs() {
		if b.group(id).Per == promo.OneLine {
			return id
		}
	}
	return ""
}

// table is a cart while promotions are played on it.
type table struct {
	*brute
	run, list, entry, item, net, floor []int64
	used                               []int64
	ship                               []int64
	out                                outcome
}

// table lays a cart out.
func (b *brute) table() *table {
	n := len(b.lines)
	t := &table{brute: b, floor: make([]int64, n), used: make([]int64, n), out: outcome{alloc: map[string]map[string]int64{}}}
	for i, l := range b.lines {
		t.list = append(t.list, l.Unit.Minor()*int64(l.Quantity))
		t.floor[i] = min(l.Floor.Minor()*int64(l.Quantity), t.list[i])
	}
	t.run, t.item, t.net = slices.Clone(t.list), slices.Clone(t.list), slices.Clone(t.list)
	t.entry = slices.Clone(t.list)
	for _, s := range b.in.Cart.Shipments {
		t.ship = append(t.ship, s.Rate.Minor())
	}
	return t
}

// play applies a set, phase by phase.
func (b *brute) play(set []promo.Candidate) outcome { return b.playOn(b.table(), set) }

func (b *brute) playOn(t *table, set []promo.Candidate) outcome {
	for phase := promo.PhasePrice; phase <= promo.PhaseShipping; phase++ {
		t.entry = slices.Clone(t.run)
		var grouped, single []promo.Promotion
		for _, c := range set {
			switch p := c.Promotion; {
			case p.Phase() != phase:
			case b.lineGroup(p) != "":
				grouped = append(grouped, p)
			default:
				single = append(single, p)
			}
		}
		t.playGroups(grouped)
		sort.Slice(single, func(i, j int) bool {
			p, q := single[i], single[j]
			if (phase == promo.PhaseLine || phase == promo.PhaseShipping) && (p.Merchant == "") != (q.Merchant == "") {
				return p.Merchant != ""
			}
			return ahead(p, q)
		})
		for _, p := range single {
			t.playWithin(p)
		}
		if phase == promo.PhaseLine {
			t.item = slices.Clone(t.run)
		}
		if phase == promo.PhaseMerchant {
			t.net = slices.Clone(t.run)
		}
	}
	for _, c := range set {
		if left, limited := t.left[c.Promotion.ID]; limited && total(t.out.alloc[string(c.Promotion.ID)]) > left {
			t.out.over = true
		}
		if c.Coupon != nil && total(t.out.alloc[string(c.Promotion.ID)]) > 0 {
			t.out.coupons++
			expires := "never"
			if !c.Coupon.Expires.IsZero() {
				expires = c.Coupon.Expires.Format(time.RFC3339)
			}
			t.out.used = append(t.out.used, expires+" "+string(c.Promotion.ID))
		}
	}
	slices.Sort(t.out.used)
	return t.out
}

// playWithin applies a promotion, or takes it back where its budget is too small.
func (t *table) playWithin(p promo.Promotion) {
	run, used, ship, saved := slices.Clone(t.run), slices.Clone(t.used), slices.Clone(t.ship), t.out.saved
	t.playOne(p)
	if left, limited := t.left[p.ID]; limited && t.out.saved-saved > left {
		t.run, t.used, t.ship, t.out.saved = run, used, ship, saved
		delete(t.out.alloc, string(p.ID))
	}
}

func (t *table) give(p promo.Promotion, key string, amount int64) {
	if amount == 0 {
		return
	}
	if t.out.alloc[string(p.ID)] == nil {
		t.out.alloc[string(p.ID)] = map[string]int64{}
	}
	t.out.alloc[string(p.ID)][key] += amount
	t.out.saved += amount
}

func (t *table) takeLine(p promo.Promotion, i int, amount int64) {
	t.run[i] -= amount
	t.give(p, string(t.lines[i].ID), amount)
}

func (t *table) open(p promo.Promotion, i int) bool {
	return t.picks(p, p.Lines, t.lines[i]) && (!p.Lines.NotDiscounted || t.entry[i] == t.list[i])
}

func half(a, ppm int64) int64 { return (a*ppm + 500_000) / 1_000_000 }

// each returns what a promotion takes off one line of an amount by itself.
func (t *table) each(p promo.Promotion, i int, amount int64) int64 {
	q := int64(t.lines[i].Quantity)
	var off int64
	switch b := p.Benefit; {
	case b.Price != nil:
		off = amount - b.Price.Unit.Minor()*q
	case b.Percent != nil && p.Level == promo.LevelPrice:
		off = half(t.lines[i].Unit.Minor(), b.Percent.PPM) * q
	case b.Percent != nil && p.OnList:
		off = half(t.list[i], b.Percent.PPM)
	case b.Percent != nil:
		off = half(amount, b.Percent.PPM)
	case b.Fixed.Per == promo.PerUnit:
		off = b.Fixed.Off.Minor() * q
	default:
		off = b.Fixed.Off.Minor()
	}
	return max(0, min(off, amount-t.floor[i]))
}

// playGroups settles the line groups: each line goes to its best member.
func (t *table) playGroups(members []promo.Promotion) {
	ids := map[promo.GroupID]bool{}
	for _, p := range members {
		ids[t.lineGroup(p)] = true
	}
	var order []promo.GroupID
	for id := range ids {
		order = append(order, id)
	}
	slices.Sort(order)
	for _, id := range order {
		var in []promo.Promotion
		for _, p := range members {
			if t.lineGroup(p) == id && t.holds(p, p.When) {
				in = append(in, p)
			}
		}
		sort.Slice(in, func(i, j int) bool { return ahead(in[i], in[j]) })
		before := slices.Clone(t.run)
		for i := range t.lines {
			winner, most := -1, int64(0)
			holder, held := t.holders[id][i]
			for k, p := range in {
				if held && p.ID != holder || !t.open(p, i) {
					continue
				}
				if off := t.each(p, i, before[i]); off > most {
					winner, most = k, off
				}
			}
			if winner >= 0 {
				t.takeLine(in[winner], i, most)
			}
		}
	}
}

func (t *table) basis(p promo.Promotion, b promo.Basis) []int64 {
	if b == "" {
		switch p.Phase() {
		case promo.PhasePrice, promo.PhaseLine:
			b = promo.BasisList
		case promo.PhaseMerchant:
			b = promo.BasisItemNet
		case promo.PhaseAfter:
			b = promo.BasisPaid
		default:
			b = promo.BasisMerchantNet
		}
	}
	switch b {
	case promo.BasisList:
		return t.list
	case promo.BasisItemNet:
		return t.item
	case promo.BasisMerchantNet:
		return t.net
	case promo.BasisPaid:
	}
	return t.run
}

// over returns the lines a threshold counts.
func (t *table) over(p promo.Promotion, s *promo.Selector) []int {
	var found []int
	for i, l := range t.lines {
		if s == nil && t.open(p, i) || s != nil && t.picks(p, *s, l) {
			found = append(found, i)
		}
	}
	return found
}

func (t *table) holds(p promo.Promotion, w promo.Condition) bool {
	switch {
	case w.All != nil:
		for _, c := range w.All {
			if !t.holds(p, c) {
				return false
			}
		}
	case w.Any != nil:
		for _, c := range w.Any {
			if t.holds(p, c) {
				return true
			}
		}
		return false
	case w.Not != nil:
		return !t.holds(p, *w.Not)
	case w.Amount != nil:
		sum := int64(0)
		for _, i := range t.over(p, w.Amount.Over) {
			sum += t.basis(p, w.Amount.Basis)[i]
		}
		return sum >= w.Amount.Min.Minor() && (w.Amount.Max.IsZero() || sum <= w.Amount.Max.Minor())
	case w.Quantity != nil:
		sum := int64(0)
		for _, i := range t.over(p, w.Quantity.Over) {
			sum += int64(t.lines[i].Quantity)
		}
		return sum >= w.Quantity.Min
	}
	return true
}
