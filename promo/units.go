package promo

import (
	"cmp"
	"slices"
)

// counts reports whether the promotion counts units, each of which serves one
// such promotion only.
func (r *rule) counts() bool {
	b := &r.p.Benefit
	return b.BuyGet != nil || b.Nth != nil || b.Bundle != nil
}

// unitLines returns the lines whose units the promotion may use.
func (r *rule) unitLines() []int {
	if r.both != nil {
		return r.both
	}
	return r.lines
}

// merge returns the union of two ascending lists.
func merge(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// free returns the units of line i that serve nothing yet.
func (b *board) free(s *state, i int) int64 { return b.quantity[i] - s.used[i] }

// freeUnits returns how many units of lines serve nothing yet.
func (b *board) freeUnits(s *state, r *rule, lines []int) int64 {
	n := int64(0)
	for _, i := range lines {
		if s.open(b, r, i) {
			n += b.free(s, i)
		}
	}
	return n
}

// sorted returns the lines of a rule by what a unit costs now, of equal ones by
// id. It stays valid until the next call for the rule. As prices seldom change
// places, the order of the last call is a good beginning.
func (b *board) sorted(s *state, r *rule) []int {
	order, cost := r.order, s.unit
	for k := 1; k < len(order); k++ {
		line := order[k]
		at := k
		for at > 0 {
			before := order[at-1]
			if cost[line] == cost[before] {
				if !b.ahead(s, line, before, r.dearest) {
					break
				}
			} else if cost[line] < cost[before] == r.dearest {
				break
			}
			order[at] = before
			at--
		}
		order[at] = line
	}
	return order
}

// ahead reports whether a unit of line i comes before one of line j, of which
// both cost the same but for a fraction.
func (b *board) ahead(s *state, i, j int, dearest bool) bool {
	if dearest && less(s.run[j], b.quantity[j], s.run[i], b.quantity[i]) ||
		!dearest && less(s.run[i], b.quantity[i], s.run[j], b.quantity[j]) {
		return true
	}
	return i < j && !less(s.run[i], b.quantity[i], s.run[j], b.quantity[j]) &&
		!less(s.run[j], b.quantity[j], s.run[i], b.quantity[i])
}

// prepareUnits fills in what a promotion that counts units asks of each line
// again and again.
func (b *board) prepareUnits(r *rule) {
	benefit := &r.p.Benefit
	r.dearest = benefit.Bundle != nil || benefit.Nth != nil && benefit.Nth.Pick == PickDearest ||
		benefit.BuyGet != nil && benefit.BuyGet.Pick == PickDearest
	r.offers, r.sells = b.mem.flags.cut(len(b.lines)), b.mem.flags.cut(len(b.lines))
	for _, i := range r.lines {
		r.offers[i] = true
	}
	for _, i := range r.buys {
		r.sells[i] = true
	}
	r.order = append(b.mem.places.list(len(r.unitLines())), r.unitLines()...)
	slices.SortFunc(r.order, func(i, j int) int {
		if c := cmp.Compare(b.unit[i], b.unit[j]); c != 0 {
			if r.dearest {
				return -c
			}
			return c
		}
		return i - j
	})
}

// bargain returns what BuyGet and Nth come to: how many units are bought, how
// many are discounted for them, by how much, and how often at most.
func (r *rule) bargain() (buy, get, ppm, most int64) {
	if n := r.p.Benefit.Nth; n != nil {
		return n.N - 1, 1, n.PPM, n.Times
	}
	g := r.p.Benefit.BuyGet
	return g.Buy, g.Get, g.PPM, g.Times
}

// bargains returns how often the free units allow a bargain, and how many
// units could be bought.
func (b *board) bargains(s *state, r *rule) (n, bought int64) {
	buy, get, _, most := r.bargain()
	bought = b.freeUnits(s, r, r.buys)
	offered, all := bought, bought
	if r.both != nil {
		offered, all = b.freeUnits(s, r, r.lines), b.freeUnits(s, r, r.both)
	}
	n = min(over(bought, buy), over(offered, get), over(all, buy+get))
	if most > 0 {
		n = min(n, most)
	}
	return n, bought
}

// spends returns how many units a promotion uses up at most.
func (b *board) spends(r *rule) int64 {
	all := b.units(r.unitLines())
	if r.p.Benefit.Bundle != nil {
		return all
	}
	buy, get, _, most := r.bargain()
	n := all / (buy + get)
	if most > 0 {
		n = min(n, most)
	}
	return n * (buy + get)
}

// draftRewards takes a percentage off some units for every so many others,
// rounded once on their sum. The rewards are taken from the front of the lines
// in the order of pick, what is bought from their end.
func (b *board) draftRewards(s *state, r *rule) draft {
	buy, get, ppm, _ := r.bargain()
	d := draft{ppm: ppm}
	n, bought := b.bargains(s, r)
	if n == 0 {
		return d
	}
	for _, i := range r.order {
		b.taken[i], b.rewarded[i] = 0, 0
	}
	order := b.sorted(s, r)
	b.reward(s, r, order, n*get, bought-n*buy)
	b.spend(s, r, order, n*buy)
	room := int64(0)
	for k, i := range r.lines {
		b.weights[k], b.rooms[k] = 0, 0
		if b.rewarded[i] == 0 {
			continue
		}
		b.weights[k] = part(s.run[i], b.rewarded[i], b.quantity[i])
		b.rooms[k] = min(b.weights[k], s.room(b, i))
		d.base += b.weights[k]
		room += b.rooms[k]
	}
	d.raw = percent(d.base, ppm)
	d.total, d.split, d.times = min(d.raw, r.cap, room), true, n
	return d
}

// reward marks the units that are discounted. Of those that could also be
// bought it takes at most spare.
func (b *board) reward(s *state, r *rule, order []int, want, spare int64) {
	for _, i := range order {
		if want == 0 {
			return
		}
		if !r.offers[i] || !s.open(b, r, i) {
			continue
		}
		n := min(want, b.free(s, i))
		if r.sells[i] {
			n = min(n, spare)
			spare -= n
		}
		b.rewarded[i], b.taken[i] = n, n
		want -= n
	}
}

// spend marks the units that are bought for the reward.
func (b *board) spend(s *state, r *rule, order []int, want int64) {
	for k := len(order) - 1; k >= 0 && want > 0; k-- {
		i := order[k]
		if !r.sells[i] || !s.open(b, r, i) {
			continue
		}
		n := min(want, b.free(s, i)-b.taken[i])
		b.taken[i] += n
		want -= n
	}
}

// draftBundle puts bundles together, the dearest units first, as long as a
// bundle costs less than its units.
func (b *board) draftBundle(s *state, r *rule, bundle *Bundle) draft {
	var d draft
	order := b.sorted(s, r)
	for _, i := range r.lines {
		b.taken[i] = 0
	}
	for bundle.Times == 0 || d.times < bundle.Times {
		ready, alike := b.fill(s, r, bundle, order)
		if !ready {
			break
		}
		value := int64(0)
		for _, i := range r.lines {
			value += part(s.run[i], b.rewarded[i], b.quantity[i])
		}
		if value <= bundle.Price.Minor() {
			break
		}
		if bundle.Times > 0 {
			alike = min(alike, bundle.Times-d.times)
		}
		for _, i := range r.lines {
			b.taken[i] += alike * b.rewarded[i]
		}
		d.times += alike
	}
	if d.times == 0 {
		return d
	}
	room := int64(0)
	for k, i := range r.lines {
		b.weights[k] = part(s.run[i], b.taken[i], b.quantity[i])
		b.rooms[k] = min(b.weights[k], s.room(b, i))
		d.base += b.weights[k]
		room += b.rooms[k]
	}
	d.raw = max(0, d.base-times(bundle.Price.Minor(), d.times))
	d.total, d.split = min(d.raw, r.cap, room), true
	return d
}

// fill puts the units of the next bundle into b.rewarded. It reports whether
// there are enough, and how many bundles made of the same lines can follow one
// another, this one included.
func (b *board) fill(s *state, r *rule, bundle *Bundle, order []int) (ready bool, alike int64) {
	lacks := b.lacks[:0]
	missing := int64(0)
	for _, part := range bundle.Parts {
		lacks = append(lacks, part.Quantity)
		missing += part.Quantity
	}
	b.lacks = lacks
	alike = MaxUnits
	for _, i := range r.lines {
		b.rewarded[i] = 0
	}
	for _, i := range order {
		if missing == 0 {
			break
		}
		free := b.free(s, i) - b.taken[i]
		if free == 0 || !s.open(b, r, i) {
			continue
		}
		for p, lines := range r.parts {
			if lacks[p] == 0 || !slices.Contains(lines, i) {
				continue
			}
			n := min(lacks[p], free-b.rewarded[i])
			lacks[p] -= n
			missing -= n
			b.rewarded[i] += n
		}
		if b.rewarded[i] > 0 {
			alike = min(alike, free/b.rewarded[i])
		}
	}
	return missing == 0, alike
}

// units returns how many units lines have.
func (b *board) units(lines []int) int64 {
	n := int64(0)
	for _, i := range lines {
		n += b.quantity[i]
	}
	return n
}
