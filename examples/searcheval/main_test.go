package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/pgtest"
)

// write makes a file of lines, gzipped where its name says so.
func write(t *testing.T, name string, lines ...string) string {
	t.Helper()
	raw := []byte(strings.Join(lines, "\n") + "\n")
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(raw)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		raw = b.Bytes()
	}
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

func TestRun(t *testing.T) {
	t.Parallel()
	products := write(t, "p.jsonl.gz",
		`{"id":"1","name":"Walnut desk lamp","supplier":"Lumo","price":4900,"attrs":{"t_colour":"Brown","n_power":9,"b_dimmable":true}}`,
		`{"id":2,"title":"Linen shade for desk lamp","name":"LS-2","price":"19.00","categories":["Home","Shades"]}`,
		`{"id":"3","name":"书桌","brief":"实木","category":"家具","parent":"居家","retail_price":"899.00"}`,
		`{"id":"4"}`,
	)
	queries := write(t, "q.tsv", "split\tqid\tquery", "dev\ta\tdesk lamp", "dev\tb\txyzzyqqq", "dev\tc\tdimmable", "dev\td\tunjudged")
	qrels := write(t, "r.tsv", "docid\tqid\trating", "1\ta\t0", "2\ta\t3", "1\tb\t3", "1\tc\t1")
	for _, index := range [][]string{nil, {"--dir", t.TempDir()}, {"--postgres", pgtest.Quick(t).URL(t)}} {
		measured(t, append(index, "--products", products, "--queries", queries, "--qrels", qrels))
	}
}

func measured(t *testing.T, args []string) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out))

	var names []string
	values := map[string]string{}
	for line := range strings.Lines(out.String()) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "=")
		require.True(t, found, line)
		require.Regexp(t, regexp.MustCompile(`^\d+\.\d+$`), value)
		names, values[name] = append(names, name), value
	}
	require.Equal(t, []string{"ndcg@10", "condensed_ndcg@10", "zero_result_rate", "index_seconds", "p50_ms", "p99_ms"}, names)
	// a: the good one is second, 1/log2(3); b: nothing; c: found by an attribute that is simply there.
	require.Equal(t, "0.5436", values["ndcg@10"])
	require.Equal(t, "0.5000", values["zero_result_rate"])
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := write(t, "p.jsonl", `{"id":"1","name":"lamp"}`)
	queries, qrels := write(t, "q.tsv", "qid\tquery", "a\tlamp"), write(t, "r.tsv", "qid\tdocid\trating", "a\t1\t1")
	for want, args := range map[string][]string{
		"missing flags":       {"--products", good},
		"line 2":              {"--products", write(t, "bad.jsonl", `{"id":"1"}`, `{"id":`), "--queries", queries, "--qrels", qrels},
		"documents[0].id":     {"--products", write(t, "bad.jsonl", `{"id":""}`), "--queries", queries, "--qrels", qrels},
		`no column "query"`:   {"--products", good, "--queries", write(t, "q.tsv", "qid\ttext", "a\tlamp"), "--qrels", qrels},
		"no query":            {"--products", good, "--queries", write(t, "q.tsv", "qid\tquery", "a"), "--qrels", qrels},
		`rating "x" is not a`: {"--products", good, "--queries", queries, "--qrels", write(t, "r.tsv", "qid\tdocid\trating", "a\t1\tx")},
	} {
		err := run(t.Context(), args, &bytes.Buffer{})
		require.ErrorContains(t, err, want)
	}
}
