package search

import (
	"math"
	"slices"
)

// Ranking weighs what is known of a product against a query. The zero value
// stands for [DefaultRanking]. Each feature runs from 0 to 1.
type Ranking struct {
	Coverage   float64 // share of the words found anywhere, rare words counting more
	Strong     float64 // the same in title, brand, model, category and summary
	Frequency  float64 // how often and in how short a text
	Properties float64 // how often in the attributes
	Phrase     float64 // words side by side in the title
	Property   float64 // the same in one attribute
	Head       float64 // the last word says what the product is, see [Lexicon.Heads]
	TitleHead  float64 // the same by its title
	Exact      float64 // words as typed, not in another form
	Early      float64 // near the start of the title
	Title      float64 // share of the title that was asked for
	Aside      float64 // taken off where words only follow "for" or "with"
	Sales      float64
	Rating     float64
	Stock      float64
}

// DefaultRanking returns the weights that were tuned on human judgements, see
// docs/search.md.
func DefaultRanking() Ranking {
	return Ranking{
		Coverage: 2, Strong: 1, Frequency: 0.6, Properties: 0.6, Phrase: 1, Property: 0.3, Head: 3, TitleHead: 0.3,
		Exact: 1, Early: 0.3, Title: 1, Aside: 0.2, Sales: 0.5, Rating: 0.25, Stock: 0.5,
	}
}

// Window is how many of the best products are ranked a second time, by all
// features.
const Window = 200

// Profile is what the second ranking reads of a product.
type Profile struct {
	Title      Passage
	Summary    Passage
	Properties Passage  // attribute values, a break after each
	Categories Passage  // the last name of each path, a break after each
	Plains     []uint32 // see [Lexicon.Plains]
	Looks      []uint32 // words of colour, material and size, sorted: they end a name
	Sales      int64
	Rating     float64
	InStock    bool
}

// Match is what the first pass found out about a product.
type Match struct {
	Coverage   float64 // 0 to 1
	Strong     float64 // 0 to 1
	Frequency  float64
	Properties float64
	Head       bool
}

// First scores a product by what the first pass knows.
func (r *Ranking) First(m Match) float64 {
	s := r.Coverage*m.Coverage + r.Strong*m.Strong + r.Frequency*m.Frequency + r.Properties*m.Properties
	if m.Head {
		s += r.Head
	}
	return s
}

// Judge scores products for one plan. It is not safe for concurrent use.
type Judge struct {
	ranking Ranking
	wants   []judged
	most    float64 // logarithm of the highest sales
}

type judged struct {
	terms  []uint32 // what stands for the word
	among  uint64   // a bit for each of them, by its last six: most words are none of them
	plain  uint32
	weight float64
}

// NewJudge returns a judge of products for a plan. Weights are those of its
// wants, mostSales the highest sales in the index.
func NewJudge(r Ranking, l *Lexicon, p *Plan, weights []float64, mostSales int64) *Judge {
	j := &Judge{ranking: r, wants: make([]judged, len(p.Wants)), most: math.Log1p(float64(max(mostSales, 1)))}
	for i, w := range p.Wants {
		j.wants[i] = judged{plain: l.Lookup(w.Plain), weight: weights[i]}
	}
	for _, leaf := range p.Leaves {
		last := leaf.Terms[len(leaf.Terms)-1]
		n := l.Lookup(last)
		if n == 0 || leaf.Source == Paired || leaf.Source == Coded {
			continue
		}
		for _, want := range leaf.Wants {
			w := &j.wants[want]
			w.terms, w.among = append(w.terms, n), w.among|1<<(n&63)
		}
	}
	return j
}

func (w *judged) is(word uint32) bool {
	return w.among>>(word&63)&1 != 0 && slices.Contains(w.terms, word&wordMask)
}

// Score adds to the score of the first pass what the second one sees.
func (j *Judge) Score(first float64, d *Profile) float64 {
	r := &j.ranking
	s := first
	if len(j.wants) > 0 {
		s += r.Phrase*j.phrase(d.Title) + r.Property*j.phrase(d.Properties)
		s += r.TitleHead * j.head(d.Title, d.Looks)
		s += r.Exact * j.exact(d.Plains)
		s += j.title(d.Title)
		s -= r.Aside * j.aside(d)
	}
	s += r.Sales*math.Log1p(float64(max(d.Sales, 0)))/j.most + r.Rating*d.Rating/5
	if d.InStock {
		s += r.Stock
	}
	return s
}

// phrase returns the share of neighbours in the query that are neighbours in
// the text.
func (j *Judge) phrase(text Passage) float64 {
	if len(j.wants) < 2 {
		return 0
	}
	found := 0
	for i := 1; i < len(j.wants); i++ {
		a, b := &j.wants[i-1], &j.wants[i]
		for k := 1; k < len(text); k++ {
			if b.is(text[k]) && a.is(text[k-1]) {
				found++
				break
			}
		}
	}
	return float64(found) / float64(len(j.wants)-1)
}

func (j *Judge) head(text Passage, looks []uint32) float64 {
	last := &j.wants[len(j.wants)-1]
	found := 0.0
	heads(text, looks, func(word uint32) {
		if last.is(word) {
			found = 1
		}
	})
	return found
}

// heads calls fn for the words that say what a text is about: "projector" in
// "digital projector, black", but neither in "projector lamp" nor in "lamp for
// projector". A number or a word of the product's own looks ends a phrase as
// a comma does.
func heads(text Passage, looks []uint32, fn func(word uint32)) {
	aside := false
	for k, word := range text {
		switch {
		case word == markBreak:
			aside = false
		case word == markPurpose:
			aside = true
		case aside:
		case k+1 == len(text) || text[k+1] < firstWord || text[k+1]&numberFlag != 0:
			fn(word)
		default:
			if _, found := slices.BinarySearch(looks, text[k+1]); found {
				fn(word)
			}
		}
	}
}

// Heads returns those of the terms that say what a product is, by its title,
// its summary and its categories.
func (l *Lexicon) Heads(d *Profile, terms func(fn func(term string))) []string {
	found := map[uint32]bool{}
	note := func(word uint32) { found[word&wordMask] = true }
	heads(d.Title, d.Looks, note)
	heads(d.Summary, d.Looks, note)
	heads(d.Categories, nil, note)
	var out []string
	terms(func(term string) {
		if n := l.Lookup(term); found[n] {
			delete(found, n)
			out = append(out, term)
		}
	})
	return out
}

func (j *Judge) exact(plains []uint32) float64 {
	n := 0
	for i := range j.wants {
		if _, found := slices.BinarySearch(plains, j.wants[i].plain); found {
			n++
		}
	}
	return float64(n) / float64(len(j.wants))
}

// title scores how early the title names a word, and how much of the title
// was asked for.
func (j *Judge) title(text Passage) float64 {
	first, words, found := -1, 0, 0
	for k, word := range text {
		if word < firstWord {
			continue
		}
		words++
		for i := range j.wants {
			if j.wants[i].is(word) {
				found++
				if first < 0 {
					first = k
				}
				break
			}
		}
	}
	if first < 0 {
		return 0
	}
	return j.ranking.Early/float64(1+first) + j.ranking.Title*float64(min(found, len(j.wants)))/float64(words+1)
}

// aside is 1 where the words are found, but only after "for", "with" and
// their like.
func (j *Judge) aside(d *Profile) float64 {
	found := false
	for _, text := range []Passage{d.Title, d.Summary} {
		aside := false
		for _, word := range text {
			switch {
			case word == markBreak:
				aside = false
			case word == markPurpose:
				aside = true
			default:
				for i := range j.wants {
					if j.wants[i].is(word) {
						if !aside {
							return 0
						}
						found = true
					}
				}
			}
		}
	}
	if found {
		return 1
	}
	return 0
}
