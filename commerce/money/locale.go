package money

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
	"golang.org/x/text/width"

	"github.com/soukhq/souk/commerce/ref"
)

const noBreakSpace = "\u00a0"

// Format returns the amount as the locale writes it: symbol, grouping, decimal
// sign and digits after CLDR, decimals after the currency. A locale that is
// unknown is written by CLDR's root.
func (m Money) Format(locale ref.Locale) string {
	c := conventionsOf(locale)
	whole, fraction := m.parts()
	text := c.group(whole)
	if fraction != "" {
		text += c.point + c.localDigits(fraction)
	}
	symbol := c.symbol(m.currency)
	last, _ := utf8.DecodeLastRuneInString(symbol)
	switch {
	case c.place == behind:
		text += noBreakSpace + symbol
	case c.place == spacedBefore || !unicode.IsSymbol(last):
		text = symbol + noBreakSpace + text
	default:
		text = symbol + text
	}
	if m.minor < 0 {
		return "-" + text
	}
	return text
}

// Parse reads what a person of the locale types: an optional minus, the
// currency's symbol or code before or behind the number or not at all, digits
// with or without grouping, the locale's decimal sign. Grouping, where there
// is any, must stand where the locale puts it, so that "1.50" typed in a
// locale that groups by points is refused and not read as 150. Full-width
// forms count as the plain ones.
//
// Kinds: Invalid, with code CodeSyntax, CodeDecimals, CodeRange or
// CodeCurrency.
func Parse(locale ref.Locale, currency Currency, text string) (Money, error) {
	if err := currency.Check(); err != nil {
		return Money{}, err
	}
	if len(text) > maxText || !utf8.ValidString(text) {
		return Money{}, syntax(currency)
	}
	c := conventionsOf(locale)
	text = fold(text)
	text, negative := cutMinus(text, false)
	text = c.cutSymbol(currency, text)
	text, negative = cutMinus(text, negative)

	whole, fraction, point := strings.Cut(text, fold(c.point))
	if point && fraction == "" {
		return Money{}, syntax(currency)
	}
	digits, ok := c.ungroup(c.plainDigits(whole))
	if !ok {
		return Money{}, syntax(currency)
	}
	return assemble(currency, negative, digits, c.plainDigits(fraction))
}

// cutMinus takes a minus off the front; a second one stays and is junk later.
func cutMinus(text string, already bool) (string, bool) {
	if already {
		return text, true
	}
	for _, sign := range []string{"-", "\u2212"} {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return text, false
}

// fold maps full-width forms to plain ones, every kind of space to ' ' and
// the typographic apostrophe to the plain one.
func fold(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '’':
			return '\''
		case r == '\u200e' || r == '\u200f': // direction marks
			return -1
		}
		return r
	}, width.Fold.String(text)))
}

type placement uint8

const (
	before       placement = iota // $1
	spacedBefore                  // R$ 1
	behind                        // 1 €
)

// conventions is what a locale does to an amount.
type conventions struct {
	printer *message.Printer
	base    string
	place   placement
	point   string
	zero    rune
}

func conventionsOf(locale ref.Locale) conventions {
	tag, err := language.Parse(string(locale))
	if err != nil {
		tag = language.Und
	}
	base, _ := tag.Base()
	region, _ := tag.Region()
	c := conventions{
		printer: message.NewPrinter(tag), base: base.String(),
		place: placementOf(base.String(), region.String()), point: ".", zero: '0',
	}
	// Zero with one decimal shows the digit and the sign: "0.0".
	shown := c.printer.Sprint(number.Decimal(0, number.Scale(1)))
	first, n := utf8.DecodeRuneInString(shown)
	_, l := utf8.DecodeLastRuneInString(shown)
	if unicode.IsDigit(first) && len(shown) > n+l {
		c.zero, c.point = first, shown[n:len(shown)-l]
	}
	return c
}

// placementOf holds the position of CLDR's standard currency patterns, which
// x/text does not export.
func placementOf(base, region string) placement {
	switch base {
	case "de", "it", "rm":
		if region == "CH" || region == "AT" || region == "LI" {
			return spacedBefore
		}
		return behind
	case "pt":
		if region == "BR" {
			return spacedBefore
		}
		return behind
	case "es":
		if region == "ES" || region == "EA" || region == "IC" {
			return behind
		}
		return before
	case "ar", "nb", "nl", "nn", "no":
		return spacedBefore
	case "be", "bg", "bs", "ca", "cs", "da", "el", "et", "eu", "fi", "fr", "gl",
		"he", "hr", "hu", "hy", "is", "ka", "kk", "lt", "lv", "mk", "pl", "ro",
		"ru", "sk", "sl", "sq", "sr", "sv", "uk", "uz", "vi":
		return behind
	}
	return before
}

// symbol returns the locale's symbol of a currency, the code where it has none.
func (c conventions) symbol(cur Currency) string {
	u, ok := cur.unit()
	if !ok {
		return string(cur)
	}
	s := c.printer.Sprint(currency.Symbol(u))
	if s == "￥" && c.base == "zh" {
		return "¥" // CLDR since version 34
	}
	return s
}

// cutSymbol takes one sign of the currency off either end.
func (c conventions) cutSymbol(cur Currency, text string) string {
	signs := []string{fold(c.symbol(cur)), string(cur)}
	if u, ok := cur.unit(); ok {
		signs = append(signs, fold(c.printer.Sprint(currency.NarrowSymbol(u))))
	}
	if cur == "CNY" && c.base == "zh" {
		signs = append(signs, "元")
	}
	for _, sign := range signs {
		if sign == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(text, sign); ok {
			return strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutSuffix(text, sign); ok {
			return strings.TrimSpace(rest)
		}
	}
	return text
}

// group writes whole units with the locale's digits and separators.
func (c conventions) group(whole uint64) string {
	return c.printer.Sprint(number.Decimal(whole))
}

// ungroup drops separators from the whole part; ok is false where they do not
// stand where group would have put them. It takes and returns plain digits.
func (c conventions) ungroup(text string) (string, bool) {
	if allDigits(text) {
		return text, true
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return "", false
	}
	return digits, c.plainDigits(fold(c.group(n))) == text
}

// localDigits turns plain digits into the locale's, plainDigits the reverse.
func (c conventions) localDigits(s string) string { return shift(s, '0', c.zero) }

func (c conventions) plainDigits(s string) string { return shift(s, c.zero, '0') }

func shift(s string, from, to rune) string {
	if from == to {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= from && r <= from+9 {
			return r - from + to
		}
		return r
	}, s)
}
