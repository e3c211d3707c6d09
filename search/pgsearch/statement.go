package pgsearch

import (
	"math"
	"strconv"
	"strings"

	"github.com/soukhq/souk/search"
)

// statement collects SQL and its arguments. Whatever came from outside is an
// argument; the text is made of what this package says itself.
type statement struct {
	shard int64
	args  []any
}

// arg adds an argument and returns its place.
func (s *statement) arg(v any, kind string) string {
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args)) + "::" + kind
}

// float returns a number as SQL reads it.
func float(f float64) string { return "float8 '" + strconv.FormatFloat(f, 'g', -1, 64) + "'" }

// anyOf returns a tsquery for one of the terms at places of these marks, at any
// where they are empty.
func (s *statement) anyOf(terms []string, marks string) string {
	return s.arg(s.query(terms, marks, " | "), "tsquery")
}

func (s *statement) query(terms []string, marks, between string) string {
	var b strings.Builder
	for i, term := range terms {
		if i > 0 {
			b.WriteString(between)
		}
		lexeme(&b, s.shard, term)
		if marks != "" {
			b.WriteString(":" + marks)
		}
	}
	return b.String()
}

// group is leaves of one want that grant the same credit.
type group struct {
	credit float64
	terms  []string
	narrow bool // found in the text only
	phrase bool // the terms in a row
	head   bool
}

// groups gathers the leaves of a want, the most credit first.
func groups(p *search.Plan, want int) []group {
	var out []group
	for i := range p.Leaves {
		leaf := &p.Leaves[i]
		if !contains(leaf.Wants, want) {
			continue
		}
		g := group{
			credit: leaf.Credit, terms: leaf.Terms, phrase: len(leaf.Terms) > 1,
			narrow: len(leaf.Terms) > 1 || leaf.Source == search.Prefixed,
			head:   leaf.Head(),
		}
		joined := false
		for k := range out {
			o := &out[k]
			if !g.phrase && !o.phrase && o.credit == g.credit && o.narrow == g.narrow && o.head == g.head {
				o.terms = append(o.terms[:len(o.terms):len(o.terms)], g.terms...)
				joined = true
				break
			}
		}
		if joined {
			continue
		}
		at := len(out)
		for at > 0 && out[at-1].credit < g.credit {
			at--
		}
		out = append(out[:at], append([]group{g}, out[at:]...)...)
	}
	return out
}

func contains(list []int, n int) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// satisfied is the least credit with which a want counts as found.
const satisfied = 0.6

// The marks of places, see the table of documents.
const (
	markHead  = "A"
	markText  = "B"
	markTwice = "C"
	markProps = "D"
)

// level is a place that terms have that are there more often than in the one
// before, and what that counts for.
type level struct {
	suffix, marks string
	root          float64
}

// repeated returns by how much more a want counts that is there more than
// once: the root of how often, as far as is stored.
func (s *statement) repeated(terms []string, levels []level) string {
	if len(terms) == 0 {
		return float(1)
	}
	out, below := "CASE", 1.0
	for _, l := range levels {
		more := make([]string, len(terms))
		for i, term := range terms {
			more[i] = term + l.suffix
		}
		out += " WHEN NOT terms @@ " + s.anyOf(more, l.marks) + " THEN " + float(below)
		below = l.root
	}
	return out + " ELSE " + float(below) + " END"
}

// inTexts and inAttributes are what is stored of how often a term is there.
func inTexts() []level {
	return []level{{"", markTwice, math.Sqrt2}, {often, markTwice, math.Sqrt(3)}, {often, markText, math.Sqrt(4.5)}}
}

func inAttributes() []level {
	return []level{{often, markProps, math.Sqrt2}, {often, markHead, math.Sqrt(3.5)}}
}

// matching is what a plan says in SQL.
type matching struct {
	columns string // what each candidate has of each want, inside
	score   string // the first rank, of those columns
	cover   string // the share of the query that a candidate has
	whole   string // whether it has every word
	all     string // tsquery that all whole candidates match, "" where none can be
	some    string // tsquery that every candidate matches
}

// match translates a plan.
func (s *statement) match(p *search.Plan, weights []float64, r *search.Ranking) matching {
	var m matching
	var columns, cover, strong, frequency, props, whole, all, some []string
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	for i := range p.Wants {
		share, last, n := weights[i]/sum, i == len(p.Wants)-1, strconv.Itoa(i)
		var inText, inProps, enough, heads, texts, attributes []string
		for _, g := range groups(p, i) {
			credit := float(g.credit)
			if g.phrase {
				q := s.query(g.terms, markText, " & ")
				when := " WHEN terms @@ " + s.arg(q, "tsquery") +
					" AND strpos(texts, " + s.arg(" "+strings.Join(g.terms, " ")+" ", "text") + ") > 0 THEN " + credit
				inText = append(inText, when)
				some = append(some, "("+q+")")
				if g.credit >= satisfied {
					enough = append(enough, "("+q+")")
				}
				continue
			}
			text := s.query(g.terms, markText, " | ")
			wide := text
			inText = append(inText, " WHEN terms @@ "+s.arg(text, "tsquery")+" THEN "+credit)
			texts = append(texts, g.terms...)
			if !g.narrow {
				wide = s.query(g.terms, "", " | ")
				attributes = append(attributes, g.terms...)
				inProps = append(inProps, " WHEN terms @@ "+s.anyOf(g.terms, markProps)+" THEN "+credit)
			}
			some = append(some, wide)
			switch {
			case g.credit >= satisfied && last:
				enough = append(enough, text)
			case g.credit >= satisfied:
				enough = append(enough, wide)
			}
			if last && g.head {
				heads = append(heads, s.query(g.terms, markHead, " | "))
			}
		}
		columns = append(columns, choose(inText)+" AS s"+n, choose(inProps)+" AS p"+n,
			s.repeated(texts, inTexts())+" AS t"+n, s.repeated(attributes, inAttributes())+" AS a"+n)
		weight := " * " + float(share)
		credit := "greatest(s" + n + ", p" + n + ")"
		cover = append(cover, credit+weight)
		strong = append(strong, "s"+n+weight)
		frequency = append(frequency, "s"+n+" * t"+n+weight)
		props = append(props, "p"+n+" * a"+n+weight)
		whole = append(whole, credit+" >= "+float(satisfied))
		if last {
			whole = append(whole, "s"+n+" >= "+float(satisfied))
			columns = append(columns, s.either(heads)+" AS head")
		}
		if len(enough) > 0 {
			all = append(all, "("+strings.Join(enough, " | ")+")")
		}
	}
	m.columns, m.cover, m.whole = strings.Join(columns, ", "), strings.Join(cover, " + "), strings.Join(whole, " AND ")
	m.score = float(r.Coverage) + " * (" + m.cover + ") + " + float(r.Strong) + " * (" + strings.Join(strong, " + ") + ") + " +
		float(r.Frequency) + " * norm * (" + strings.Join(frequency, " + ") + ") + " + float(r.Properties) + " * (" + strings.Join(props, " + ") +
		") + CASE WHEN head THEN " + float(r.Head) + " ELSE 0 END"
	if len(all) == len(p.Wants) {
		m.all = s.arg(strings.Join(all, " & "), "tsquery")
	}
	m.some = s.arg(strings.Join(some, " | "), "tsquery")
	return m
}

func choose(whens []string) string {
	if len(whens) == 0 {
		return "float8 '0'"
	}
	return "CASE" + strings.Join(whens, "") + " ELSE float8 '0' END"
}

// either returns whether one of the tsqueries matches.
func (s *statement) either(queries []string) string {
	if len(queries) == 0 {
		return "false"
	}
	return "terms @@ " + s.arg(strings.Join(queries, " | "), "tsquery")
}
