package money

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
)

// Allocate splits m in proportion to the weights, by largest remainder: the
// parts sum to m exactly, each is within one minor unit of its exact share, a
// weight of zero gets nothing, and of two equal remainders the earlier one is
// served first. The parts of -m are the opposites of the parts of m.
//
// Kinds: Invalid, where there are no weights, one is negative, all are zero,
// or they or m leave the range.
func (m Money) Allocate(weights []int64) ([]Money, error) {
	total, err := sumWeights(weights)
	if err != nil {
		return nil, err
	}
	if m.minor == math.MinInt64 {
		return nil, overflow(m.currency)
	}
	whole := magnitude(m.minor)
	parts := make([]Money, len(weights))
	rems := make([]remainder, 0, len(weights))
	left := whole
	for i, w := range weights {
		// w <= total, so the quotient is at most the whole and Div64 is safe.
		hi, lo := bits.Mul64(whole, uint64(w)) //nolint:gosec // weights are not negative
		q, rem := bits.Div64(hi, lo, total)
		parts[i] = Money{minor: int64(q), currency: m.currency} //nolint:gosec // at most the whole
		left -= q
		if rem > 0 {
			rems = append(rems, remainder{index: i, size: rem})
		}
	}
	// What is left is the sum of the remainders over the total, hence fewer
	// units than there are remainders.
	if left > 0 {
		slices.SortStableFunc(rems, func(a, b remainder) int { return cmp.Compare(b.size, a.size) })
		for _, r := range rems[:left] {
			parts[r.index].minor++
		}
	}
	if m.minor < 0 {
		for i := range parts {
			parts[i].minor = -parts[i].minor
		}
	}
	return parts, nil
}

type remainder struct {
	index int
	size  uint64
}

func sumWeights(weights []int64) (uint64, error) {
	bad := fault.New(fault.Invalid, CodeWeights, "the weights must not be negative and not all zero")
	var total uint64
	for _, w := range weights {
		if w < 0 {
			return 0, bad
		}
		var carry uint64
		if total, carry = bits.Add64(total, uint64(w), 0); carry != 0 {
			return 0, bad
		}
	}
	if total == 0 {
		return 0, bad
	}
	return total, nil
}
