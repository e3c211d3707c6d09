package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Slugify makes a slug of a text: letters and digits of any script in lower
// case, Latin ones without accents, everything else one hyphen, at most
// [MaxSlug] characters. It is empty where the text holds no letter or digit.
func Slugify(text string) string {
	var b strings.Builder
	n, gap, kept := 0, false, false
	for _, r := range fold(text) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
		case unicode.Is(unicode.M, r): // a vowel sign, say, of the letter before it
			if !kept {
				continue
			}
		case r == '\'' || r == '’': // "women's" is one word
			kept = false
			continue
		default:
			gap, kept = n > 0, false
			continue
		}
		if gap {
			if n+2 > MaxSlug {
				break
			}
			b.WriteByte('-')
			n, gap = n+1, false
		}
		if n == MaxSlug {
			break
		}
		b.WriteRune(r)
		n, kept = n+1, true
	}
	return b.String()
}

// fold puts a text in lower case and its one composed form, and takes the
// accents off Latin letters.
func fold(text string) string {
	var b strings.Builder
	latin := false
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		if !unicode.Is(unicode.M, r) {
			latin = unicode.Is(unicode.Latin, r)
		} else if latin {
			continue
		}
		b.WriteRune(unicode.ToLower(r)) // compatibility forms may hold capitals
	}
	return norm.NFC.String(b.String())
}

// checkSlug notes a slug that is not in the form that [Slugify] makes.
func checkSlug(v *fault.Violations, path, slug string) {
	switch {
	case slug == "":
		v.Add(path, "required", nil)
	case utf8.RuneCountInString(slug) > MaxSlug:
		v.Add(path, "too_long", fault.Params{"max": MaxSlug})
	case !utf8.ValidString(slug) || Slugify(slug) != slug:
		v.Add(path, "malformed", fault.Params{"suggestion": Slugify(slug)})
	}
}

// tail is the end of an id that tells two apart: its last letters and digits.
func tail(id string, n int) string {
	s := strings.ReplaceAll(Slugify(id), "-", "")
	if r := []rune(s); len(r) > n {
		return string(r[len(r)-n:])
	}
	return s
}

// digest returns a short text that two ids do not share, also where they
// differ in nothing that a slug keeps.
func digest(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:6])
}

// suffixed returns a slug with a suffix, within [MaxSlug].
func suffixed(slug, suffix string) string {
	if slug == "" {
		return suffix
	}
	if r := []rune(slug); len(r)+1+utf8.RuneCountInString(suffix) > MaxSlug {
		slug = strings.TrimRight(string(r[:MaxSlug-1-utf8.RuneCountInString(suffix)]), "-")
	}
	return slug + "-" + suffix
}

// plausible reports whether a slug from outside can be one at all: a store is
// not asked for broken text.
func plausible(slug string) bool {
	return slug != "" && len(slug) <= MaxSlug*utf8.UTFMax && ref.PlainText(slug)
}

func noSlug(area string) error {
	return fault.New(fault.NotFound, area+".not_found", "nothing has or had this slug")
}
