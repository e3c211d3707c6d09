package promo

// prorater splits amounts over lines. It keeps its scratch space between
// calls.
type prorater struct {
	rests  []uint64
	order  []uint64
	closed []bool
}

// reserve makes room for n weights.
func (p *prorater) reserve(mem *arena, n int) {
	if n > len(p.rests) {
		p.rests, p.order, p.closed = mem.words.cut(n), mem.words.cut(n), mem.flags.cut(n)
	}
}

// prorate writes into shares a split of amount in proportion to the weights:
// each share rounded down, the units left over to the largest remainders, of
// equal ones to the earlier line. No share exceeds its room; what does not fit
// is spread again over the lines that have room. The shares sum to amount,
// which is at most the sum of the rooms; where a weight is zero, so is the
// share; no room exceeds its weight.
func (p *prorater) prorate(amount int64, weights, rooms, shares []int64) {
	for i := range weights {
		p.closed[i] = weights[i] == 0
		shares[i] = 0
	}
	for amount > 0 {
		p.split(amount, weights, shares)
		full := false
		for i, share := range shares {
			if !p.closed[i] && share > rooms[i] {
				p.closed[i], full = true, true
				shares[i] = rooms[i]
				amount -= rooms[i]
			}
		}
		if !full {
			return
		}
		for i := range shares {
			if !p.closed[i] {
				shares[i] = 0
			}
		}
	}
}

// split shares amount out over the lines that are not closed.
func (p *prorater) split(amount int64, weights, shares []int64) {
	total := int64(0)
	for i, w := range weights {
		if !p.closed[i] {
			total += w
		}
	}
	if total == 0 {
		return
	}
	left, open := amount, 0
	d := newDivisor(total)
	for i, w := range weights {
		if p.closed[i] {
			continue
		}
		shares[i], p.rests[i] = d.partRest(amount, w)
		left -= shares[i]
		p.order[open] = p.rests[i]
		open++
	}
	if left == 0 {
		return
	}
	threshold := largest(p.order[:open], int(left))
	equal := left // units for the lines whose remainder is just the threshold
	for i := range shares {
		if !p.closed[i] && p.rests[i] > threshold {
			shares[i]++
			equal--
		}
	}
	for i := range shares {
		if equal > 0 && !p.closed[i] && p.rests[i] == threshold {
			shares[i]++
			equal--
		}
	}
}

// largest returns the k-th largest of values, k from 1, and disorders them.
func largest(values []uint64, k int) uint64 {
	low, high, k := 0, len(values)-1, k-1
	for low < high {
		pivot := values[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for values[i] > pivot {
				i++
			}
			for values[j] < pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return values[k]
		}
	}
	return values[low]
}
