package blevesearch

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/soukhq/souk/search"
)

// vocabulary counts in how many products each word of the texts is, for
// spelling and completion. The engine's dictionaries could tell too, segment
// by segment and a hundred times slower.
type vocabulary struct {
	mu     sync.RWMutex
	counts []int32  // by the number of the word
	sorted []uint32 // numbers, by word
	fresh  []uint32 // numbers that are not sorted in yet
	words  []string // by number
}

// mostFresh is how many new words are looked through one by one.
const mostFresh = 512

// add counts the words of a row, by 1 or by -1.
func (v *vocabulary) add(l *search.Lexicon, numbers []uint32, by int32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range numbers {
		if int(n) >= len(v.counts) {
			size := int(n) + 1024
			v.counts = append(v.counts, make([]int32, size-len(v.counts))...)
			v.words = append(v.words, make([]string, size-len(v.words))...)
		}
		if v.words[n] == "" {
			v.words[n] = l.Word(n)
			v.fresh = append(v.fresh, n)
		}
		v.counts[n] += by
	}
	if len(v.fresh) > mostFresh+len(v.sorted)/8 {
		v.sorted = append(v.sorted, v.fresh...)
		v.fresh = v.fresh[:0]
		slices.SortFunc(v.sorted, func(a, b uint32) int { return strings.Compare(v.words[a], v.words[b]) })
	}
}

// count returns in how many products a word is.
func (v *vocabulary) count(number uint32) int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if int(number) >= len(v.counts) {
		return 0
	}
	return int(v.counts[number])
}

// complete returns the most frequent words that start with a prefix.
func (v *vocabulary) complete(prefix string, most int) []search.Entry {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []search.Entry
	note := func(n uint32) {
		if v.counts[n] == 0 || len(out) == most && int(v.counts[n]) < out[most-1].Count {
			return
		}
		e := search.Entry{Word: v.words[n], Count: int(v.counts[n])}
		if len(out) == most && !frequent(e, out[most-1]) {
			return
		}
		at := sort.Search(len(out), func(i int) bool { return frequent(e, out[i]) })
		out = slices.Insert(out, at, e)
		out = out[:min(len(out), most)]
	}
	from := sort.Search(len(v.sorted), func(i int) bool { return v.words[v.sorted[i]] >= prefix })
	with := sort.Search(len(v.sorted)-from, func(i int) bool { return !strings.HasPrefix(v.words[v.sorted[from+i]], prefix) })
	for _, n := range v.sorted[from : from+with] {
		note(n)
	}
	for _, n := range v.fresh {
		if strings.HasPrefix(v.words[n], prefix) {
			note(n)
		}
	}
	return out
}

// frequent reports whether a comes before b.
func frequent(a, b search.Entry) bool {
	return a.Count > b.Count || a.Count == b.Count && a.Word < b.Word
}
