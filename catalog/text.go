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
		if !l.Valid() {
			v.Add(path, "locale", nil)
			continue
		}
		checkString(v, at, t[l], true, limit)
	}
}

// checkString notes a string that is blank where it may not be, too long, or
// no plain text; longer ones may have several lines.
func checkString(v *fault.Violations, path, s string, required bool, limit int) {
	plain := ref.PlainText
	if limit > MaxTitle {
		plain = ref.PlainLines
	}
	switch {
	case !plain(s):
		v.Add(path, "text", nil)
	case required && strings.TrimSpace(s) == "":
		v.Add(path, "required", nil)
	case utf8.RuneCountInString(s) > limit:
		v.Add(path, "too_long", fault.Params{"max": limit})
	}
}

// checkID notes an id that a caller brought and that cannot be one. A slash
// is what paths of categories are made with.
func checkID(v *fault.Violations, path, id string) {
	if id != "" && (!ref.ValidID(id) || strings.Contains(id, "/")) {
		v.Add(path, "malformed", fault.Params{"format": "id"})
	}
}
