package promo

// record is what one promotion takes off in the end.
type record struct {
	rule   *rule
	draft  draft
	total  int64
	shares []int64 // in the order of rule.lines or rule.shipments
	// stakes are what the draft was taken of.
	stakes []stake
}

// record applies what was chosen and keeps what takes effect.
func (v *evaluation) record() {
	all := v.mem.records.list(len(v.plan.rules))
	var winner []int // in the line group: place in all
	for i, r := range v.plan.rules {
		if !v.chosen.has(i) {
			continue
		}
		if r.lineGroup >= 0 && (r.lineGroup != v.final.group || r.phase != v.final.phase) {
			winner = v.firsts(len(v.lines))
		}
		d := v.draft(&v.final, r)
		rec := record{rule: r, draft: d, stakes: v.stakes(&v.final, r, d)}
		v.settle(&v.final, r, d)
		n := len(r.lines)
		if r.phase == PhaseShipping {
			n = len(r.shipments)
		}
		rec.shares = v.mem.numbers.cut(n)
		if d.total > 0 {
			copy(rec.shares, v.shares[:n])
		}
		if r.lineGroup >= 0 {
			v.overtake(all, len(all), &rec, winner)
		}
		all = append(all, rec)
	}
	v.records = all[:0]
	for _, rec := range all {
		for _, share := range rec.shares {
			rec.total += share
		}
		if rec.total > 0 {
			v.records = append(v.records, rec)
		}
	}
}

// overtake hands rec the lines that it wins from earlier members of its line
// group: of those it holds only the difference so far.
func (v *evaluation) overtake(all []record, place int, rec *record, winner []int) {
	for k, i := range rec.rule.lines {
		if rec.shares[k] == 0 {
			continue
		}
		if w := winner[i]; w >= 0 {
			loser := &all[w]
			for j, line := range loser.rule.lines {
				if line == i {
					rec.shares[k] += loser.shares[j]
					loser.shares[j] = 0
				}
			}
		}
		winner[i] = place
	}
}

// allocate turns records into allocations and says who bears them.
func (v *evaluation) allocate() {
	count, bearers := 0, 0
	for _, rec := range v.records {
		for _, share := range rec.shares {
			if share > 0 {
				count++
				bearers += max(1, len(rec.rule.p.Funding))
			}
		}
	}
	v.result.Allocations = make([]Allocation, 0, count)
	space := make([]Bearer, 0, bearers)
	for i := range v.records {
		rec := &v.records[i]
		from := len(v.result.Allocations)
		for k, share := range rec.shares {
			if share > 0 {
				v.result.Allocations = append(v.result.Allocations, v.allocation(rec, k, share))
			}
		}
		space = v.bear(rec.rule.p, rec.total, v.result.Allocations[from:], space)
	}
}

func (v *evaluation) allocation(rec *record, k int, share int64) Allocation {
	r := rec.rule
	a := Allocation{Promotion: r.p.ID, Version: r.p.Version, Amount: v.money(share)}
	if r.c.Coupon != nil {
		a.Coupon = r.c.Coupon.ID
	}
	if r.phase == PhaseShipping {
		s := v.shipments[r.shipments[k]]
		a.Shipment, a.Merchant = s.ID, s.Merchant
	} else {
		line := v.lines[r.lines[k]]
		a.Line, a.Merchant = line.ID, line.Merchant
	}
	return a
}

// bear splits a promotion's total over the parties and each party's part over
// the allocations: both the sum of each party and that of each allocation are
// exact. The bearers are cut from space, which is returned.
func (b *board) bear(p *Promotion, total int64, allocations []Allocation, space []Bearer) []Bearer {
	if len(p.Funding) <= 1 {
		party := p.Funders()[0].Party
		for i := range allocations {
			space = append(space, Bearer{Party: party, Amount: allocations[i].Amount})
			allocations[i].Bearers = space[len(space)-1 : len(space) : len(space)]
		}
		return space
	}
	parts := b.partsOf(p.Funding, total)
	n := len(allocations)
	weights, rooms, shares := b.mem.numbers.cut(n), b.mem.numbers.cut(n), b.mem.numbers.cut(n)
	for i := range allocations {
		weights[i] = allocations[i].Amount.Minor()
		allocations[i].Bearers = make([]Bearer, 0, len(parts))
	}
	copy(rooms, weights)
	b.reserve(b.mem, n)
	for k, funding := range p.Funding {
		if k == len(p.Funding)-1 {
			copy(shares, rooms)
		} else {
			b.prorate(parts[k], weights, rooms, shares)
		}
		for i := range allocations {
			if shares[i] > 0 {
				rooms[i] -= shares[i]
				allocations[i].Bearers = append(allocations[i].Bearers, Bearer{Party: funding.Party, Amount: b.money(shares[i])})
			}
		}
	}
	return space
}

// partsOf splits an amount by the parties' shares. What exceeds the cap of a
// party falls to the next.
func (b *board) partsOf(funding []Funding, total int64) []int64 {
	n := len(funding)
	weights, rooms, parts := b.mem.numbers.cut(n), b.mem.numbers.cut(n), b.mem.numbers.cut(n)
	b.reserve(b.mem, n)
	for k := range funding {
		weights[k], rooms[k] = funding[k].PPM, total
	}
	b.prorate(total, weights, rooms, parts)
	for k := range funding[:n-1] {
		if most := funding[k].Cap; !most.IsZero() && parts[k] > most.Minor() {
			parts[k+1] += parts[k] - most.Minor()
			parts[k] = most.Minor()
		}
	}
	return parts
}

// bearersOf splits an amount by the funding of a promotion.
func (b *board) bearersOf(p *Promotion, amount int64) []Bearer {
	funders := p.Funders()
	var bearers []Bearer
	for i, part := range b.partsOf(funders, amount) {
		if part > 0 {
			bearers = append(bearers, Bearer{Party: funders[i].Party, Amount: b.money(part)})
		}
	}
	return bearers
}

// total sums lines, shipments and totals from the allocations.
func (v *evaluation) total() {
	res := &v.result
	res.Currency = v.currency
	off, shipOff := v.mem.numbers.cut(len(v.lines)), v.mem.numbers.cut(len(v.shipments))
	next := 0
	for _, rec := range v.records {
		for k, share := range rec.shares {
			if share == 0 {
				continue
			}
			amount := res.Allocations[next].Amount.Minor()
			next++
			if rec.rule.phase == PhaseShipping {
				shipOff[rec.rule.shipments[k]] += amount
			} else {
				off[rec.rule.lines[k]] += amount
			}
		}
	}
	var list, discount, shipping, shippingDiscount int64
	res.Lines = make([]LineTotal, len(v.lines))
	for i, line := range v.lines {
		list += v.list[i]
		discount += off[i]
		res.Lines[i] = LineTotal{line.ID, v.money(v.list[i]), v.money(off[i]), v.money(v.list[i] - off[i])}
	}
	if len(v.shipments) > 0 {
		res.Shipments = make([]ShipmentTotal, len(v.shipments))
	}
	for i, s := range v.shipments {
		shipping += v.rate[i]
		shippingDiscount += shipOff[i]
		res.Shipments[i] = ShipmentTotal{s.ID, v.money(v.rate[i]), v.money(shipOff[i]), v.money(v.rate[i] - shipOff[i])}
	}
	res.Totals = Totals{
		List: v.money(list), Discount: v.money(discount), Shipping: v.money(shipping),
		ShippingDiscount: v.money(shippingDiscount),
		Payable:          v.money(list - discount + shipping - shippingDiscount),
	}
}
