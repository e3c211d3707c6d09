package money

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
)

// maxText bounds a text that is parsed, in bytes.
const maxText = 80

// Decimal returns the plain number without currency and grouping, "-1234.50":
// what data files and many providers want.
func (m Money) Decimal() string {
	whole, fraction := m.parts()
	out := strconv.FormatUint(whole, 10)
	if fraction != "" {
		out += "." + fraction
	}
	if m.minor < 0 {
		return "-" + out
	}
	return out
}

// parts returns the magnitude as whole units and the decimals behind them,
// padded to the currency's exponent.
func (m Money) parts() (whole uint64, fraction string) {
	e := m.currency.Exponent()
	unit := pow10(e)
	abs := magnitude(m.minor)
	if e == 0 {
		return abs, ""
	}
	fraction = strconv.FormatUint(abs%unit, 10)
	return abs / unit, strings.Repeat("0", e-len(fraction)) + fraction
}

// ParseDecimal reads a plain number as data files hold it: an optional minus,
// digits, optionally a point and at most as many decimals as the currency
// has. Kinds: Invalid.
func ParseDecimal(text string, currency Currency) (Money, error) {
	if err := currency.Check(); err != nil {
		return Money{}, err
	}
	if len(text) > maxText {
		return Money{}, syntax(currency)
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if point && fraction == "" {
		return Money{}, syntax(currency)
	}
	return assemble(currency, negative, whole, fraction)
}

// assemble makes an amount of ASCII digits.
func assemble(currency Currency, negative bool, whole, fraction string) (Money, error) {
	if whole == "" || !allDigits(whole) || !allDigits(fraction) {
		return Money{}, syntax(currency)
	}
	e := currency.Exponent()
	if len(fraction) > e {
		return Money{}, fault.New(fault.Invalid, CodeDecimals, "the currency has fewer decimals").
			With("currency", string(currency)).With("max", int64(e))
	}
	units, err := strconv.ParseUint(whole, 10, 64)
	if err != nil { // digits only: it can but overflow
		return Money{}, outOfRange(currency)
	}
	var part uint64
	if fraction != "" {
		part, err = strconv.ParseUint(fraction+strings.Repeat("0", e-len(fraction)), 10, 64)
		if err != nil {
			return Money{}, syntax(currency)
		}
	}
	hi, lo := bits.Mul64(units, pow10(e))
	if hi != 0 || lo > uint64(MaxMinor)-part {
		return Money{}, outOfRange(currency)
	}
	minor := int64(lo + part) //nolint:gosec // at most MaxMinor
	if negative {
		minor = -minor
	}
	return Money{minor: minor, currency: currency}, nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func pow10(e int) uint64 {
	p := uint64(1)
	for range e {
		p *= 10
	}
	return p
}

func syntax(c Currency) error {
	return fault.New(fault.Invalid, CodeSyntax, "the text is not an amount").With("currency", string(c))
}
