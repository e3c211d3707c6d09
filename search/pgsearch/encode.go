package pgsearch

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/soukhq/souk/search"
)

// row is a document as it is stored, but for the shard.
type row struct {
	Shard    int64     `json:"shard"`
	ID       string    `json:"id"`
	Version  int64     `json:"version"`
	Gone     bool      `json:"gone"`
	Title    string    `json:"title"`
	Terms    *string   `json:"terms"`
	Counted  []string  `json:"counted"`
	Texts    string    `json:"texts"`
	Extras   string    `json:"extras"`
	Norm     float64   `json:"norm"`
	Labels   []string  `json:"labels"`
	Measures []string  `json:"measures"`
	Amounts  []float64 `json:"amounts"`
	Prices   []int64   `json:"prices"`
	Sales    int64     `json:"sales"`
	Rating   float64   `json:"rating"`
	Ratings  int64     `json:"ratings"`
	InStock  bool      `json:"in_stock"`
	Listed   int64     `json:"listed"`

	places []place
}

// place is where a term is in a document.
type place struct {
	term  string
	text  int // how often
	head  bool
	props int // how often
}

// separator stands between the field and the value of a label, and is in
// neither.
const separator = "\x1e"

// clean takes out what PostgreSQL has no text for, or what separates labels.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0 || r == '\x1e' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
}

func cleaned[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(string(s))
	}
	return out
}

func label(field, value string) string { return clean(field) + separator + clean(value) }

// encode analyses a document.
func (x *Index) encode(d *search.Document) row {
	g := x.config.Analyzer.Digest(d)
	p := g.Profile(x.lexicon, d)
	r := row{
		ID: string(d.ID), Version: d.Version, Title: clean(d.Title), Norm: float64(g.Norm),
		Prices: append([]int64{}, g.Prices...), Sales: d.Sales, Rating: d.Rating, Ratings: d.Ratings, InStock: d.InStock, Listed: g.Listed,
		Texts:    passage(g.Title) + section + passage(g.Summary) + section + passage(g.Names),
		Extras:   passage(g.Aspects) + section + words(g.Text, plainOf) + section + words(g.Looks, wordOf),
		Labels:   make([]string, len(g.Values)),
		Measures: []string{}, Amounts: []float64{},
	}
	for i, v := range g.Values {
		r.Labels[i] = label(v.Field, v.Value)
	}
	for _, m := range g.Measures {
		r.Measures, r.Amounts = append(r.Measures, clean(m.Field)), append(r.Amounts, m.Value)
	}
	r.place(&g)
	for _, head := range x.lexicon.Heads(&p, func(fn func(string)) {
		for i := range r.places {
			if r.places[i].text > 0 {
				fn(r.places[i].term)
			}
		}
	}) {
		i, _ := r.find(head)
		r.places[i].head = true
	}
	r.count(&g)
	return r
}

func (r *row) find(term string) (int, bool) {
	return slices.BinarySearchFunc(r.places, term, func(p place, term string) int { return strings.Compare(p.term, term) })
}

// place gathers the terms of a document, in order.
func (r *row) place(g *search.Digest) {
	found := map[string]*place{}
	at := func(term string) *place {
		p := found[term]
		if p == nil {
			p = &place{term: term}
			found[term] = p
		}
		return p
	}
	for _, list := range g.Text {
		for _, t := range list {
			if t.Content() {
				at(t.Term).text++
			}
		}
	}
	for _, code := range g.Codes {
		at(code).text++
	}
	for _, list := range g.Properties {
		for _, t := range list {
			if t.Content() {
				at(t.Term).props++
			}
		}
	}
	for _, p := range found {
		r.places = append(r.places, *p)
	}
	slices.SortFunc(r.places, func(a, b place) int { return strings.Compare(a.term, b.term) })
}

// How a word of a document is counted.
const (
	countedPlain = "p"
	countedTerm  = "t"
	countedBoth  = "b"
	countedCode  = "c" // beside what it is as a term
)

// count lists the words that the document adds to the vocabulary.
func (r *row) count(g *search.Digest) {
	how := map[string]string{}
	for _, p := range r.places {
		if p.text > 0 {
			how[p.term] = countedTerm
		}
	}
	for _, list := range g.Text {
		for _, t := range list {
			if plainOf(t) == "" {
				continue
			}
			if was := how[t.Plain]; was == countedTerm {
				how[t.Plain] = countedBoth
			} else if was == "" {
				how[t.Plain] = countedPlain
			}
		}
	}
	r.Counted = make([]string, 0, len(how))
	for word, how := range how {
		r.Counted = append(r.Counted, how+word)
	}
	for _, code := range g.Codes {
		r.Counted = append(r.Counted, countedCode+code)
	}
	slices.Sort(r.Counted)
	r.Counted = slices.Compact(r.Counted)
}

// vector returns the terms as a tsvector of a shard.
func (r *row) vector(shard int64) string {
	var b strings.Builder
	write := func(term string, places [4]bool) {
		lexeme(&b, shard, term)
		mark := byte(':')
		for i, in := range places {
			if in {
				b.WriteByte(mark)
				b.WriteByte("1234"[i])
				b.WriteByte("ABCD"[i])
				mark = ','
			}
		}
		b.WriteByte(' ')
	}
	for _, p := range r.places {
		write(p.term, [4]bool{p.head, p.text > 0, p.text > 1, p.props > 0})
		if p.text > 2 || p.props > 1 {
			write(p.term+often, [4]bool{p.props > 2, p.text > 3, p.text > 2, p.props > 1})
		}
	}
	return b.String()
}

// often is added to a term that is in a document more than a few times. No
// term has it.
const often = "+"

// lexeme writes a term as tsvector and tsquery read it: quoted, so that none of
// its characters is an operator.
func lexeme(b *strings.Builder, shard int64, term string) {
	b.WriteByte('\'')
	b.WriteString(strconv.FormatInt(shard, 36))
	b.WriteByte('/')
	for _, r := range term {
		if r == '\'' || r == '\\' {
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	b.WriteByte('\'')
}

// The stored form of passages: terms between spaces, with signs that no term
// has for the marks between phrases.
const (
	section     = "\n"
	breakMark   = ","
	purposeMark = ";"
)

func passage(tokens []search.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		switch {
		case t.Class == search.Break:
			b.WriteString(" " + breakMark)
		case t.Class == search.Purpose:
			b.WriteString(" " + purposeMark)
		case t.Class <= search.Ideogram:
			b.WriteString(" " + t.Term)
		}
	}
	b.WriteByte(' ')
	return b.String()
}

// plainOf returns the unstemmed word that the ranking and the vocabulary see.
func plainOf(t search.Token) string {
	if t.Class == search.Word || t.Class == search.Number || t.Class == search.Compound {
		return t.Plain
	}
	return ""
}

func wordOf(t search.Token) string {
	if t.Class == search.Word || t.Class == search.Ideogram {
		return t.Term
	}
	return ""
}

// words lists the words of tokens, sorted.
func words(lists [][]search.Token, of func(search.Token) string) string {
	var out []string
	for _, list := range lists {
		for _, t := range list {
			if w := of(t); w != "" {
				out = append(out, w)
			}
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// profile reads back what the second ranking sees of a document.
func (x *Index) profile(h *found) search.Profile {
	title, rest, _ := strings.Cut(h.texts, section)
	summary, names, _ := strings.Cut(rest, section)
	aspects, rest, _ := strings.Cut(h.extras, section)
	plains, looks, _ := strings.Cut(rest, section)
	return search.Profile{
		Title: x.lexicon.Passage(tokens(title)), Summary: x.lexicon.Passage(tokens(summary)),
		Properties: x.lexicon.Passage(tokens(aspects)), Categories: x.lexicon.Passage(tokens(names)),
		Plains: x.lexicon.Plains(tokens(plains)), Looks: x.lexicon.Words(tokens(looks)),
		Sales: h.sales, Rating: h.rating, InStock: h.inStock,
	}
}

// tokens reads a passage.
func tokens(text string) []search.Token {
	out := make([]search.Token, 0, len(text)/5+1)
	for w := range strings.FieldsSeq(text) {
		t := search.Token{Term: w, Plain: w}
		switch {
		case w == breakMark:
			t.Class = search.Break
		case w == purposeMark:
			t.Class = search.Purpose
		case strings.ContainsFunc(w, unicode.IsDigit):
			t.Class = search.Number
		}
		out = append(out, t)
	}
	return out
}
