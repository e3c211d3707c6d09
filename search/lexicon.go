package search

import (
	"slices"
	"sync"
)

// Lexicon numbers words, so that texts can be kept and compared as numbers.
// It only grows. Its zero value is ready, and it is safe for concurrent use.
type Lexicon struct {
	mu    sync.RWMutex
	ids   map[string]uint32
	words []string
}

// The numbers of a passage that are no words. Those of words start above.
const (
	markBreak   = 1
	markPurpose = 2
	firstWord   = 8
	numberFlag  = 1 << 31
	wordMask    = numberFlag - 1
)

// Lookup returns the number of a word, 0 for one that no text has.
func (l *Lexicon) Lookup(word string) uint32 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.ids[word]
}

// Number returns the number of a word and gives it one if it has none.
func (l *Lexicon) Number(word string) uint32 {
	if n := l.Lookup(word); n != 0 {
		return n
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil {
		l.ids = map[string]uint32{}
	}
	n := l.ids[word]
	if n == 0 {
		n = uint32(len(l.ids)) + firstWord //nolint:gosec // a vocabulary has far less than 2^31 words
		l.ids[word] = n
		l.words = append(l.words, word)
	}
	return n
}

// Word returns the word of a number, "" where there is none.
func (l *Lexicon) Word(number uint32) string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if number < firstWord || int(number-firstWord) >= len(l.words) {
		return ""
	}
	return l.words[number-firstWord]
}

// Len returns how many words there are.
func (l *Lexicon) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.ids)
}

// Passage is a text as numbers, in order, phrases kept apart by marks.
type Passage []uint32

// Passage numbers the words of tokens.
func (l *Lexicon) Passage(tokens []Token) Passage {
	p := make(Passage, 0, len(tokens))
	for _, t := range tokens {
		switch {
		case t.Class == Break:
			p = append(p, markBreak)
		case t.Class == Purpose:
			p = append(p, markPurpose)
		case t.Class == Number:
			p = append(p, l.Number(t.Term)|numberFlag)
		case t.Class == Word || t.Class == Ideogram:
			p = append(p, l.Number(t.Term))
		}
	}
	return p
}

// Has reports whether the text has these terms in a row.
func (p Passage) Has(l *Lexicon, terms []string) bool {
	numbers := make(Passage, len(terms))
	for i, term := range terms {
		if numbers[i] = l.Lookup(term); numbers[i] == 0 {
			return false
		}
	}
	for start := 0; start+len(numbers) <= len(p); start++ {
		i := 0
		for i < len(numbers) && p[start+i]&wordMask == numbers[i] {
			i++
		}
		if i == len(numbers) {
			return true
		}
	}
	return false
}

// Words returns the numbers of the words of tokens, sorted.
func (l *Lexicon) Words(lists ...[]Token) []uint32 {
	var out []uint32
	for _, tokens := range lists {
		for _, t := range tokens {
			if t.Class == Word || t.Class == Ideogram {
				out = append(out, l.Number(t.Term))
			}
		}
	}
	slices.Sort(out)
	return slices.Clip(slices.Compact(out))
}

// Plains returns the numbers of the unstemmed words of tokens, sorted.
func (l *Lexicon) Plains(lists ...[]Token) []uint32 {
	var out []uint32
	for _, tokens := range lists {
		for _, t := range tokens {
			if t.Class == Word || t.Class == Number || t.Class == Compound {
				out = append(out, l.Number(t.Plain))
			}
		}
	}
	slices.Sort(out)
	return slices.Clip(slices.Compact(out))
}
