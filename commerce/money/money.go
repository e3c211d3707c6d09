package money

import (
	"cmp"
	"log/slog"
	"math"
	"math/bits"

	"github.com/soukhq/souk/commerce/fault"
)

// MaxMinor is the largest amount, either side of zero, that may cross the
// API: 2^53-1, the last integer that every JSON reader keeps exact.
const MaxMinor int64 = 1<<53 - 1

// The codes of this package's faults, all of them fault.Invalid.
const (
	CodeOverflow = "money.overflow"          // the result leaves int64
	CodeMismatch = "money.currency_mismatch" // two currencies in one sum
	CodeCurrency = "money.currency"          // no ISO 4217 code
	CodeRange    = "money.range"             // beyond MaxMinor
	CodeWeights  = "money.weights"           // nothing to allocate by
	CodeRounding = "money.rounding"          // no such rounding
	CodeDivision = "money.division"          // division by zero
	CodeSyntax   = "money.syntax"            // the text is no amount
	CodeDecimals = "money.decimals"          // more decimals than the currency has
)

// Money is an exact amount: int64 minor units of one currency. It is a
// comparable value; the zero value is "no amount", of no currency, and is not
// the same as nothing of a currency.
//
// The arithmetic is checked: a result that leaves the range of int64, and a
// second currency, are faults of kind Invalid. The range is symmetric, so
// that every result has an opposite.
type Money struct {
	minor    int64
	currency Currency
}

// New returns an amount of minor units ("fen", "cents"; yen have none). It
// checks nothing: amounts from outside go through [Money.Check].
func New(minor int64, currency Currency) Money { return Money{minor: minor, currency: currency} }

// Zero returns nothing of a currency.
func Zero(currency Currency) Money { return Money{currency: currency} }

// Minor returns the amount in minor units.
func (m Money) Minor() int64 { return m.minor }

// Currency returns the currency.
func (m Money) Currency() Currency { return m.currency }

// IsZero reports whether the amount is nothing, whatever the currency. Beware
// of the JSON option omitzero, which asks this too: it drops "0.00 CNY".
func (m Money) IsZero() bool { return m.minor == 0 }

// Sign returns -1, 0 or +1.
func (m Money) Sign() int { return cmp.Compare(m.minor, 0) }

// Equal reports whether amount and currency are the same.
func (m Money) Equal(o Money) bool { return m == o }

// Cmp compares two amounts of one currency: -1, 0 or +1.
func (m Money) Cmp(o Money) (int, error) {
	if m.currency != o.currency {
		return 0, mismatch(m.currency, o.currency)
	}
	return cmp.Compare(m.minor, o.minor), nil
}

// Check reports whether m may cross the API: a known currency and at most
// [MaxMinor] either side of zero. Kinds: Invalid.
func (m Money) Check() error {
	if err := m.currency.Check(); err != nil {
		return err
	}
	if m.minor > MaxMinor || m.minor < -MaxMinor {
		return outOfRange(m.currency)
	}
	return nil
}

// Neg returns the opposite. The one value without an opposite, the smallest
// int64, stays as it is; no arithmetic yields it and all arithmetic refuses it.
func (m Money) Neg() Money { return Money{minor: -m.minor, currency: m.currency} }

// Add returns m + o.
func (m Money) Add(o Money) (Money, error) {
	if m.currency != o.currency {
		return Money{}, mismatch(m.currency, o.currency)
	}
	if m.minor == math.MinInt64 || o.minor == math.MinInt64 {
		return Money{}, overflow(m.currency)
	}
	sum := m.minor + o.minor
	if (o.minor > 0) != (sum > m.minor) && o.minor != 0 || sum == math.MinInt64 {
		return Money{}, overflow(m.currency)
	}
	return Money{minor: sum, currency: m.currency}, nil
}

// Sub returns m - o.
func (m Money) Sub(o Money) (Money, error) { return m.Add(o.Neg()) }

// Mul returns n times m.
func (m Money) Mul(n int64) (Money, error) { return m.MulDiv(n, 1, Down) }

// Sum returns the sum of amounts, all of which must be of the currency. The
// result does not depend on their order: only the sum itself may overflow.
func Sum(currency Currency, amounts ...Money) (Money, error) {
	var hi, lo uint64 // two's complement, 128 bits
	for _, a := range amounts {
		if a.currency != currency {
			return Money{}, mismatch(currency, a.currency)
		}
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(a.minor), 0)     //nolint:gosec // two's complement
		hi, _ = bits.Add64(hi, uint64(a.minor>>63), carry) //nolint:gosec // the sign
	}
	sum := int64(lo)
	if int64(hi) != sum>>63 || sum == math.MinInt64 {
		return Money{}, overflow(currency)
	}
	return Money{minor: sum, currency: currency}, nil
}

// String returns the currency and the plain decimal, "CNY 123.45": for logs
// and messages to developers, never for a buyer.
func (m Money) String() string {
	if m == (Money{}) {
		return "none"
	}
	return string(m.currency) + " " + m.Decimal()
}

// LogValue logs m as [Money.String] does.
func (m Money) LogValue() slog.Value { return slog.StringValue(m.String()) }

func overflow(c Currency) error {
	return fault.New(fault.Invalid, CodeOverflow, "the amount is too large").With("currency", string(c))
}

func outOfRange(c Currency) error {
	return fault.New(fault.Invalid, CodeRange, "the amount is out of range").
		With("currency", string(c)).With("max", MaxMinor)
}

func mismatch(want, have Currency) error {
	return fault.New(fault.Invalid, CodeMismatch, "amounts of two currencies do not mix").
		With("want", string(want)).With("have", string(have))
}
