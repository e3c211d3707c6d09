package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/ref"
)

// Class says what a token is to the ranking.
type Class uint8

// Classes of tokens.
const (
	Word     Class = iota // letters
	Number                // has a digit: a size, a model number, a SKU
	Ideogram              // one character of a script without spaces
	Pair                  // two such characters side by side
	Compound              // the parts of "tn-2110" as the one word "tn2110"
	Break                 // punctuation that ends a phrase
	Purpose               // "for", "with": what follows is not what the product is
)

// Token is one unit of analysed text. Breaks and purposes carry no term; they
// let the ranking see where a phrase ends.
type Token struct {
	Term  string // folded and stemmed, as indexed
	Plain string // folded only
	Class Class
}

// Content reports whether the token is a word to be found, rather than a mark
// between words.
func (t Token) Content() bool { return t.Class < Break }

// Segmenter splits a run of characters of a script without spaces into words,
// from a dictionary. Without one the analyser takes characters and pairs,
// which needs no dictionary and finds as well; the words of a segmenter are
// indexed besides. It is called from several goroutines.
type Segmenter interface {
	Segment(run string) []string
}

// Analyzer turns text into tokens, the same ones for documents and queries
// and for every engine. Its zero value is ready: it folds width, case and
// accents, takes English plurals off, and indexes Chinese and Japanese by
// characters and pairs.
type Analyzer struct {
	// Locale is the language of the texts. Words are stemmed where it is
	// English or where it is empty.
	Locale ref.Locale

	// Segmenter finds words of scripts without spaces. Defaults to none.
	Segmenter Segmenter
}

func (a *Analyzer) english() bool {
	return a.Locale == "" || strings.HasPrefix(strings.ToLower(string(a.Locale)), "en") ||
		strings.HasPrefix(strings.ToLower(string(a.Locale)), "zh")
}

// Analyze returns the tokens of text in order. Broken UTF-8 is read as
// spaces, and text beyond [MaxText] is not read.
func (a *Analyzer) Analyze(text string) []Token {
	s := Fold(text)
	tokens := make([]Token, 0, len(s)/5+2)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case han(r):
			end := i + span(s[i:], han)
			tokens = a.ideograms(tokens, s[i:end])
			i = end
		case wordRune(r):
			end := i + span(s[i:], func(r rune) bool { return wordRune(r) && !han(r) })
			joined := joins(s, i, end)
			tokens = a.word(tokens, s[i:end])
			i = end
			if joined > end {
				tokens, i = a.compound(tokens, s, end, joined)
			}
		case unicode.IsSpace(r):
			i += size
		default:
			if n := len(tokens); n > 0 && tokens[n-1].Class != Break && ends(s, i, r, size) {
				tokens = append(tokens, Token{Class: Break})
			}
			i += size
		}
	}
	return tokens
}

// ends reports whether a sign ends a phrase: a comma does and the stroke in
// "and/or" does not.
func ends(s string, i int, r rune, size int) bool {
	switch r {
	case '\'', '"', '.', '&', '+', '®', '™':
		return false
	case '-', '/':
		return i == 0 || s[i-1] == ' ' || i+size == len(s) || s[i+size] == ' '
	}
	return true
}

func wordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// span returns how many bytes at the start of s satisfy in.
func span(s string, in func(rune) bool) int {
	for i, r := range s {
		if !in(r) {
			return i
		}
	}
	return len(s)
}

// word appends one word, its possessive ending taken off.
func (a *Analyzer) word(tokens []Token, w string) []Token {
	w = strings.Trim(w, "_")
	class := Word
	if strings.ContainsFunc(w, unicode.IsDigit) {
		class = Number
	}
	english := a.english()
	switch {
	case w == "" || w == "s" && len(tokens) > 0 && tokens[len(tokens)-1].Class == Word:
		return tokens
	case english && purposeEnglish(w):
		return append(tokens, Token{Plain: w, Class: Purpose})
	case english && stopEnglish(w):
		return tokens
	case english:
		return append(tokens, Token{Term: cut(stemEnglish(w), 64), Plain: cut(w, 64), Class: class})
	}
	return append(tokens, Token{Term: cut(w, 64), Plain: cut(w, 64), Class: class})
}

// joins returns the end of a hyphenated group with a digit in it that starts
// with the word [start, end), or end.
func joins(s string, start, end int) int {
	group := end
	for group+1 < len(s) && (s[group] == '-' || s[group] == '.' || s[group] == '/') && asciiWord(s[group+1]) {
		next := group + 1
		for next < len(s) && asciiWord(s[next]) {
			next++
		}
		group = next
	}
	if group-start > 40 || !strings.ContainsAny(s[start:group], "0123456789") ||
		!strings.ContainsAny(s[start:group], "abcdefghijklmnopqrstuvwxyz") {
		return end
	}
	return group
}

func asciiWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// compound appends the further parts of a model number and then the whole of
// it as one word, so that "tn-2110" and "tn2110" find each other.
func (a *Analyzer) compound(tokens []Token, s string, end, group int) ([]Token, int) {
	first := len(tokens) - 1
	for end < group {
		part := end + 1
		end = part
		for end < group && asciiWord(s[end]) {
			end++
		}
		tokens = a.word(tokens, s[part:end])
	}
	if first < 0 {
		return tokens, group
	}
	var whole strings.Builder
	for _, t := range tokens[first:] {
		whole.WriteString(t.Plain)
	}
	if w := whole.String(); len(tokens)-first > 1 {
		tokens = append(tokens, Token{Term: w, Plain: w, Class: Compound})
	}
	return tokens, group
}

// ideograms appends the characters and pairs of a run, and the words that the
// segmenter finds in it.
func (a *Analyzer) ideograms(tokens []Token, run string) []Token {
	previous := ""
	for i, r := range run {
		c := run[i : i+utf8.RuneLen(r)]
		tokens = append(tokens, Token{Term: c, Plain: c, Class: Ideogram})
		if previous != "" {
			tokens = append(tokens, Token{Term: previous + c, Plain: previous + c, Class: Pair})
		}
		previous = c
	}
	if a.Segmenter == nil {
		return tokens
	}
	for _, w := range a.Segmenter.Segment(run) {
		if w = cut(Fold(w), 64); utf8.RuneCountInString(w) > 2 {
			tokens = append(tokens, Token{Term: w, Plain: w, Class: Pair})
		}
	}
	return tokens
}
