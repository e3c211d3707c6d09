package search

import (
	"slices"
	"strings"
)

// Plan is a query text made ready for an engine: the words that are wanted,
// and the terms that may stand for them.
type Plan struct {
	Wants  []Want
	Leaves []Leaf
	Typing bool
}

// Want is one word of a query.
type Want struct {
	Plain  string
	Term   string
	Class  Class
	Beside bool // an ideogram that follows the one before without a space
	Hyphen bool // a part of a code that follows the one before it
}

// Leaf is a term, or several in a row, that grants credit for wants: 1 for
// the word itself, less for what merely stands for it. A product's credit for
// a want is the highest of its leaves.
type Leaf struct {
	Terms  []string
	Wants  []int
	Credit float64
	Source Source
}

// Source says why a leaf is there.
type Source uint8

// Sources of leaves.
const (
	Typed Source = iota
	Paired
	Coded // a hyphenated group as one word: what SKU codes are found by
	Joined
	Synonymous
	Corrected
	Prefixed
	Alike
)

// Head reports whether the term of a leaf can say what a product is, rather
// than being a part or a whole of other words, or merely a beginning.
func (l *Leaf) Head() bool {
	return len(l.Terms) == 1 && l.Source != Paired && l.Source != Coded && l.Source != Prefixed
}

// The credits of what stands for a word.
const (
	creditIdeogram = 0.6 // a character outside of its pair
	creditSynonym  = 0.9
	creditJoined   = 0.7
	creditPrefix   = 0.95
	creditSpelling = 0.97
	creditAlike    = 0.5
)

// NewPlan analyses a query text. Typing says that the last word may be
// unfinished. A text of stop words alone is searched for as it stands.
func NewPlan(a *Analyzer, t *Thesaurus, text string, typing bool) Plan {
	p := Plan{Typing: typing && text != "" && !strings.HasSuffix(text, " ")}
	seen := map[string]int{}
	var places []int // of the words, in order
	previous := -1
	for _, token := range a.tokens(text, true) {
		switch {
		case token.Class == Pair:
			p.pair(token, previous)
			continue
		case token.Class == Compound:
			p.compound(token, places[len(places)-token.parts:])
			continue
		case !token.Content():
			if token.Class == Break {
				previous = -1
			}
			continue
		}
		at, twice := seen[token.Term]
		switch {
		case twice && token.Class != Ideogram: // those that are doubled are a word
			previous = -1
		case len(p.Wants) == MaxWords:
			at = -1
		default:
			at = len(p.Wants)
			seen[token.Term], previous = at, at
			p.want(token)
		}
		places = append(places, at)
	}
	if len(p.Wants) == 0 {
		for _, w := range strings.Fields(Fold(text)) {
			if w = strings.Trim(w, `.,;:!?"'()[]`); w != "" && len(p.Wants) < MaxWords && stopEnglish(w) {
				p.want(Token{Term: w, Plain: w})
			}
		}
	}
	p.join()
	p.whole(a, text)
	p.synonyms(t)
	return p
}

func (p *Plan) want(t Token) {
	credit := 1.0
	if t.Class == Ideogram {
		credit = creditIdeogram
	}
	p.Leaves = append(p.Leaves, Leaf{Terms: []string{t.Term}, Wants: []int{len(p.Wants)}, Credit: credit})
	p.Wants = append(p.Wants, Want{Plain: t.Plain, Term: t.Term, Class: t.Class})
}

// pair adds a pair of ideograms. The word of a segmenter has more than two
// characters and covers as many wants.
func (p *Plan) pair(t Token, last int) {
	n := len([]rune(t.Term))
	if last < 0 || last+1 < n {
		return
	}
	wants := make([]int, n)
	for i := range wants {
		wants[i] = last + 1 - n + i
	}
	for i, r := range []rune(t.Term) {
		if p.Wants[wants[i]].Term != string(r) {
			return
		}
	}
	p.Wants[last].Beside = true
	p.Leaves = append(p.Leaves, Leaf{Terms: []string{t.Term}, Wants: wants, Credit: 1, Source: Paired})
}

// compound lets the parts of a hyphenated group, at these places, match the
// whole of it. One without parts that count is a word itself.
func (p *Plan) compound(t Token, places []int) {
	wants := slices.DeleteFunc(slices.Clone(places), func(at int) bool { return at < 0 })
	if len(places) == 0 && len(p.Wants) < MaxWords {
		p.want(Token{Term: t.Term, Plain: t.Plain, Class: Number})
		return
	}
	for i := 1; i < len(wants); i++ {
		if wants[i] == wants[i-1]+1 {
			p.Wants[wants[i]].Hyphen = true
		}
	}
	slices.Sort(wants)
	if wants = slices.Compact(wants); len(wants) > 0 {
		p.Leaves = append(p.Leaves, Leaf{Terms: []string{t.Term}, Wants: wants, Credit: 1, Source: Coded})
	}
}

// spacedCode is the length of the longest code that somebody writes with spaces
// in between.
const spacedCode = 40

// whole lets all words together match a code that was written with other signs
// in it, or with spaces: "978 3 16 148410 0".
func (p *Plan) whole(a *Analyzer, text string) {
	code, words := a.code(text), len(strings.Fields(text))
	leaf := Leaf{Terms: []string{code}, Wants: make([]int, len(p.Wants)), Credit: 1, Source: Coded}
	switch {
	case code == "" || len(p.Wants) == 0 || len(p.Wants) == MaxWords:
		return
	case words == 1 && !strings.ContainsFunc(strings.TrimSpace(text), func(r rune) bool { return r == '_' || !wordRune(r) }):
		return // ideograms, or the word itself
	case words == 1:
	case len(p.Wants) < 3 || len(text) > spacedCode || !hasDigit(code):
		return // two words are joined already
	default:
		leaf.Credit, leaf.Source = creditJoined, Joined
	}
	for i := range leaf.Wants {
		leaf.Wants[i] = i
	}
	if !slices.ContainsFunc(p.Leaves, func(l Leaf) bool {
		return len(l.Terms) == 1 && l.Terms[0] == code && len(l.Wants) == len(leaf.Wants)
	}) {
		p.Leaves = append(p.Leaves, leaf)
	}
}

// numbered reports whether a word is part of a code with a digit in it, which
// nobody corrects.
func (p *Plan) numbered(want int) bool {
	return slices.ContainsFunc(p.Leaves, func(l Leaf) bool {
		return l.Source == Coded && slices.Contains(l.Wants, want) && hasDigit(l.Terms[0])
	})
}

// join lets two words side by side match their compound: "micro sd" finds
// "microsd", and "tn 2110" finds "tn2110".
func (p *Plan) join() {
	for i := 1; i < len(p.Wants); i++ {
		a, b := p.Wants[i-1], p.Wants[i]
		if a.Class > Number || b.Class > Number || len(a.Plain) < 2 && len(b.Plain) < 2 {
			continue
		}
		p.Leaves = append(p.Leaves, Leaf{
			Terms: []string{a.Plain + b.Term}, Wants: []int{i - 1, i}, Credit: creditJoined, Source: Joined,
		})
	}
}

func (p *Plan) synonyms(t *Thesaurus) {
	words := make([]string, len(p.Wants))
	for i, w := range p.Wants {
		words[i] = w.Term
	}
	for i := 0; i < len(words); i++ {
		found, n := t.lookup(words[i:])
		for _, s := range found {
			wants := make([]int, n)
			for k := range wants {
				wants[k] = i + k
			}
			p.Leaves = append(p.Leaves, Leaf{Terms: s, Wants: wants, Credit: creditSynonym, Source: Synonymous})
		}
		i += max(n-1, 0)
	}
}

// Text returns the query as it is understood, with some words put in the
// place of others.
func (p *Plan) Text(instead map[int]string) string {
	var b strings.Builder
	for i, w := range p.Wants {
		switch {
		case i == 0 || w.Beside:
		case w.Hyphen:
			b.WriteByte('-')
		default:
			b.WriteByte(' ')
		}
		if s := instead[i]; s != "" {
			b.WriteString(s)
			continue
		}
		b.WriteString(w.Plain)
	}
	return b.String()
}

// Offer adds a term that stands for one want.
func (p *Plan) Offer(want int, term string, source Source) {
	credit := 1.0
	switch source {
	case Typed, Paired, Coded, Joined, Synonymous:
	case Corrected:
		credit = creditSpelling
	case Prefixed:
		credit = creditPrefix
	case Alike:
		credit = creditAlike
	}
	if slices.ContainsFunc(p.Leaves, func(l Leaf) bool {
		return len(l.Terms) == 1 && l.Terms[0] == term && len(l.Wants) == 1 && l.Wants[0] == want
	}) {
		return
	}
	p.Leaves = append(p.Leaves, Leaf{Terms: []string{term}, Wants: []int{want}, Credit: credit, Source: source})
}
