package money

import (
	"math"
	"math/bits"

	"github.com/soukhq/souk/commerce/fault"
)

// Million is the ppm of the whole: 1 % is 10,000 ppm.
const Million int64 = 1_000_000

// Rounding says what becomes of the part of a minor unit. Every rounding but
// Floor and Ceil treats an amount and its opposite alike, so that a refund
// mirrors the charge.
type Rounding uint8

// The roundings. HalfUp is the zero value and the rule of most tax offices.
const (
	HalfUp   Rounding = iota // to the nearest, a half away from zero
	HalfEven                 // to the nearest, a half to the even neighbour
	HalfDown                 // to the nearest, a half towards zero
	Down                     // towards zero
	Up                       // away from zero
	Floor                    // towards minus infinity
	Ceil                     // towards plus infinity
)

// Valid reports whether r is one of the roundings above.
func (r Rounding) Valid() bool { return r <= Ceil }

// String returns the rounding's name.
func (r Rounding) String() string {
	switch r {
	case HalfUp:
		return "half_up"
	case HalfEven:
		return "half_even"
	case HalfDown:
		return "half_down"
	case Down:
		return "down"
	case Up:
		return "up"
	case Floor:
		return "floor"
	case Ceil:
		return "ceil"
	}
	return "unknown"
}

// up reports whether the magnitude q of a quotient, of the given sign and
// with remainder rem of divisor div, is raised by one.
func (r Rounding) up(negative bool, q, rem, div uint64) bool {
	if rem == 0 {
		return false
	}
	// rem against div/2 without overflow: div-rem is the way to the next.
	below, half := rem < div-rem, rem == div-rem
	switch r {
	case HalfUp:
		return !below
	case HalfEven:
		return !below && (!half || q&1 == 1)
	case HalfDown:
		return !below && !half
	case Up:
		return true
	case Floor:
		return negative
	case Ceil:
		return !negative
	case Down:
	}
	return false
}

// Percent returns ppm millionths of m: 10,000 is 1 %. The product is held in
// 128 bits, so that only the result can overflow.
func (m Money) Percent(ppm int64, r Rounding) (Money, error) { return m.MulDiv(ppm, Million, r) }

// MulDiv returns m times num, divided by den, rounded once. The product is
// held in 128 bits. The tax contained in a gross amount, for example, is
// gross.MulDiv(rate, Million+rate, HalfUp).
func (m Money) MulDiv(num, den int64, r Rounding) (Money, error) {
	switch {
	case !r.Valid():
		return Money{}, fault.New(fault.Invalid, CodeRounding, "unknown rounding").With("rounding", int64(r))
	case den == 0:
		return Money{}, fault.New(fault.Invalid, CodeDivision, "division by zero")
	case m.minor == math.MinInt64:
		return Money{}, overflow(m.currency)
	}
	negative := (m.minor < 0) != (num < 0) != (den < 0)
	div := magnitude(den)
	hi, lo := bits.Mul64(magnitude(m.minor), magnitude(num))
	if hi >= div {
		return Money{}, overflow(m.currency)
	}
	q, rem := bits.Div64(hi, lo, div)
	if q > math.MaxInt64 { // before the raise, which might wrap
		return Money{}, overflow(m.currency)
	}
	if r.up(negative, q, rem, div) {
		q++
	}
	if q > math.MaxInt64 {
		return Money{}, overflow(m.currency)
	}
	out := Money{minor: int64(q), currency: m.currency}
	if negative {
		out.minor = -out.minor
	}
	return out, nil
}

// magnitude returns |n|, also of the smallest int64.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n) //nolint:gosec // two's complement
	}
	return uint64(n)
}
