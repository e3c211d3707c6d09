package clock_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/clock"
)

func requireNormal(t require.TestingT, at time.Time) {
	require.Equal(t, time.UTC, at.Location())
	require.Zero(t, at.Nanosecond()%1000)
	require.Equal(t, at, at.Round(0), "no monotonic reading")
}

func TestSystem(t *testing.T) {
	t.Parallel()
	before := time.Now()
	got := clock.System{}.Now()
	requireNormal(t, got)
	require.WithinRange(t, got, before.Add(-time.Microsecond), time.Now())
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).
			In(time.FixedZone("x", rapid.IntRange(-14*3600, 14*3600).Draw(t, "offset")))
		got := clock.Normalize(at)
		requireNormal(t, got)
		require.False(t, got.After(at), "never into the future")
		require.Less(t, at.Sub(got), time.Microsecond)
		require.Equal(t, got, clock.Normalize(got))
		require.True(t, got.Equal(time.UnixMicro(got.UnixMicro())), "a store's microseconds bring it back")
	})
}

func TestManual(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 14, 12, 0, 0, 1999, time.FixedZone("CST", 8*3600))
	c := clock.NewManual(start)
	requireNormal(t, c.Now())
	require.Equal(t, c.Now(), c.Now(), "it stands still")
	require.Equal(t, time.Date(2026, 3, 14, 4, 15, 0, 1000, time.UTC), c.Advance(15*time.Minute))
	require.Equal(t, time.Date(2026, 3, 14, 4, 14, 0, 1000, time.UTC), c.Advance(-time.Minute))
	c.Set(start)
	require.Equal(t, clock.Normalize(start), c.Now())
	require.Equal(t, c.Now(), c.Advance(999), "less than a microsecond is nothing")
}

func TestManualIsSafe(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Unix(0, 0))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				c.Advance(time.Microsecond)
				_ = c.Now()
			}
		})
	}
	wg.Wait()
	require.Equal(t, time.UnixMicro(800).UTC(), c.Now())
}
