package money

import (
	"golang.org/x/text/currency"

	"github.com/soukhq/souk/commerce/fault"
)

// Currency is an ISO 4217 code in capitals, such as "CNY".
type Currency string

// Valid reports whether c is a code of ISO 4217, current or withdrawn: books
// of past years must stay readable. The codes for "no currency" and for tests
// are not valid.
func (c Currency) Valid() bool {
	_, ok := c.exponent()
	return ok
}

// Check returns an Invalid fault where c is not [Currency.Valid].
func (c Currency) Check() error {
	if c.Valid() {
		return nil
	}
	shown := string(c)
	if len(shown) > 8 {
		shown = shown[:8]
	}
	return fault.New(fault.Invalid, CodeCurrency, "the currency is not a code of ISO 4217").With("currency", shown)
}

// Exponent returns the number of decimals of the minor unit: 2 for CNY, 0 for
// JPY, 3 for KWD. It is 2, the common case, for a code that is not valid.
func (c Currency) Exponent() int {
	e, _ := c.exponent()
	return e
}

func (c Currency) exponent() (int, bool) {
	if len(c) != 3 {
		return 2, false
	}
	for i := range len(c) {
		if c[i] < 'A' || c[i] > 'Z' {
			return 2, false
		}
	}
	if e, ok := amended(c); ok {
		return e, true
	}
	u, err := currency.ParseISO(string(c))
	if err != nil || c == "XXX" || c == "XTS" {
		return 2, false
	}
	scale, _ := currency.Standard.Rounding(u)
	return scale, true
}

// amended corrects x/text, whose scale is how CLDR likes to print a currency
// rather than the minor unit of ISO 4217 that payment providers count in, and
// which does not know the newest codes.
func amended(c Currency) (exponent int, ok bool) {
	switch c {
	case "AFN", "ALL", "AMD", "COP", "GYD", "IDR", "IRR", "KPW", "LAK", "LBP",
		"MGA", "MMK", "MNT", "MRO", "MUR", "PKR", "RSD", "SLL", "SOS", "STD",
		"SYP", "TZS", "UZS", "YER", "ZMK", "ZWD":
		return 2, true
	case "IQD":
		return 3, true
	case "MRU", "SLE", "VED", "VES", "XCG", "ZWG": // since 2017
		return 2, true
	case "UYW":
		return 4, true
	}
	return 0, false
}

// unit returns the code as x/text knows it.
func (c Currency) unit() (currency.Unit, bool) {
	u, err := currency.ParseISO(string(c))
	return u, err == nil && u != currency.XXX
}
