package search

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
)

// QueryBook holds the queries that shoppers ask most, for suggestions. It is
// filled from the query log and may be replaced while it is read. Its zero
// value is empty.
type QueryBook struct {
	current atomic.Pointer[[]noted]
}

type noted struct {
	folded string
	QuerySuggestion
}

// mostNoted bounds the book.
const mostNoted = 100_000

// Replace puts these queries in place of the present ones. Of more than
// 100,000 the most frequent are kept.
func (b *QueryBook) Replace(queries []QuerySuggestion) {
	list := make([]noted, 0, len(queries))
	for _, q := range queries {
		if folded := strings.Join(strings.Fields(Fold(q.Text)), " "); folded != "" && len(q.Text) <= maxName {
			list = append(list, noted{folded, q})
		}
	}
	slices.SortStableFunc(list, func(x, y noted) int { return cmp.Compare(y.Count, x.Count) })
	list = list[:min(len(list), mostNoted)]
	slices.SortStableFunc(list, func(x, y noted) int { return cmp.Compare(x.folded, y.folded) })
	list = slices.CompactFunc(list, func(x, y noted) bool { return x.folded == y.folded })
	b.current.Store(&list)
}

// Complete returns the most frequent queries that start with a text.
func (b *QueryBook) Complete(text string, most int) []QuerySuggestion {
	if b == nil {
		return nil
	}
	list := b.current.Load()
	prefix := strings.Join(strings.Fields(Fold(text)), " ")
	if list == nil || prefix == "" {
		return nil
	}
	if strings.HasSuffix(text, " ") {
		prefix += " "
	}
	from := sort.Search(len(*list), func(i int) bool { return (*list)[i].folded >= prefix })
	var out []QuerySuggestion
	for _, q := range (*list)[from:] {
		if !strings.HasPrefix(q.folded, prefix) {
			break
		}
		if len(out) == most && out[most-1].Count >= q.Count {
			continue
		}
		at, _ := slices.BinarySearchFunc(out, q.Count, func(o QuerySuggestion, count int) int { return cmp.Compare(count, o.Count) })
		for at < len(out) && out[at].Count == q.Count {
			at++
		}
		out = slices.Insert(out, at, q.QuerySuggestion)
		out = out[:min(len(out), most)]
	}
	return out
}
