package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxText is how many bytes of a text are analysed; what is longer is cut at
// a character. A query is refused beyond [MaxQuery] instead.
const MaxText = 8 << 10

// Fold brings text to the form in which it is compared: valid UTF-8, full
// width letters and half width kana as the usual ones, composed, lower case,
// without accents on Latin letters.
func Fold(s string) string {
	if len(s) > MaxText {
		s = cut(s, MaxText)
	}
	if plain(s) {
		return strings.ToLower(s)
	}
	s = norm.NFKD.String(strings.ToValidUTF8(s, " "))
	var b strings.Builder
	b.Grow(len(s))
	latin := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
			if latin {
				continue
			}
		case r == 'ß':
			b.WriteString("ss")
			continue
		case r == '’' || r == 'ʼ':
			r = '\''
		default:
			latin = r < 0x250 && unicode.IsLetter(r)
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return norm.NFC.String(b.String())
}

// plain reports whether s is ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// han reports whether r belongs to a script that writes no spaces between
// words: it is indexed by single characters and by pairs.
func han(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == 'ー' || r == '々'
}
