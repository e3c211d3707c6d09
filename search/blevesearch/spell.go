package blevesearch

import (
	"context"
	"maps"

	"github.com/soukhq/souk/search"
)

// dictionary is the vocabulary of a shelf, for spelling.
type dictionary struct{ *reading }

// Frequency implements [search.Dictionary].
func (d dictionary) Frequency(_ context.Context, word string) (int, error) {
	return d.shelf.vocabulary.count(d.shelf.lexicon.Lookup(word)), nil
}

// IsCode implements [search.Dictionary].
func (d dictionary) IsCode(ctx context.Context, term string) (bool, error) {
	n, err := d.count(ctx, fieldCodes, term)
	return n > 0, err
}

// mostNear is how many words are looked at for the correction of one.
const mostNear = 500

// Near implements [search.Dictionary].
func (d dictionary) Near(ctx context.Context, word string, distance int, prefix string) ([]search.Entry, error) {
	dict, err := d.snapshot.FieldDictFuzzy(fieldPlain, word, distance, prefix)
	if err != nil {
		return nil, err
	}
	var out []search.Entry
	for len(out) < mostNear {
		e, err := dict.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		out = append(out, search.Entry{Word: e.Term})
	}
	if err := dict.Close(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Count, err = d.Frequency(ctx, out[i].Word); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Completions implements [search.Dictionary].
func (d dictionary) Completions(_ context.Context, prefix string, most int) ([]search.Entry, error) {
	return d.shelf.vocabulary.complete(prefix, most), nil
}

// correct replaces misspelt words.
func (u *run) correct(ctx context.Context) error {
	c := &u.index.config
	spelling, err := search.Correct(ctx, dictionary{u.reading}, &u.plan)
	if err != nil {
		return err
	}
	if len(spelling.Doubtful) > 0 {
		maps.Copy(spelling.Doubtful, spelling.Fixed)
		u.better = u.plan.Text(spelling.Doubtful)
	}
	if len(spelling.Fixed) > 0 {
		u.corrected = u.plan.Text(spelling.Fixed)
		typing := u.plan.Typing
		u.plan = search.NewPlan(&c.Analyzer, c.Thesaurus, u.corrected, typing)
	}
	return nil
}

// complete lets the last word be the beginning of others.
func (u *run) complete(ctx context.Context) error {
	return search.Complete(ctx, dictionary{u.reading}, &u.index.config.Analyzer, &u.plan)
}

// blur lets every word stand for those that look alike.
func (u *run) blur(ctx context.Context) error {
	return search.Blur(ctx, dictionary{u.reading}, &u.index.config.Analyzer, &u.plan)
}
