package ref

import (
	"unicode"
	"unicode/utf8"
)

// PlainText reports whether s is one line that every backend keeps, every
// page shows as it stands and no log is upset by: valid UTF-8 without control
// characters, line separators, non-characters, or the marks that reorder the
// text around them.
func PlainText(s string) bool { return plain(s, false) }

// PlainLines is [PlainText] that may have line feeds and tabs.
func PlainLines(s string) bool { return plain(s, true) }

func plain(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		switch {
		case lines && (r == '\n' || r == '\t'):
		case unicode.IsControl(r), r == '\u2028', r == '\u2029',
			r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', // bidi embeddings, isolates
			r >= '\ufdd0' && r <= '\ufdef', r&0xfffe == 0xfffe: // non-characters
			return false
		}
	}
	return true
}
