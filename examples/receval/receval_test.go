package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// values runs the command and reads its name=value lines.
func values(t *testing.T, args ...string) map[string]float64 {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), args, &out, io.Discard))
	all := map[string]float64{}
	for line := range strings.Lines(out.String()) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "=")
		require.True(t, found, line)
		if name == "model" {
			continue
		}
		number, err := strconv.ParseFloat(value, 64)
		require.NoError(t, err, line)
		all[name] = number
	}
	return all
}

// twoTastes are users of whom the even ones buy the even items.
func twoTastes(users int) (train, test string) {
	for u := range users {
		train += fmt.Sprintf("u%d", u)
		for i := range 5 {
			train += fmt.Sprintf(" i%d", (u/2+i)%6*2+u%2)
		}
		train += "\n"
		test += fmt.Sprintf("u%d i%d\n", u, (u/2+5)%6*2+u%2)
	}
	return train, test + "nobody i1\nlazy\n"
}

func TestEveryModelFindsTheTwoTastes(t *testing.T) {
	t.Parallel()
	train, test := twoTastes(60)
	trainFile, testFile := write(t, "train.txt", train), write(t, "test.txt", test)
	for _, model := range []string{"auto", "itemknn", "rp3beta", "als", "ease"} {
		v := values(t, "--train", trainFile, "--test", testFile, "--k", "1", "--model", model)
		require.InDelta(t, 60./61, v["recall"], .02, model)
		require.InDelta(t, v["recall"], v["ndcg"], 1e-3, "of lists of one")
		require.InDelta(t, 61, v["tested"], 0, "who has nothing to find is not asked")
		require.InDelta(t, 1, v["coverage"], 0)
	}
	v := values(t, "--train", trainFile, "--test", testFile, "--k", "1", "--model", "popular")
	require.Less(t, v["recall"], .7)
	for _, name := range []string{"fit_seconds", "peak_mib", "p50_ms", "p99_ms"} {
		require.Contains(t, v, name)
		require.GreaterOrEqual(t, v[name], 0.)
	}
}

func TestBaskets(t *testing.T) {
	t.Parallel()
	train := strings.Repeat("1 tea pot cup\n2 saw nail hammer\n", 20)
	v := values(t, "--baskets", "--train", write(t, "a", train), "--test", write(t, "b", "7 tea pot cup\n8 saw nail hammer\n9 tea unknown\n10 alone\n"))
	require.InDelta(t, 2./3, v["hit_rate@10"], 1e-3)
	require.InDelta(t, 3, v["tested"], 0)
	require.InDelta(t, 40, v["users"], 0, "every line is a basket, whatever its id")
}

func TestTheConverters(t *testing.T) {
	t.Parallel()
	lines := write(t, "lines.tsv", "invoice\tstock_code\tqty\tts\tunit_price\tcustomer\tcountry\n"+
		"2\t22222\t1\t2011-03-01 09:00\t1.5\t\tUK\n"+
		"1\t11111a\t2\t2011-02-28 09:00\t1.5\t\tUK\n"+
		"1\t11111A\t2\t2011-02-28 09:00\t1.5\t\tUK\n"+
		"1\t22222\t2\t2011-02-28 09:01\t10\t\tUK\n"+
		"1\tPOST\t1\t2011-02-28 09:00\t1.5\t\tUK\n"+
		"1\t33333\t-2\t2011-02-28 09:00\t1.5\t\tUK\n"+
		"1\t33333\t2\t2011-02-28 09:00\t0.00\t\tUK\n"+
		"C3\t33333\t2\t2011-02-28 09:00\t1.5\t\tUK\n")
	train, test := filepath.Join(t.TempDir(), "train.gz"), filepath.Join(t.TempDir(), "test")
	require.NoError(t, run(t.Context(), []string{"orders", lines, "--train", train, "--test", test}, io.Discard, io.Discard))
	require.Equal(t, "1 [11111A 22222]\n", content(t, train))
	require.Equal(t, "2 [22222]\n", content(t, test))

	lines = write(t, "lines.txt", "a 1 2 3\nb 1\n\nc 4 5\n")
	require.NoError(t, run(t.Context(), []string{"last", lines, "--train", train, "--test", test}, io.Discard, io.Discard))
	require.Equal(t, "a [1 2]\nc [4]\n", content(t, train))
	require.Equal(t, "a [3]\nc [5]\n", content(t, test))
}

func content(t *testing.T, name string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, eachUser(name, func(user string, items []string) error {
		_, err := fmt.Fprintln(&b, user, items)
		return err
	}))
	return b.String()
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	good := write(t, "good", "1 2 3\n")
	empty := write(t, "empty", "\n")
	broken := write(t, "broken.gz", "no archive")
	for name, args := range map[string][]string{
		"no file":       {"--train", "nowhere", "--test", good},
		"unknown model": {"--train", good, "--test", good, "--model", "magic"},
		"no length":     {"--train", good, "--test", good, "--k", "0"},
		"nobody":        {"--train", good, "--test", empty},
		"broken":        {"--train", broken, "--test", good},
		"few columns":   {"orders", good, "--train", empty, "--test", empty + "2"},
	} {
		if name == "few columns" {
			args[1] = write(t, "columns", "head\n1 2\n")
		}
		require.Error(t, run(t.Context(), args, io.Discard, io.Discard), name)
	}
	v := values(t, "--train", good, "--test", write(t, "other", "4 2\n"), "--k", "1000000000000000000")
	require.InDelta(t, 1, v["recall"], 0, "a list is never longer than the catalogue")
	v = values(t, "--train", empty, "--test", good)
	require.Zero(t, v["recall"], "an empty file teaches nothing")
}
