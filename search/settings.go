package search

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// MaxRules bounds the rules of a channel.
const MaxRules = 1000

// Settings is what merchandising decides for the search of one channel.
type Settings struct {
	Channel ref.ChannelID
	// Synonyms are the shop's own.
	Synonyms []Synonym
	// Defaults adds [DefaultSynonyms] of the channel's language.
	Defaults  bool
	Rules     []Rule
	UpdatedAt time.Time
	Version   int64
}

// Clone returns a copy that shares nothing with s.
func (s Settings) Clone() Settings {
	s.Synonyms = slices.Clone(s.Synonyms)
	for i := range s.Synonyms {
		s.Synonyms[i].Words = slices.Clone(s.Synonyms[i].Words)
	}
	s.Rules = slices.Clone(s.Rules)
	for i := range s.Rules {
		s.Rules[i] = s.Rules[i].Clone()
	}
	return s
}

// Clone returns a copy that shares nothing with r.
func (r Rule) Clone() Rule {
	r.Pin, r.Hide = slices.Clone(r.Pin), slices.Clone(r.Hide)
	r.Favour = slices.Clone(r.Favour)
	for i := range r.Favour {
		f := &r.Favour[i]
		f.Products = slices.Clone(f.Products)
		if f.Filter != nil {
			filter := f.Filter.Clone()
			f.Filter = &filter
		}
	}
	return r
}

// Clone returns a copy that shares nothing with f.
func (f Filter) Clone() Filter {
	f.Any = slices.Clone(f.Any)
	for _, bound := range []**float64{&f.Min, &f.Max} {
		if *bound != nil {
			value := **bound
			*bound = &value
		}
	}
	return f
}
