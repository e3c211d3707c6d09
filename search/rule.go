package search

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Rule is what merchandising wants for some queries: to pin, hide, favour or
// to send the shopper elsewhere. It says what it applies to by words, and
// when by a half-open window.
type Rule struct {
	ID   string
	When When
	// Query is folded and compared by words. Empty it matches every query, also
	// none; of stop words and signs alone it matches none.
	Query string

	// From and Until bound the time in which the rule applies. A zero time
	// does not bound it.
	From, Until time.Time

	Pin      []Pin
	Hide     []ref.ProductID
	Favour   []Favour
	Redirect string // a path of the shop, such as "/help/returns"
}

// When is how the words of a rule and of a query have to agree.
type When string

// Ways to agree.
const (
	WhenIs       When = "is"       // the same words in the same order
	WhenContains When = "contains" // all words of the rule, in any order
	WhenStarts   When = "starts"   // the rule's words first
)

// Validate returns an Invalid fault that names everything wrong with the
// rule, or nil.
func (r *Rule) Validate() error {
	var v fault.Violations
	switch r.When {
	case WhenIs, WhenContains, WhenStarts:
	default:
		v.Add("when", "unknown", nil)
	}
	if len(r.Query) > MaxQuery {
		v.Add("query", "too_long", fault.Params{"max": MaxQuery})
	}
	if !r.From.IsZero() && !r.Until.IsZero() && !r.From.Before(r.Until) {
		v.Add("until", "not_after_from", nil)
	}
	if r.Redirect != "" && (!strings.HasPrefix(r.Redirect, "/") || strings.HasPrefix(r.Redirect, "//") ||
		strings.ContainsAny(r.Redirect, "\\\r\n")) {
		v.Add("redirect", "not_a_path", nil)
	}
	if len(r.Pin)+len(r.Hide)+len(r.Favour) == 0 && r.Redirect == "" {
		v.Add("", "does_nothing", nil)
	}
	v.Merge("", Steering{Pin: r.Pin, Hide: r.Hide, Favour: r.Favour}.validate())
	return v.Err("search.rule", "the rule is not valid")
}

// Resolve gathers what the rules want of a query at a time. Where two rules
// pin one product the first one counts, and the first redirect wins; what is
// both pinned and hidden is hidden.
func Resolve(a *Analyzer, rules []Rule, text string, now time.Time) Steering {
	return resolve(a, compile(a, rules), text, now)
}

// compiled is a rule with the words it is about.
type compiled struct {
	Rule
	words []string
}

func compile(a *Analyzer, rules []Rule) []compiled {
	out := make([]compiled, len(rules))
	for i, r := range rules {
		out[i] = compiled{r, terms(a.Analyze(r.Query))}
	}
	return out
}

func resolve(a *Analyzer, rules []compiled, text string, now time.Time) Steering {
	var out Steering
	if len(rules) == 0 {
		return out
	}
	words := terms(a.Analyze(text))
	for i := range rules {
		r := &rules[i]
		if !r.From.IsZero() && now.Before(r.From) || !r.Until.IsZero() && !now.Before(r.Until) || !r.agrees(words) {
			continue
		}
		out = out.and(Steering{Pin: r.Pin, Hide: r.Hide, Favour: r.Favour, Redirect: r.Redirect})
	}
	return out
}

// and adds what another steering wants; of two wishes for one product, and of
// two redirects, the first one counts.
func (s Steering) and(more Steering) Steering {
	out := Steering{
		Pin: slices.Clone(s.Pin), Hide: append(slices.Clone(s.Hide), more.Hide...),
		Favour: append(slices.Clone(s.Favour), more.Favour...), Redirect: cmp.Or(s.Redirect, more.Redirect),
	}
	for _, p := range more.Pin {
		if !slices.ContainsFunc(out.Pin, func(o Pin) bool { return o.Product == p.Product }) {
			out.Pin = append(out.Pin, p)
		}
	}
	return out
}

// clip leaves out what is more than an index takes: each rule was valid by
// itself, and no query fails because there are many.
func (s Steering) clip() Steering {
	s.Pin = s.Pin[:min(len(s.Pin), MaxValues)]
	s.Hide = s.Hide[:min(len(s.Hide), MaxQuery)]
	s.Favour = s.Favour[:min(len(s.Favour), MaxFilters)]
	return s
}

func (r *compiled) agrees(words []string) bool {
	switch {
	case r.Query == "":
		return true
	case len(r.words) == 0: // all of them would be in any query
		return false
	}
	switch r.When {
	case WhenIs:
		return slices.Equal(r.words, words)
	case WhenStarts:
		return len(words) >= len(r.words) && slices.Equal(r.words, words[:len(r.words)])
	case WhenContains:
		for _, w := range r.words {
			if !slices.Contains(words, w) {
				return false
			}
		}
		return true
	}
	return false
}

// ValidateRules returns an Invalid fault that names everything wrong with a
// list of rules, or nil.
func ValidateRules(rules []Rule) error {
	var v fault.Violations
	for i := range rules {
		v.Merge("rules["+strconv.Itoa(i)+"]", rules[i].Validate())
	}
	return v.Err("search.rule", "the rules are not valid")
}
