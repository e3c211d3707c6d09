package promo

import (
	"math"
	"math/bits"

	"github.com/soukhq/souk/commerce/money"
)

// The arithmetic of an evaluation works on minor units that are never
// negative: a cart sums to at most money.MaxMinor, and so does what is taken
// off it. Products are held in 128 bits; amounts of a promotion, which may be
// larger than any cart, saturate.

const million = uint64(money.Million)

// times returns a·b, or the largest int64 where that is beyond it.
func times(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b)) //nolint:gosec // G115: neither is negative
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

// part returns a·b/c rounded down, for b <= c.
func part(a, b, c int64) int64 {
	q, _ := partRest(a, b, c)
	return q
}

// partRest returns a·b/c rounded down and the remainder, for b <= c.
func partRest(a, b, c int64) (quotient int64, rest uint64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b)) //nolint:gosec // G115: neither is negative
	if hi == 0 {
		return int64(lo / uint64(c)), lo % uint64(c) //nolint:gosec // G115: at most a
	}
	q, r := bits.Div64(hi, lo, uint64(c)) //nolint:gosec // G115: b <= c, so that hi < c
	return int64(q), r                    //nolint:gosec // G115: at most a
}

// percent returns ppm millionths of a, a half rounded up, for ppm <= 1,000,000.
func percent(a, ppm int64) int64 {
	q, r := partRest(a, ppm, money.Million)
	if 2*r >= million {
		q++
	}
	return q
}

// sum128 is an unsigned sum of products.
type sum128 struct{ hi, lo uint64 }

func (s *sum128) addProduct(a, b int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b)) //nolint:gosec // G115: neither is negative
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi += hi + carry
}

// over returns the sum divided by c, a half rounded up. The quotient is at
// most an amount of the cart, so that hi < c.
func (s *sum128) over(c uint64) int64 {
	q, r := bits.Div64(s.hi, s.lo, c)
	if r >= c-r {
		q++
	}
	return int64(q) //nolint:gosec // G115: an amount of the cart
}

// less reports whether a/b < c/d.
func less(a, b, c, d int64) bool {
	hi1, lo1 := bits.Mul64(uint64(a), uint64(d)) //nolint:gosec // G115: none is negative
	hi2, lo2 := bits.Mul64(uint64(c), uint64(b)) //nolint:gosec // G115: none is negative
	return hi1 < hi2 || hi1 == hi2 && lo1 < lo2
}
