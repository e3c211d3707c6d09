package search

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"
)

// Dictionary is the vocabulary of an index: the unstemmed words of its texts
// and in how many products each is.
type Dictionary interface {
	// Frequency returns in how many products a word is.
	Frequency(ctx context.Context, word string) (int, error)

	// IsCode reports whether a term is the whole of a product's code. Codes are
	// no words: Frequency, Near and Completions do not know them.
	IsCode(ctx context.Context, term string) (bool, error)

	// Near returns the words within a distance, 1 or 2, that start with a
	// prefix. Two letters that changed places count as one.
	Near(ctx context.Context, word string, distance int, prefix string) ([]Entry, error)

	// Completions returns the most frequent words that start with a prefix.
	Completions(ctx context.Context, prefix string, most int) ([]Entry, error)
}

// Entry is a word of a dictionary.
type Entry struct {
	Word  string
	Count int
}

const (
	// rare is the frequency below which a word may be a mistake. A catalogue
	// has mistakes too.
	rare = 3
	// surer is how much more frequent than a word that does occur its
	// correction has to be.
	surer = 10
	// doubt is the same for asking whether it was meant.
	doubt = 3
	// shortest is the length of the shortest word that is corrected, and long
	// that of one in which two mistakes are likely.
	shortest = 4
	long     = 8
)

// Spelling is what may be misspelt in a plan: by the place of a word what was
// meant.
type Spelling struct {
	Fixed    map[int]string // nobody writes it so: search for this instead
	Doubtful map[int]string // somebody does: ask
}

// Correct looks for misspelt words in a plan. Numbers, codes and what is part
// of one, ideograms and short words are never touched.
func Correct(ctx context.Context, d Dictionary, p *Plan) (Spelling, error) {
	out := Spelling{Fixed: map[int]string{}, Doubtful: map[int]string{}}
	for i, w := range p.Wants {
		if w.Class != Word || utf8.RuneCountInString(w.Plain) < shortest || p.Typing && i == len(p.Wants)-1 ||
			p.numbered(i) {
			continue
		}
		known, err := d.Frequency(ctx, w.Plain)
		if err != nil {
			return out, err
		}
		if known < rare && w.Term != w.Plain {
			singular, err := d.Frequency(ctx, w.Term)
			if err != nil {
				return out, err
			}
			known += singular
		}
		if known >= rare || p.stands(i) {
			continue
		}
		code, err := p.code(ctx, d, i)
		if err != nil {
			return out, err
		}
		if code {
			continue
		}
		best, err := likely(ctx, d, w.Plain, known)
		switch {
		case err != nil:
			return out, err
		case best.Word == "":
		case best.Count > known*surer:
			out.Fixed[i] = best.Word
		default:
			out.Doubtful[i] = best.Word
		}
	}
	return out, nil
}

// code reports whether a word is a code, or is one together with others.
func (p *Plan) code(ctx context.Context, d Dictionary, want int) (bool, error) {
	if found, err := d.IsCode(ctx, p.Wants[want].Term); found || err != nil {
		return found, err
	}
	for _, l := range p.Leaves {
		if (l.Source == Coded || l.Source == Joined) && slices.Contains(l.Wants, want) {
			if found, err := d.IsCode(ctx, l.Terms[0]); found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

// stands reports whether a synonym says what a word means.
func (p *Plan) stands(want int) bool {
	return slices.ContainsFunc(p.Leaves, func(l Leaf) bool {
		return l.Source == Synonymous && slices.Contains(l.Wants, want)
	})
}

// likely returns the most frequent word one mistake away, or two in a long
// word. The first letter is rarely wrong, so that words that keep it are
// preferred.
func likely(ctx context.Context, d Dictionary, word string, known int) (Entry, error) {
	_, size := utf8.DecodeRuneInString(word)
	tries := []struct {
		distance int
		prefix   string
	}{{1, word[:size]}, {1, ""}, {2, word[:size]}}
	for _, try := range tries {
		n := utf8.RuneCountInString(word)
		if try.distance == 2 && n < long || try.prefix == "" && (known > 0 || n <= shortest) {
			continue
		}
		near, err := d.Near(ctx, word, try.distance, try.prefix)
		if err != nil {
			return Entry{}, err
		}
		best := Entry{Count: known * doubt}
		for _, e := range near {
			if e.Word != word && (e.Count > best.Count || e.Count == best.Count && best.Word != "" && e.Word < best.Word) {
				best = e
			}
		}
		if best.Word != "" {
			return best, nil
		}
	}
	return Entry{}, nil
}

// mostCompletions is how many words an unfinished one stands for.
const mostCompletions = 24

// Complete lets the last word of a plan stand for the most frequent words
// that start with it.
func Complete(ctx context.Context, d Dictionary, a *Analyzer, p *Plan) error {
	last := len(p.Wants) - 1
	if last < 0 || p.Wants[last].Class != Word {
		return nil
	}
	most := mostCompletions
	if utf8.RuneCountInString(p.Wants[last].Plain) < 3 {
		most /= 3 // the beginning of half the vocabulary: the frequent ones do
	}
	found, err := d.Completions(ctx, p.Wants[last].Plain, most)
	if err != nil {
		return err
	}
	offer(a, p, last, found, most, Prefixed)
	return nil
}

// Blur lets every word of a plan stand for words that look like it.
func Blur(ctx context.Context, d Dictionary, a *Analyzer, p *Plan) error {
	for i, w := range p.Wants {
		if w.Class != Word || utf8.RuneCountInString(w.Plain) < shortest || p.numbered(i) {
			continue
		}
		_, size := utf8.DecodeRuneInString(w.Plain)
		found, err := d.Near(ctx, w.Plain, 2, w.Plain[:size])
		if err != nil {
			return err
		}
		offer(a, p, i, found, mostCompletions, Alike)
	}
	return nil
}

func offer(a *Analyzer, p *Plan, want int, found []Entry, most int, source Source) {
	slices.SortFunc(found, func(x, y Entry) int {
		if c := cmp.Compare(y.Count, x.Count); c != 0 {
			return c
		}
		return cmp.Compare(x.Word, y.Word)
	})
	for _, e := range found[:min(most, len(found))] {
		for _, term := range terms(a.Analyze(e.Word)) {
			p.Offer(want, term, source)
		}
	}
}
