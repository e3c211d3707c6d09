package page_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{0: page.DefaultLimit, 1: 1, page.MaxLimit: page.MaxLimit} {
		got, err := page.Request{Limit: limit}.Size()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, limit := range []int{-1, page.MaxLimit + 1} {
		_, err := page.Request{Limit: limit}.Size()
		require.ErrorIs(t, err, fault.Invalid)
		require.Equal(t, "page.limit", fault.CodeOf(err))
	}
}

func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.StringMatching(`[a-z]+\.[a-z]+`).Draw(t, "list")
		var key []string // any bytes: an adapter may keep a binary key
		for _, part := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 200), 1, 5).Draw(t, "key") {
			key = append(key, string(part))
		}
		c := page.Encode(list, key...)
		got, err := page.Decode(list, c, len(key))
		require.NoError(t, err)
		require.Equal(t, key, got)

		_, err = page.Decode(list, c, len(key)+1)
		require.Equal(t, "page.cursor", fault.CodeOf(err))
		_, err = page.Decode(list+"x", c, len(key))
		require.Equal(t, "page.cursor", fault.CodeOf(err), "the cursor of another list")
	})
}

func TestEmptyCursorIsTheBeginning(t *testing.T) {
	t.Parallel()
	key, err := page.Decode("order.newest", "", 2)
	require.NoError(t, err)
	require.Nil(t, key)
}

// The longest key of an index comes back.
func TestLongKey(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2900)
	key, err := page.Decode("a.b", page.Encode("a.b", long, "id"), 2)
	require.NoError(t, err)
	require.Equal(t, []string{long, "id"}, key)
}

func TestDamagedCursors(t *testing.T) {
	t.Parallel()
	good := string(page.Encode("order.newest", "2026", "id"))
	damaged := []string{
		".", "x", "junk.junk", good + "A", good[1:], "é" + good, strings.Repeat("A", 1<<20),
		strings.Repeat("a", 10) + "." + strings.Repeat("A", 5000),
	}
	for i := range good { // each byte, changed
		b := []byte(good)
		b[i] ^= 1
		damaged = append(damaged, string(b))
	}
	for _, c := range damaged {
		_, err := page.Decode("order.newest", page.Cursor(c), 2)
		require.ErrorIs(t, err, fault.Invalid, "%q", c)
		var f *fault.Fault
		require.True(t, errors.As(err, &f))
		require.Equal(t, "after", f.Fields[0].Path)
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	got := page.Map(page.Page[int]{Items: []int{1, 2}, Next: "n"}, func(i int) string { return strings.Repeat("x", i) })
	require.Equal(t, page.Page[string]{Items: []string{"x", "xx"}, Next: "n"}, got)
	require.Empty(t, page.Map(page.Page[int]{}, func(i int) int { return i }).Items)
}

// FuzzDecode: no cursor is a crash; one that is accepted means the same when
// it is made anew.
func FuzzDecode(f *testing.F) {
	f.Add(string(page.Encode("order.newest", "2026-03-14", "id")), 2)
	f.Add(string(page.Encode("order.newest")), 0)
	f.Add(string(page.Encode("order.newest", "\x00\xff")), 1)
	f.Add("1.AA", 1)
	f.Add("0.", 0)
	f.Fuzz(func(t *testing.T, cursor string, n int) {
		n = max(min(n, 16), 0)
		key, err := page.Decode("order.newest", page.Cursor(cursor), n)
		if err != nil {
			if !errors.Is(err, fault.Invalid) || key != nil {
				t.Fatal(err)
			}
			return
		}
		if cursor == "" {
			return
		}
		again, err := page.Decode("order.newest", page.Encode("order.newest", key...), n)
		if err != nil || !slices.Equal(key, again) {
			t.Fatalf("%q: %v, %v", cursor, again, err)
		}
	})
}
