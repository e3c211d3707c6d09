package search

import (
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/soukhq/souk/commerce/fault"
)

// Synonym makes words find each other. With From empty every word of Words
// stands for every other; otherwise a search for From also finds Words, and
// not the other way round. Words of several terms match as a phrase.
type Synonym struct {
	From  string
	Words []string
}

// Thesaurus holds the synonyms of one language and may be replaced while
// searches run. Synonyms apply at query time, so that a new one works at once
// and no product is indexed again.
type Thesaurus struct {
	current atomic.Pointer[map[string][][]string]
	first   atomic.Pointer[map[string]int]
	version atomic.Uint64
}

// Most synonyms and words of one.
const (
	MaxSynonyms     = 5000
	maxSynonymWords = 30
	maxSynonymTerms = 8
)

// Replace puts these synonyms in place of the present ones. The analyser is
// that of the index. Kinds: Invalid.
func (t *Thesaurus) Replace(a *Analyzer, synonyms []Synonym) error {
	var v fault.Violations
	sound := true
	if len(synonyms) > MaxSynonyms {
		v.Add("synonyms", "too_many", fault.Params{"max": MaxSynonyms})
	}
	table, longest := map[string][][]string{}, map[string]int{}
	add := func(from, to []string) {
		key := strings.Join(from, " ")
		table[key] = append(table[key], to)
		longest[from[0]] = max(longest[from[0]], len(from))
	}
	for i, s := range synonyms {
		path := "synonyms[" + strconv.Itoa(i) + "]"
		if len(s.Words) > maxSynonymWords || len(s.Words) == 0 || s.From == "" && len(s.Words) < 2 {
			v.Add(path+".words", "out_of_range", fault.Params{"min": 1, "max": maxSynonymWords})
			sound = false
			continue
		}
		words := make([][]string, len(s.Words))
		for j, w := range s.Words {
			if words[j] = terms(a.Analyze(w)); len(words[j]) == 0 || len(words[j]) > maxSynonymTerms {
				v.Add(path+".words["+strconv.Itoa(j)+"]", "malformed", nil)
				sound = false
			}
		}
		from := terms(a.Analyze(s.From))
		if s.From != "" && (len(from) == 0 || len(from) > maxSynonymTerms) {
			v.Add(path+".from", "malformed", nil)
			sound = false
		}
		if !sound {
			continue
		}
		for j, w := range words {
			if s.From != "" {
				add(from, w)
				continue
			}
			for k, other := range words {
				if j != k {
					add(w, other)
				}
			}
		}
	}
	if err := v.Err("search.synonyms", "the synonyms are not valid"); err != nil {
		return err
	}
	t.current.Store(&table)
	t.first.Store(&longest)
	t.version.Add(1)
	return nil
}

// Version changes with every Replace.
func (t *Thesaurus) Version() uint64 {
	if t == nil {
		return 0
	}
	return t.version.Load()
}

// lookup returns what stands for the longest run of terms at the start of
// words, and how many of them that run has.
func (t *Thesaurus) lookup(words []string) (synonyms [][]string, n int) {
	if t == nil {
		return nil, 0
	}
	table, longest := t.current.Load(), t.first.Load()
	if table == nil || longest == nil || len(words) == 0 {
		return nil, 0
	}
	for n = min((*longest)[words[0]], len(words)); n > 0; n-- {
		if found := (*table)[strings.Join(words[:n], " ")]; found != nil {
			return found, n
		}
	}
	return nil, 0
}

// terms returns what a text is indexed as, ideograms by characters.
func terms(tokens []Token) []string {
	var out []string
	for _, t := range tokens {
		if t.Content() && t.Class != Pair && t.Class != Compound {
			out = append(out, t.Term)
		}
	}
	return out
}
