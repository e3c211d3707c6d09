package search

import (
	"context"
	"slices"
	"strings"
)

// Finish adds texts in which the last word of a plan is complete, with the
// number of products that have that word, until there are limit queries. It
// adds nothing where the last word is not being typed. Kinds: those of d.
func (s *Suggestions) Finish(ctx context.Context, d Dictionary, p *Plan, text string, limit int) error {
	last := len(p.Wants) - 1
	if last < 0 || !p.Typing || p.Wants[last].Class != Word || len(s.Queries) >= limit {
		return nil
	}
	words, err := d.Completions(ctx, p.Wants[last].Plain, limit)
	if err != nil {
		return err
	}
	before := strings.TrimRight(text, " ")
	before = before[:strings.LastIndexAny(before, " \t")+1]
	for _, w := range words {
		if len(s.Queries) >= limit {
			break
		}
		whole := before + w.Word
		if !slices.ContainsFunc(s.Queries, func(q QuerySuggestion) bool { return strings.EqualFold(q.Text, whole) }) {
			s.Queries = append(s.Queries, QuerySuggestion{Text: whole, Count: w.Count})
		}
	}
	return nil
}
