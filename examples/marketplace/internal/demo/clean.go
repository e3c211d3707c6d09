package demo

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode"
)

// clean turns source text into plain text: no markup, no entities, no control
// characters, single spaces, and the few marks that were decoded wrongly long
// before they came here put right.
func clean(s string) string {
	s = html.UnescapeString(stripTags(s))
	s = strings.NewReplacer(
		"â€™", "’", "â€œ", "“", "â€\u009d", "”", "Â°", "°", "Â®", "®", "\u0099", "™", "ˊ", "",
	).Replace(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// stripTags drops what stands between angle brackets where it looks like a
// tag. A lone "<" is text.
func stripTags(s string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 || open+1 >= len(s) {
			break
		}
		end := strings.IndexByte(s[open:], '>')
		c := s[open+1]
		if end < 0 || c != '/' && c != '!' && !unicode.IsLetter(rune(c)) {
			b.WriteString(s[:open+1])
			s = s[open+1:]
			continue
		}
		b.WriteString(s[:open] + " ")
		s = s[open+end+1:]
	}
	b.WriteString(s)
	return b.String()
}

// describe cleans a description and drops the words of the page it was on.
func describe(s string) string {
	s = clean(s)
	s = strings.TrimSuffix(s, "Learn more ›")
	return strings.TrimSpace(s)
}

// slugOf makes the part of an address out of a name: ASCII letters and digits
// with single hyphens, at most 60 bytes, cut between words.
func slugOf(name string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if hyphen && b.Len() > 0 {
				b.WriteByte('-')
			}
			hyphen = false
			b.WriteRune(r)
		case r == '®' || r == '™' || r == '\'' || r == '’':
		default:
			hyphen = true
		}
	}
	s := b.String()
	if len(s) > 60 {
		s = s[:60]
		if i := strings.LastIndexByte(s, '-'); i > 0 {
			s = s[:i]
		}
	}
	return s
}

// minorUnits reads a decimal such as "49.99" into hundredths without ever
// passing through a floating-point number. Both currencies have two decimals.
func minorUnits(text string) (int64, error) {
	whole, part, _ := strings.Cut(text, ".")
	if len(part) > 2 {
		return 0, fmt.Errorf("price %q has more than two decimals", text)
	}
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", 2-len(part)), 10, 53)
	if err != nil || whole == "" {
		return 0, fmt.Errorf("price %q is no decimal number", text)
	}
	return int64(n), nil
}
