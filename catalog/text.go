package catalog

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Text is one text in several locales.
type Text map[ref.Locale]string

// In returns the text in a locale: exactly that one, else one of the same
// language, else [ref.English], else the first by name. It is empty only
// where the text is.
func (t Text) In(l ref.Locale) string {
	if s, ok := t[l]; ok {
		return s
	}
	keys := slices.Sorted(maps.Keys(t))
	want := language(l)
	for _, k := range keys {
		if language(k) == want {
			return t[k]
		}
	}
	if s, ok := t[ref.English]; ok || len(keys) == 0 {
		return s
	}
	return t[keys[0]]
}

func (t Text) clone() Text { return maps.Clone(t) }

func language(l ref.Locale) string {
	base, _, _ := strings.Cut(string(l), "-")
	return strings.ToLower(base)
}

// check notes what is wrong with a text of at most limit characters.
func (t Text) check(v *fault.Violations, path string, required bool, limit int) {
	if required && len(t) == 0 {
		v.Add(path, "required", nil)
	}
	if len(t) > MaxLocales {
		v.Add(path, "too_many", fault.Params{"max": MaxLocales})
		return
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		at := path + "." + string(l)
		if !validLocale(l) {
			v.Add(path, "locale", fault.Params{"max": maxLocale})
			continue
		}
		checkString(v, at, t[l], true, limit)
	}
}

const maxLocale = 35 // characters, as BCP 47 recommends

func validLocale(l ref.Locale) bool {
	if len(l) < 2 || len(l) > maxLocale {
		return false
	}
	for _, part := range strings.Split(string(l), "-") {
		if part == "" || len(part) > 8 || strings.Trim(part, alphanumeric) != "" {
			return false
		}
	}
	return true
}

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// checkString notes a string that is blank where it may not be, too long, not
// UTF-8, or holds a NUL, which no backend keeps.
func checkString(v *fault.Violations, path, s string, required bool, limit int) {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		v.Add(path, "utf8", nil)
	case required && strings.TrimSpace(s) == "":
		v.Add(path, "required", nil)
	case utf8.RuneCountInString(s) > limit:
		v.Add(path, "too_long", fault.Params{"max": limit})
	}
}

// checkID notes an id that a caller brought and that cannot be one.
func checkID(v *fault.Violations, path, id string) {
	switch {
	case id == "":
	case len(id) > 64:
		v.Add(path, "too_long", fault.Params{"max": 64})
	case !utf8.ValidString(id) || strings.ContainsAny(id, "/\x00"):
		v.Add(path, "malformed", nil)
	}
}
