package promo

import "slices"

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

// sorted returns lines by what a unit costs now, cheapest or dearest first, of
// equal ones by id. It stays valid until the next call.
func (b *board) sorted(s *state, lines []int, dearest bool) []int {
	b.pool = append(b.pool[:0], lines...)
	before := func(i, j int) bool {
		if dearest {
			i, j = j, i
		}
		return less(s.run[i], b.quantity[i], s.run[j], b.quantity[j])
	}
	slices.SortStableFunc(b.pool, func(i, j int) int {
		switch {
		case before(i, j):
			return -1
		case before(j, i):
			return 1
		}
		return 0
	})
	return b.pool
}

// draftRewards takes ppm off get units for every buy units. The rewards are
// taken from the front of the lines in the order of pick, what is bought from
// their end.
func (b *board) draftRewards(s *state, r *rule, buy, get, ppm, most int64, pick Pick) draft {
	d := draft{ppm: ppm}
	all := r.unitLines()
	bought, offered := b.freeUnits(s, r, r.buys), b.freeUnits(s, r, r.lines)
	n := min(bought/buy, offered/get, b.freeUnits(s, r, all)/(buy+get))
	if most > 0 {
		n = min(n, most)
	}
	if n == 0 {
		return d
	}
	for _, i := range all {
		b.taken[i], b.rewarded[i] = 0, 0
	}
	order := b.sorted(s, all, pick == PickDearest)
	b.reward(s, r, order, n*get, bought-n*buy)
	b.spend(s, r, order, n*buy)
	for k, i := range r.lines {
		base := part(s.run[i], b.rewarded[i], b.quantity[i])
		off := percent(base, ppm)
		d.base += base
		d.raw += off
		b.shares[k] = min(off, s.room(b, i))
		d.total += b.shares[k]
	}
	d.times = n
	return d
}

// reward marks the units that are discounted. Of those that could also be
// bought it takes at most spare.
func (b *board) reward(s *state, r *rule, order []int, want, spare int64) {
	for _, i := range order {
		if want == 0 {
			return
		}
		if !slices.Contains(r.lines, i) || !s.open(b, r, i) {
			continue
		}
		n := min(want, b.free(s, i))
		if slices.Contains(r.buys, i) {
			n = min(n, spare)
			spare -= n
		}
		b.rewarded[i] = n
		b.taken[i] = n
		want -= n
	}
}

// spend marks the units that are bought for the reward.
func (b *board) spend(s *state, r *rule, order []int, want int64) {
	for k := len(order) - 1; k >= 0 && want > 0; k-- {
		i := order[k]
		if !slices.Contains(r.buys, i) || !s.open(b, r, i) {
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
	order := b.sorted(s, r.lines, true)
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
	d.total, d.split = min(d.raw, room), true
	return d
}

// fill puts the units of the next bundle into b.rewarded. It reports whether
// there are enough, and how many bundles made of the same lines can follow one
// another, this one included.
func (b *board) fill(s *state, r *rule, bundle *Bundle, order []int) (ready bool, alike int64) {
	lacks := make([]int64, len(bundle.Parts))
	missing := int64(0)
	for p := range lacks {
		lacks[p] = bundle.Parts[p].Quantity
		missing += lacks[p]
	}
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

// mostUnits bounds what a promotion that counts units can take off in any
// state: what is cheapest, and what is left, depends on the others, so that
// the dearest units at their list price are the bound.
func (b *board) mostUnits(r *rule) int64 {
	var n, ppm int64
	switch benefit := &r.p.Benefit; {
	case benefit.Bundle != nil:
		sum := int64(0)
		for _, i := range r.lines {
			sum += b.list[i]
		}
		return max(0, sum-benefit.Bundle.Price.Minor())
	case benefit.BuyGet != nil:
		g := benefit.BuyGet
		n, ppm = min(b.units(r.buys)/g.Buy, b.units(r.lines)/g.Get, b.units(r.unitLines())/(g.Buy+g.Get)), g.PPM
		if g.Times > 0 {
			n = min(n, g.Times)
		}
		n *= g.Get
	case benefit.Nth != nil:
		n, ppm = b.units(r.lines)/benefit.Nth.N, benefit.Nth.PPM
		if benefit.Nth.Times > 0 {
			n = min(n, benefit.Nth.Times)
		}
	}
	b.pool = append(b.pool[:0], r.lines...)
	slices.SortFunc(b.pool, func(i, j int) int {
		if less(b.list[j], b.quantity[j], b.list[i], b.quantity[i]) {
			return -1
		}
		return 1
	})
	sum := int64(0)
	for _, i := range b.pool {
		k := min(n, b.quantity[i])
		n -= k
		sum += percent(part(b.list[i], k, b.quantity[i]), ppm)
	}
	if sum > 0 {
		sum += int64(len(r.lines)) // each line rounds by itself
	}
	return sum
}

func (b *board) units(lines []int) int64 {
	n := int64(0)
	for _, i := range lines {
		n += b.quantity[i]
	}
	return n
}
