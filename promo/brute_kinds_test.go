package promo_test

import (
	"math"
	"slices"
	"sort"

	"github.com/soukhq/souk/promo"
)

// playOne applies one promotion that is in no line group.
func (t *table) playOne(p promo.Promotion) {
	if !t.holds(p, p.When) {
		return
	}
	var lines []int
	for i := range t.lines {
		if t.open(p, i) {
			lines = append(lines, i)
		}
	}
	b := p.Benefit
	orderLevel := p.Phase() == promo.PhaseMerchant || p.Phase() == promo.PhaseSite
	switch {
	case b.Percent != nil && orderLevel:
		t.percentOfSum(p, lines, b.Percent.PPM, capOf(b.Percent.Cap.Minor()))
	case b.Percent != nil:
		t.percentOfLines(p, lines, b.Percent.PPM, capOf(b.Percent.Cap.Minor()))
	case b.Fixed != nil && b.Fixed.Per == promo.PerOrder:
		t.across(p, lines, b.Fixed.Off.Minor(), t.run)
	case b.Fixed != nil:
		for _, i := range lines {
			t.takeLine(p, i, t.each(p, i, t.run[i]))
		}
	case b.Tiers != nil:
		t.tiers(p, lines, *b.Tiers, orderLevel)
	case b.Nth != nil:
		t.rewards(p, lines, lines, b.Nth.N-1, 1, b.Nth.PPM, b.Nth.Times, b.Nth.Pick)
	case b.BuyGet != nil:
		buys := lines
		if b.BuyGet.Of != nil {
			buys = nil
			for i, l := range t.lines {
				if t.picks(p, *b.BuyGet.Of, l) && (!p.Lines.NotDiscounted || t.entry[i] == t.list[i]) {
					buys = append(buys, i)
				}
			}
		}
		t.rewards(p, buys, lines, b.BuyGet.Buy, b.BuyGet.Get, b.BuyGet.PPM, b.BuyGet.Times, b.BuyGet.Pick)
	case b.Bundle != nil:
		t.bundle(p, lines, *b.Bundle)
	case b.Shipping != nil:
		for i, s := range t.in.Cart.Shipments {
			if !t.merchants(p)[string(s.Merchant)] {
				continue
			}
			off := b.Shipping.Off.Minor()
			if b.Shipping.PPM > 0 {
				off = half(t.ship[i], b.Shipping.PPM)
			}
			off = min(off, t.ship[i], capOf(b.Shipping.Cap.Minor()))
			t.ship[i] -= off
			t.give(p, s.ID, off)
		}
	}
}

func capOf(n int64) int64 {
	if n == 0 {
		return math.MaxInt64
	}
	return n
}

func (t *table) roomOf(i int) int64 { return max(0, t.run[i]-t.floor[i]) }

// across prorates an amount over lines, by the weights of all lines.
func (t *table) across(p promo.Promotion, lines []int, amount int64, weights []int64) {
	rooms := map[int]int64{}
	most := int64(0)
	for _, i := range lines {
		rooms[i] = t.roomOf(i)
		most += rooms[i]
	}
	for i, share := range spread(min(amount, most), lines, weights, rooms) {
		t.takeLine(p, i, share)
	}
}

// spread prorates by largest remainder, and again what did not fit.
func spread(amount int64, lines []int, weights []int64, rooms map[int]int64) map[int]int64 {
	shares := map[int]int64{}
	open := slices.DeleteFunc(slices.Clone(lines), func(i int) bool { return weights[i] == 0 })
	for {
		sum := int64(0)
		for _, i := range open {
			sum += weights[i]
		}
		if sum == 0 {
			return shares
		}
		left := amount
		rest := map[int]int64{}
		for _, i := range open {
			shares[i] = amount * weights[i] / sum
			rest[i] = amount * weights[i] % sum
			left -= shares[i]
		}
		byRest := slices.Clone(open)
		sort.SliceStable(byRest, func(a, c int) bool { return rest[byRest[a]] > rest[byRest[c]] })
		for _, i := range byRest[:left] {
			shares[i]++
		}
		var fits []int
		for _, i := range open {
			if shares[i] > rooms[i] {
				shares[i] = rooms[i]
				amount -= rooms[i]
			} else {
				fits = append(fits, i)
			}
		}
		if len(fits) == len(open) {
			return shares
		}
		open = fits
	}
}

func (t *table) percentOfSum(p promo.Promotion, lines []int, ppm, most int64) {
	weights := t.run
	if p.OnList {
		weights = t.list
	}
	sum := int64(0)
	for _, i := range lines {
		sum += weights[i]
	}
	t.across(p, lines, min(half(sum, ppm), most), weights)
}

func (t *table) percentOfLines(p promo.Promotion, lines []int, ppm, most int64) {
	off := make([]int64, len(t.lines))
	for _, i := range lines {
		base := t.run[i]
		if p.OnList {
			base = t.list[i]
		}
		off[i] = min(half(base, ppm), t.roomOf(i))
	}
	t.capped(p, lines, off, most)
}

// capped takes off what is proposed for each line, cut to a sum.
func (t *table) capped(p promo.Promotion, lines []int, off []int64, most int64) {
	sum := int64(0)
	rooms := map[int]int64{}
	for _, i := range lines {
		sum += off[i]
		rooms[i] = off[i]
	}
	for i, share := range spread(min(sum, most), lines, off, rooms) {
		t.takeLine(p, i, share)
	}
}

func (t *table) tiers(p promo.Promotion, lines []int, b promo.Tiers, orderLevel bool) {
	most := capOf(b.Cap.Minor())
	at := func(k int) int64 { return b.Tiers[k].Amount.Minor() + b.Tiers[k].Quantity }
	slice := func(have int64) (parts []int64) {
		for k := range b.Tiers {
			end := have
			if k+1 < len(b.Tiers) {
				end = min(end, at(k+1))
			}
			parts = append(parts, max(0, end-at(k)))
		}
		return parts
	}
	have, sum := int64(0), int64(0)
	for _, i := range lines {
		sum += t.run[i]
		if b.By == promo.ByQuantity {
			have += int64(t.lines[i].Quantity)
		} else {
			have += t.basis(p, b.Basis)[i]
		}
	}
	switch {
	case b.Mode == promo.TierGraduated && b.By == promo.ByAmount:
		off := int64(0)
		for k, part := range slice(sum) {
			off += part * b.Tiers[k].PPM
		}
		t.across(p, lines, min((off+500_000)/1_000_000, most), t.run)
	case b.Mode == promo.TierGraduated:
		off := make([]int64, len(t.lines))
		for _, i := range lines {
			q := int64(t.lines[i].Quantity)
			for k, part := range slice(q) {
				off[i] += part * b.Tiers[k].PPM * t.run[i]
			}
			off[i] = min((2*off[i]+q*1_000_000)/(2*q*1_000_000), t.roomOf(i))
		}
		t.capped(p, lines, off, most)
	case have < at(0):
	case b.Mode == promo.TierEvery:
		n := have / at(0)
		if b.Times > 0 {
			n = min(n, b.Times)
		}
		t.across(p, lines, min(n*b.Tiers[0].Off.Minor(), most), t.run)
	default:
		tier := b.Tiers[0]
		for k := range b.Tiers {
			if have >= at(k) {
				tier = b.Tiers[k]
			}
		}
		switch {
		case tier.PPM > 0 && orderLevel:
			t.percentOfSum(p, lines, tier.PPM, most)
		case tier.PPM > 0:
			t.percentOfLines(p, lines, tier.PPM, most)
		default:
			t.across(p, lines, min(tier.Off.Minor(), most), t.run)
		}
	}
}

// free returns one entry for each unit of lines that serves nothing yet.
func (t *table) free(lines []int) []int {
	var units []int
	for _, i := range lines {
		for range int64(t.lines[i].Quantity) - t.used[i] {
			units = append(units, i)
		}
	}
	return units
}

// byCost sorts units by what each costs now.
func (t *table) byCost(units []int, dearest bool) {
	sort.SliceStable(units, func(a, c int) bool {
		i, j := units[a], units[c]
		x, y := t.run[i]*int64(t.lines[j].Quantity), t.run[j]*int64(t.lines[i].Quantity)
		if dearest {
			return x > y
		}
		return x < y
	})
}

func (t *table) rewards(p promo.Promotion, buys, gets []int, buy, get, ppm, times int64, pick promo.Pick) {
	both := append(slices.Clone(buys), gets...)
	slices.Sort(both)
	all := t.free(slices.Compact(both))
	n := min(int64(len(t.free(buys)))/buy, int64(len(t.free(gets)))/get, int64(len(all))/(buy+get))
	if times > 0 {
		n = min(n, times)
	}
	spare := int64(len(t.free(buys))) - n*buy
	t.byCost(all, pick == promo.PickDearest)
	rewarded, spent := make([]int64, len(t.lines)), make([]int64, len(t.lines))
	taken := make([]bool, len(all))
	want := n * get
	for k, i := range all {
		if want == 0 || !slices.Contains(gets, i) {
			continue
		}
		if slices.Contains(buys, i) {
			if spare == 0 {
				continue
			}
			spare--
		}
		taken[k] = true
		rewarded[i]++
		want--
	}
	want = n * buy
	for k := len(all) - 1; k >= 0 && want > 0; k-- {
		if i := all[k]; !taken[k] && slices.Contains(buys, i) {
			spent[i]++
			want--
		}
	}
	base, sum := make([]int64, len(t.lines)), int64(0)
	rooms, most := map[int]int64{}, int64(0)
	for _, i := range gets {
		base[i] = t.run[i] * rewarded[i] / int64(t.lines[i].Quantity)
		rooms[i] = min(base[i], t.roomOf(i))
		sum += base[i]
		most += rooms[i]
	}
	amount := min(half(sum, ppm), most)
	if amount == 0 {
		return
	}
	for i, share := range spread(amount, gets, base, rooms) {
		t.takeLine(p, i, share)
	}
	for i := range t.lines {
		t.used[i] += rewarded[i] + spent[i]
	}
}

func (t *table) bundle(p promo.Promotion, lines []int, b promo.Bundle) {
	units := t.free(lines)
	t.byCost(units, true)
	took := make([]int64, len(t.lines))
	n := int64(0)
	for b.Times == 0 || n < b.Times {
		lacks, missing := []int64{}, int64(0)
		for _, part := range b.Parts {
			lacks = append(lacks, part.Quantity)
			missing += part.Quantity
		}
		one := make([]int64, len(t.lines))
		var rest []int
		for _, i := range units {
			filled := false
			for k, part := range b.Parts {
				if !filled && lacks[k] > 0 && t.picks(p, part.Of, t.lines[i]) {
					lacks[k]--
					missing--
					one[i]++
					filled = true
				}
			}
			if !filled {
				rest = append(rest, i)
			}
		}
		value := int64(0)
		for i := range t.lines {
			value += t.run[i] * one[i] / int64(t.lines[i].Quantity)
		}
		if missing > 0 || value <= b.Price.Minor() {
			break
		}
		n++
		units = rest
		for i := range t.lines {
			took[i] += one[i]
		}
	}
	weights, rooms := make([]int64, len(t.lines)), map[int]int64{}
	sum, most := int64(0), int64(0)
	for _, i := range lines {
		weights[i] = t.run[i] * took[i] / int64(t.lines[i].Quantity)
		rooms[i] = min(weights[i], t.roomOf(i))
		sum += weights[i]
		most += rooms[i]
	}
	amount := min(max(0, sum-n*b.Price.Minor()), most)
	if amount == 0 {
		return
	}
	for i, share := range spread(amount, lines, weights, rooms) {
		t.takeLine(p, i, share)
	}
	for i := range t.lines {
		t.used[i] += took[i]
	}
}
