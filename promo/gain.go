package promo

// gain returns what r would take off in a state, whatever its budget: exactly,
// where the state is that at its turn. See ceiling for the states that follow. It
// is the total of draftInFull, without the shares.
func (b *board) gain(s *state, r *rule) int64 {
	if r.lineGroup >= 0 || r.p.Lines.NotDiscounted {
		d := b.draftInFull(s, r)
		return d.total
	}
	switch r.form {
	case formPercentOfLines:
		if !b.holds(s, r, &r.when) {
			return 0
		}
		return b.gainOfLines(s, r, r.p.Benefit.Percent.PPM)
	case formSum:
		if !b.holds(s, r, &r.when) {
			return 0
		}
		if percent := r.p.Benefit.Percent; percent != nil {
			return b.gainOfSum(s, r, 0, percent.PPM)
		}
		return b.gainOfSum(s, r, r.p.Benefit.Fixed.Off.Minor(), 0)
	case formStep:
		if !b.holds(s, r, &r.when) {
			return 0
		}
		tier := b.reached(s, r, r.p.Benefit.Tiers)
		switch {
		case tier == nil:
			return 0
		case tier.PPM == 0:
			return b.gainOfSum(s, r, tier.Off.Minor(), 0)
		case r.level == LevelOrder:
			return b.gainOfSum(s, r, 0, tier.PPM)
		}
		return b.gainOfLines(s, r, tier.PPM)
	case formOther:
	}
	d := b.draftInFull(s, r)
	return d.total
}

// form tells the benefits of which gain knows the total by a formula.
type form uint8

const (
	formOther          form = iota
	formPercentOfLines      // see draftLines
	formSum                 // see draftSum
	formStep                // see draftTiers
)

// formOf returns the form of a benefit.
func (r *rule) formOf() form {
	switch b := &r.p.Benefit; {
	case b.Percent != nil && r.level == LevelOrder, b.Fixed != nil && b.Fixed.Per == PerOrder:
		return formSum
	case b.Percent != nil:
		return formPercentOfLines
	case b.Tiers != nil && b.Tiers.Mode == TierStep:
		return formStep
	}
	return formOther
}

// gainOfLines is the total of draftLines.
func (b *board) gainOfLines(s *state, r *rule, ppm int64) int64 {
	base := s.run
	if r.p.OnList {
		base = b.list
	}
	total := int64(0)
	for _, i := range r.lines {
		total += min(percent(base[i], ppm), s.room(b, i))
	}
	return min(total, r.cap)
}

// gainOfSum is the total of draftSum.
func (b *board) gainOfSum(s *state, r *rule, off, ppm int64) int64 {
	base := s.run
	if r.p.OnList {
		base = b.list
	}
	sum, room := int64(0), int64(0)
	for _, i := range r.lines {
		sum += base[i]
		room += s.room(b, i)
	}
	if ppm > 0 {
		off = percent(sum, ppm)
	}
	return min(off, r.cap, room)
}
