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
	if b == c {
		return a
	}
	q, _ := partRest(a, b, c)
	return q
}

// partRest returns a·b/c rounded down and the remainder, for b <= c.
func partRest(a, b, c int64) (quotient int64, rest uint64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b)) //nolint:gosec // G115: neither is negative
	if hi == 0 {
		d := uint64(c)       //nolint:gosec // G115: c is positive
		if (lo|d)>>32 == 0 { // where it can, a much faster division
			x, y := uint32(lo), uint32(d) //nolint:gosec // G115: just tested
			return int64(x / y), uint64(x % y)
		}
		return int64(lo / d), lo % d //nolint:gosec // G115: at most a
	}
	q, r := bits.Div64(hi, lo, uint64(c)) //nolint:gosec // G115: b <= c, so that hi < c
	return int64(q), r                    //nolint:gosec // G115: at most a
}

// divisor divides by the same number again and again, by multiplication.
type divisor struct{ by, inverse uint64 }

func newDivisor(by int64) divisor {
	d := uint64(by) //nolint:gosec // G115: by is positive
	return divisor{d, math.MaxUint64 / d}
}

// partRest returns a·b divided by the divisor, rounded down, and the remainder,
// for b <= the divisor.
func (d divisor) partRest(a, b int64) (quotient int64, rest uint64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b)) //nolint:gosec // G115: neither is negative
	if hi != 0 {
		return partRest(a, b, int64(d.by)) //nolint:gosec // G115: it was one
	}
	q, _ := bits.Mul64(lo, d.inverse) // too small by two at most
	rest = lo - q*d.by
	for rest >= d.by {
		q++
		rest -= d.by
	}
	return int64(q), rest //nolint:gosec // G115: at most a
}

// over returns a/b rounded down.
func over(a, b int64) int64 {
	if (a|b)>>32 == 0 {
		return int64(uint32(a) / uint32(b)) //nolint:gosec // G115: just tested
	}
	return a / b
}

// percent returns ppm millionths of a, a half rounded up, for ppm <= 1,000,000.
func percent(a, ppm int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(ppm)) //nolint:gosec // G115: neither is negative
	if hi == 0 && lo <= math.MaxInt64 {
		return int64((lo + million/2) / million) //nolint:gosec // G115: at most a
	}
	q, r := bits.Div64(hi, lo, million) // hi < million, as ppm is at most that
	if 2*r >= million {
		q++
	}
	return int64(q) //nolint:gosec // G115: at most a
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
