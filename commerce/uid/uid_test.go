package uid_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
)

// parse checks the form of RFC 9562 and returns the milliseconds.
func parse(t require.TestingT, id string) int64 {
	require.Len(t, id, 36)
	require.Equal(t, id, strings.ToLower(id))
	for _, at := range []int{8, 13, 18, 23} {
		require.Equal(t, byte('-'), id[at], id)
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	require.NoError(t, err, id)
	require.Equal(t, byte(7), raw[6]>>4, "version of %s", id)
	require.Equal(t, byte(0b10), raw[8]>>6, "variant of %s", id)
	var ms int64
	for _, b := range raw[:6] {
		ms = ms<<8 | int64(b)
	}
	return ms
}

func TestV7HoldsTheTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, 1<<48-1).Draw(t, "ms")
		id := uid.NewV7(clock.NewManual(time.UnixMilli(ms))).New()
		require.Equal(t, ms, parse(t, id))
		require.True(t, ref.ValidID(id))
	})
}

func TestV7OutsideItsYears(t *testing.T) {
	t.Parallel()
	require.Zero(t, parse(t, uid.NewV7(clock.NewManual(time.Time{})).New()))
	require.EqualValues(t, 1<<48-1, parse(t, uid.NewV7(clock.NewManual(time.UnixMilli(1<<50))).New()))
}

func TestV7IncreasesWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
		g := uid.NewV7(c)
		last := ""
		steps := rapid.SliceOfN(rapid.Int64Range(-5000, 5000), 1, 200).Draw(t, "steps")
		for _, ms := range steps {
			c.Advance(time.Duration(ms) * time.Millisecond)
			id := g.New()
			parse(t, id)
			require.Greater(t, id, last)
			last = id
		}
	})
}

// More ids within one millisecond than the counter has room for run on into
// the next one.
func TestV7OverflowOfTheCounter(t *testing.T) {
	t.Parallel()
	g := uid.NewV7(clock.NewManual(time.UnixMilli(1_000_000)))
	last, late := "", false
	for range 20_000 {
		id := g.New()
		require.Greater(t, id, last)
		last = id
		late = late || parse(t, id) > 1_000_000
	}
	require.True(t, late)
}

func TestV7IsUniqueUnderRace(t *testing.T) {
	t.Parallel()
	g := uid.NewV7(nil)
	const workers, each = 8, 2000
	ids := make([][]string, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range each {
				ids[w] = append(ids[w], g.New())
			}
		})
	}
	wg.Wait()
	for _, own := range ids {
		require.True(t, slices.IsSorted(own), "each goroutine sees its ids increase")
	}
	all := slices.Concat(ids...)
	slices.Sort(all)
	require.Len(t, slices.Compact(all), workers*each)
}

// Two nodes that start with the same clock mint different ids.
func TestV7NodesDiffer(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.UnixMilli(1_000_000))
	a, b := uid.NewV7(c), uid.NewV7(c)
	seen := map[string]bool{}
	for range 5000 {
		seen[a.New()], seen[b.New()] = true, true
	}
	require.Len(t, seen, 10_000)
}

func TestSequence(t *testing.T) {
	t.Parallel()
	g := uid.NewSequence("order")
	require.Equal(t, "order-000001", g.New())
	require.Equal(t, "order-000002", g.New())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				g.New()
			}
		})
	}
	wg.Wait()
	require.Equal(t, "order-000403", g.New())
}

func BenchmarkV7(b *testing.B) {
	g := uid.NewV7(nil)
	b.ReportAllocs()
	for b.Loop() {
		g.New()
	}
}
