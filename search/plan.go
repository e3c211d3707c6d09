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
	Joined
	Synonymous
	Corrected
	Prefixed
	Alike
)

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
	tokens := a.Analyze(text)
	p := Plan{Typing: typing && text != "" && !strings.HasSuffix(text, " ")}
	seen := map[string]bool{}
	previous := -1
	for _, token := range tokens {
		switch {
		case token.Class == Pair:
			p.pair(token, previous)
		case token.Class == Compound:
			p.compound(token)
		case !token.Content() || len(p.Wants) == MaxWords:
			if token.Class == Break {
				previous = -1
			}
		case seen[token.Term]:
			previous = -1
		default:
			seen[token.Term] = true
			previous = len(p.Wants)
			p.want(token)
		}
	}
	if len(p.Wants) == 0 {
		for _, w := range strings.Fields(Fold(text)) {
			if w = strings.Trim(w, `.,;:!?"'()[]`); w != "" && len(p.Wants) < MaxWords && stopEnglish(w) {
				p.want(Token{Term: w, Plain: w})
			}
		}
	}
	p.join()
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

// compound lets the parts of a model number match the whole of it.
func (p *Plan) compound(t Token) {
	var wants []int
	rest := t.Plain
	for i := len(p.Wants) - 1; i >= 0 && rest != ""; i-- {
		before, found := strings.CutSuffix(rest, p.Wants[i].Plain)
		if !found {
			return
		}
		wants, rest = append(wants, i), before
	}
	if rest == "" {
		p.Leaves = append(p.Leaves, Leaf{Terms: []string{t.Term}, Wants: wants, Credit: 1, Source: Paired})
	}
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
		if i > 0 && !w.Beside {
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
	case Typed, Paired, Joined, Synonymous:
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
