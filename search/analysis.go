package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/ref"
)

// AnalysisVersion counts the changes to what the analysis makes of a text. An
// engine that keeps its index keeps the number too: what was made by a lower one
// is [Stats.Outdated].
const AnalysisVersion = 2

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

	parts int // of a compound in a query: how many words it is made of
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
func (a *Analyzer) Analyze(text string) []Token { return a.tokens(text, false) }

// tokens analyses a text. In a query whatever is hyphenated is a compound too:
// it may be a SKU code.
func (a *Analyzer) tokens(text string, asked bool) []Token {
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
			if joined := joins(s, i, end, asked); joined > end {
				tokens = a.compound(tokens, s, group{i, end, joined}, asked)
				i = joined
				continue
			}
			tokens = a.word(tokens, s[i:end])
			i = end
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
	}
	return append(tokens, Token{Term: a.term(w), Plain: cut(w, 64), Class: class})
}

// The longest hyphenated groups that are one word, in a text and in a query.
const (
	longestCompound = 40
	longestAsked    = 80
)

// joins returns the end of a hyphenated group that starts with the word
// [start, end), or end. In a text it has letters and digits; in a query it may
// be of letters alone, and of digits between hyphens: many SKU codes are.
func joins(s string, start, end int, asked bool) int {
	at := end
	for at+1 < len(s) && (s[at] == '-' || s[at] == '.' || s[at] == '/') && asciiWord(s[at+1]) {
		next := at + 1
		for next < len(s) && asciiWord(s[next]) {
			next++
		}
		at = next
	}
	of := s[start:at]
	digits, letters := hasDigit(of), strings.ContainsAny(of, "abcdefghijklmnopqrstuvwxyz")
	switch {
	case digits && letters && at-start <= longestCompound:
	case asked && at-start <= longestAsked && (letters || !strings.ContainsAny(of, "./")):
	default:
		return end
	}
	return at
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func asciiWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// group is where a hyphenated group starts, where its first word ends, and
// where it ends.
type group struct{ start, first, end int }

// compound appends the parts of a model number and then the whole of it as one
// word, so that "tn-2110" and "tn2110" find each other. In a query the article
// in "a-7" is a part like others.
func (a *Analyzer) compound(tokens []Token, s string, g group, asked bool) []Token {
	before := len(tokens)
	whole := s[g.start:g.end]
	tokens = a.word(tokens, s[g.start:g.first])
	if word := strings.Trim(s[g.start:g.first], "_"); asked && word != "" && hasDigit(whole) &&
		(len(tokens) == before || !tokens[before].Content()) {
		tokens = append(tokens[:before], Token{Term: cut(word, 64), Plain: cut(word, 64)})
	}
	for end := g.first; end < g.end; {
		part := end + 1
		for end = part; end < g.end && asciiWord(s[end]); {
			end++
		}
		tokens = a.word(tokens, s[part:end])
	}
	parts := 0
	for _, t := range tokens[before:] {
		if t.Content() {
			parts++
		}
	}
	w := a.code(whole)
	return append(tokens, Token{Term: w, Plain: w, Class: Compound, parts: parts})
}

// code folds a SKU code or GTIN, or a part of a query that may be one, to
// letters and digits: the term as which it is found.
func (a *Analyzer) code(code string) string {
	return a.term(strings.Map(func(r rune) rune {
		if r != '_' && wordRune(r) {
			return r
		}
		return -1
	}, Fold(code)))
}

// term returns what a folded word is indexed as.
func (a *Analyzer) term(word string) string {
	if a.english() {
		word = stemEnglish(word)
	}
	return cut(word, 64)
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
