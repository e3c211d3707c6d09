package validate

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/go-playground/validator/v10"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

type rule struct {
	tag   string
	check validator.Func
}

func rules() []rule {
	return []rule{
		{"text", onString(ref.PlainText)},
		{"lines", onString(ref.PlainLines)},
		{"slug", onString(slug)},
		{"id", onString(ref.ValidID)},
		{"locale", onString(func(s string) bool { return ref.Locale(s).Valid() })},
		{"currency", onString(func(s string) bool { return money.Currency(s).Valid() })},
		{"country", onString(address.KnownCountry)},
		{"quantity", func(f validator.FieldLevel) bool {
			return f.Field().CanInt() && ref.Quantity(f.Field().Int()).Valid()
		}},
		{"money", func(f validator.FieldLevel) bool {
			m, ok := amount(f.Field())
			return ok && m.Check() == nil
		}},
		{"positive", onSign(func(sign int) bool { return sign > 0 })},
		{"notnegative", onSign(func(sign int) bool { return sign >= 0 })},
	}
}

// onString checks strings of any named type; nothing else passes.
func onString(ok func(string) bool) validator.Func {
	return func(f validator.FieldLevel) bool {
		return f.Field().Kind() == reflect.String && ok(f.Field().String())
	}
}

// onSign checks integers and amounts; nothing else passes.
func onSign(ok func(sign int) bool) validator.Func {
	return func(f validator.FieldLevel) bool {
		if m, is := amount(f.Field()); is {
			return ok(m.Sign())
		}
		if !f.Field().CanInt() {
			return false
		}
		switch n := f.Field().Int(); {
		case n > 0:
			return ok(1)
		case n < 0:
			return ok(-1)
		}
		return ok(0)
	}
}

func amount(v reflect.Value) (money.Money, bool) {
	if !v.CanInterface() {
		return money.Money{}, false
	}
	m, ok := v.Interface().(money.Money)
	return m, ok
}

func slug(s string) bool {
	for part := range strings.SplitSeq(s, "-") {
		if part == "" {
			return false
		}
		for _, r := range part {
			if !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && (!unicode.IsLetter(r) || unicode.IsUpper(r)) {
				return false
			}
		}
	}
	return len(s) <= maxSlug && ref.PlainText(s)
}

// maxSlug bounds a slug, in bytes.
const maxSlug = 200
