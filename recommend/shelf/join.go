package shelf

import (
	"cmp"
	"maps"
	"slices"
)

// joined is what a number of marks change.
type joined struct {
	s      *Service
	taken  []Impression
	dirty  map[int]bool
	counts map[Stat]*Stat // by a stat without counts
	shown  map[Exposure]int64
	missed []mark
}

// join takes marks to the impressions that they speak for.
func (s *Service) join(marks []mark, taken []Impression) *joined {
	j := &joined{s: s, taken: taken, dirty: map[int]bool{}, counts: map[Stat]*Stat{}, shown: map[Exposure]int64{}}
	for _, m := range slices.SortedStableFunc(slices.Values(marks), func(a, b mark) int { return a.at.Compare(b.at) }) {
		if !j.apply(m) {
			j.missed = append(j.missed, m)
		}
	}
	return j
}

// apply reports whether a mark speaks for an impression.
func (j *joined) apply(m mark) bool {
	if m.request != "" {
		return j.applyTo(m)
	}
	if m.kind == markOrder && slices.ContainsFunc(j.taken, func(i Impression) bool { return slices.Contains(i.Sales, m.sale()) }) {
		return true // it was told before, here or to another node
	}
	newest := -1
	for n := range j.taken {
		i := &j.taken[n]
		if i.Seen && j.inTime(i, m) && !m.at.Before(i.At) && i.sentTo(m.member, m.session) && slices.Contains(i.Products, m.product) &&
			(newest < 0 || i.At.After(j.taken[newest].At)) {
			newest = n
		}
	}
	if newest >= 0 {
		j.mark(newest, m)
	}
	return newest >= 0
}

// applyTo takes a mark to the impressions of its request. Whoever follows a
// product has seen the shelf, and with it what others put there.
func (j *joined) applyTo(m mark) bool {
	found, followed := false, m.kind == markSeen
	for n := range j.taken {
		i := &j.taken[n]
		if i.isOf(m) {
			found = true
			followed = followed || slices.Contains(i.Products, m.product)
		}
	}
	for n := range j.taken {
		i := &j.taken[n]
		if !followed || !i.isOf(m) || !j.inTime(i, m) {
			continue
		}
		own := m
		if !slices.Contains(i.Products, m.product) {
			own.kind = markSeen
		}
		j.mark(n, own)
	}
	return found
}

// inTime reports whether a mark comes before the window of an impression
// closes: an old page that somebody comes back to speaks for nothing.
func (j *joined) inTime(i *Impression, m mark) bool { return m.at.Sub(i.At) <= j.s.cfg.Window }

// isOf reports whether a mark of a request is about the impression, and whoever
// made it is whom the impression was sent to.
func (i *Impression) isOf(m mark) bool {
	return i.Request == m.request && (m.strategy == "" || i.Strategy == m.strategy) &&
		(i.Member == "" && i.Session == "" || i.sentTo(m.member, m.session))
}

// mark counts what a mark changes of an impression. Who does anything with a
// product has seen it, and a request is hit once.
func (j *joined) mark(n int, m mark) {
	i := &j.taken[n]
	before := *i
	i.Seen = true
	switch m.kind {
	case markSeen:
	case markClick:
		i.Clicked = true
	case markCart:
		i.Carted = true
	case markOrder:
		i.Ordered = true
		i.Sales = append(i.Sales, m.sale())
		j.dirty[n] = true
	}
	key := Stat{Day: j.s.dayOf(i.At), Slot: i.Slot, Strategy: i.Strategy, Segment: i.Segment}
	if m.kind == markOrder && m.revenue.Sign() > 0 {
		paid := key
		paid.Currency = m.revenue.Currency()
		j.count(paid).Revenue += m.revenue.Minor()
	}
	if before.Seen == i.Seen && before.Clicked == i.Clicked && before.Carted == i.Carted && before.Ordered == i.Ordered {
		return
	}
	j.dirty[n] = true
	c := j.count(key)
	c.Requests += once(before.Seen, i.Seen)
	c.Hits += once(before.hit(), i.hit())
	c.Clicks += once(before.Clicked, i.Clicked)
	c.Carts += once(before.Carted, i.Carted)
	c.Orders += once(before.Ordered, i.Ordered)
	if !before.Seen {
		for _, p := range i.Products {
			j.shown[Exposure{Day: key.Day, Slot: i.Slot, Strategy: i.Strategy, Product: p}]++
		}
	}
}

func (j *joined) count(key Stat) *Stat {
	c := j.counts[key]
	if c == nil {
		own := key
		c = &own
		j.counts[key] = c
	}
	return c
}

// once is 1 for what is so now and was not before.
func once(before, now bool) int64 {
	if now && !before {
		return 1
	}
	return 0
}

func (j *joined) changed() []Impression {
	var out []Impression
	for _, n := range slices.Sorted(maps.Keys(j.dirty)) {
		out = append(out, j.taken[n])
	}
	return out
}

func (j *joined) stats() []Stat {
	var out []Stat
	for _, c := range j.counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, Stat.Compare)
	return out
}

func (j *joined) exposures() []Exposure {
	var out []Exposure
	for e, n := range j.shown {
		e.Shown = n
		out = append(out, e)
	}
	slices.SortFunc(out, Exposure.Compare)
	return out
}

// byStrategy orders lines of a report.
func byStrategy(a, b Line) int {
	return cmp.Or(
		cmp.Compare(a.Day, b.Day), cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Strategy, b.Strategy), cmp.Compare(a.Segment, b.Segment),
	)
}
