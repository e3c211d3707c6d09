package pgsearch

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"github.com/soukhq/souk/search"
)

// look reads how frequent the words of the plan are, those that were not read
// yet, in one statement.
func (u *run) look(ctx context.Context) error {
	var list []string
	add := func(word string) {
		if _, known := u.words[word]; !known && word != "" {
			u.words[word] = counts{}
			list = append(list, word)
		}
	}
	for _, w := range u.plan.Wants {
		add(w.Plain)
		add(w.Term)
	}
	for _, leaf := range u.plan.Leaves {
		if len(leaf.Terms) == 1 && leaf.Source != search.Paired && leaf.Source != search.Prefixed {
			add(leaf.Terms[0])
		}
	}
	if len(list) == 0 {
		return nil
	}
	rows, err := u.tx.Query(ctx, `SELECT word, plain, term, code FROM `+u.index.schema+`.words WHERE shard = $1 AND word = ANY($2)`,
		pgx.QueryExecModeExec, u.state.shard, list)
	if err != nil {
		return err
	}
	var word string
	var c counts
	_, err = pgx.ForEachRow(rows, []any{&word, &c.plain, &c.term, &c.code}, func() error {
		u.words[word] = c
		return nil
	})
	return err
}

// weigh finds out how much each want counts: rare words count more.
func (u *run) weigh(ctx context.Context) error {
	if err := u.look(ctx); err != nil {
		return err
	}
	seen := make([]int64, len(u.plan.Wants))
	for _, leaf := range u.plan.Leaves {
		if len(leaf.Terms) > 1 || len(leaf.Wants) > 1 {
			continue
		}
		want := leaf.Wants[0]
		if leaf.Source == search.Typed || seen[want] == 0 && leaf.Source != search.Prefixed {
			seen[want] = max(seen[want], u.words[leaf.Terms[0]].term)
		}
	}
	u.weights = make([]float64, len(seen))
	for i, n := range seen {
		u.weights[i] = math.Log(1 + float64(u.state.documents)/float64(n+1))
	}
	if slices.Max(u.weights) == 0 { // an empty index
		u.weights[0] = 1
	}
	return nil
}

// correct replaces misspelt words.
func (u *run) correct(ctx context.Context) error {
	c := &u.index.config
	spelling, err := search.Correct(ctx, dictionary{u}, &u.plan)
	if err != nil {
		return err
	}
	if len(spelling.Doubtful) > 0 {
		maps.Copy(spelling.Doubtful, spelling.Fixed)
		u.better = u.plan.Text(spelling.Doubtful)
	}
	if len(spelling.Fixed) > 0 {
		u.corrected = u.plan.Text(spelling.Fixed)
		u.plan = search.NewPlan(&c.Analyzer, c.Thesaurus, u.corrected, u.plan.Typing)
	}
	return nil
}

// blur lets every word stand for those that look alike.
func (u *run) blur(ctx context.Context) error {
	if err := u.alike(ctx, math.MaxInt64); err != nil {
		return err
	}
	return search.Blur(ctx, dictionary{u}, &u.index.config.Analyzer, &u.plan)
}

// dictionary is the vocabulary of an index, for spelling.
type dictionary struct{ *run }

// Frequency implements [search.Dictionary].
func (d dictionary) Frequency(_ context.Context, word string) (int, error) {
	return int(d.words[word].plain), nil
}

// IsCode implements [search.Dictionary].
func (d dictionary) IsCode(_ context.Context, term string) (bool, error) {
	return d.words[term].code > 0, nil
}

// Near implements [search.Dictionary].
func (d dictionary) Near(ctx context.Context, word string, distance int, prefix string) ([]search.Entry, error) {
	if _, known := d.near[word]; !known {
		if err := d.alike(ctx, d.words[word].plain); err != nil {
			return nil, err
		}
	}
	var out []search.Entry
	for _, e := range d.near[word] {
		if strings.HasPrefix(e.Word, prefix) && apart([]rune(word), []rune(e.Word)) <= distance {
			out = append(out, e)
		}
	}
	return out, nil
}

// Completions implements [search.Dictionary].
func (d dictionary) Completions(ctx context.Context, prefix string, most int) ([]search.Entry, error) {
	rows, err := d.tx.Query(ctx, `SELECT word, plain FROM `+d.index.schema+`.words
		WHERE shard = $1 AND word >= $2 AND word < $3 AND plain > 0 ORDER BY plain DESC, word LIMIT $4`,
		pgx.QueryExecModeExec, d.state.shard, prefix, prefix+string(unicode.MaxRune), most)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (search.Entry, error) {
		var e search.Entry
		err := row.Scan(&e.Word, &e.Count)
		return e, err
	})
}

// What is looked for to correct a word: mistakes in short ones leave too few
// trigrams, so that all words of its first letter are read, and those that end
// alike; a longer one is found by its trigrams.
const (
	shortest = 4
	long     = 7
	slack    = 2 // letters that a correction may be longer or shorter
)

// alike reads the words that look like those of the plan that are not more
// frequent than most, in one statement.
func (u *run) alike(ctx context.Context, most int64) error {
	var list, firsts, lasts, tails []string
	var letters []int32
	var longs []bool
	for _, w := range u.plan.Wants {
		runes := []rune(w.Plain)
		if _, known := u.near[w.Plain]; known || w.Class != search.Word || len(runes) < shortest || u.words[w.Plain].plain > max(most, rare) {
			continue
		}
		u.near[w.Plain] = nil
		tail := ""
		if len(runes) > shortest {
			tail = "%" + pattern.Replace(string(runes[2:]))
		}
		list, firsts, lasts = append(list, w.Plain), append(firsts, string(runes[0])), append(lasts, string(runes[0])+string(unicode.MaxRune))
		letters = append(letters, int32(len(runes))) //nolint:gosec // at most a query
		tails, longs = append(tails, tail), append(longs, len(runes) >= long && u.index.trigrams != "")
	}
	if len(list) == 0 {
		return nil
	}
	from := `SELECT d.word, d.plain FROM ` + u.index.schema + `.words d WHERE d.shard = $1 AND d.plain > 0 AND `
	likely := ``
	if u.index.trigrams != "" {
		likely = ` UNION ALL ` + from + `w.long AND d.word OPERATOR(` + u.index.trigrams + `.%) w.word`
	}
	rows, err := u.tx.Query(ctx, `SELECT w.word, c.word, c.plain
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bool[]) AS w(word, low, high, tail, letters, long)
		CROSS JOIN LATERAL (
			`+from+`NOT w.long AND d.word >= w.low COLLATE "C" AND d.word < w.high COLLATE "C"
				AND char_length(d.word) BETWEEN w.letters - $8::int AND w.letters + $8::int
			UNION ALL `+from+`NOT w.long AND w.tail <> '' AND d.word LIKE w.tail AND NOT (d.word >= w.low COLLATE "C" AND d.word < w.high COLLATE "C")
			`+likely+`) c`,
		pgx.QueryExecModeExec, u.state.shard, list, firsts, lasts, tails, letters, longs, slack)
	if err != nil {
		return err
	}
	var word string
	var e search.Entry
	_, err = pgx.ForEachRow(rows, []any{&word, &e.Word, &e.Count}, func() error {
		if e.Word != word && !strings.ContainsFunc(e.Word, unicode.IsDigit) {
			u.near[word] = append(u.near[word], e)
		}
		return nil
	})
	return err
}

// rare is the frequency above which no word is looked up to be corrected.
const rare = 2

var pattern = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`) //nolint:gochecknoglobals // never changed

// apart returns how many letters were left out, put in, replaced or exchanged
// with their neighbour between two words.
func apart(a, b []rune) int {
	if n := len(a) - len(b); n > slack || -n > slack {
		return slack + 1
	}
	before, last, this := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		this[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			this[j] = min(last[j]+1, this[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				this[j] = min(this[j], before[j-2]+1)
			}
		}
		before, last, this = last, this, before
	}
	return last[len(b)]
}
