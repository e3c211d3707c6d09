package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/storage"
)

func memberAttemptCases() []Case {
	return []Case{
		{Name: "attempts are counted in a window that starts anew", Run: attemptWindow},
		{Name: "of N concurrent attempts none is lost", Run: attemptRace, Apart: true},
		{Name: "cleared counts begin at one", Run: attemptClear},
		{Name: "purging takes what is over, in batches", Run: attemptPurge, Apart: true},
	}
}

func attemptWindow(t T, s storage.Stores) {
	a, b := newID(), newID()
	count := func(now time.Time, keys ...string) []member.Attempts {
		got, err := s.SignInAttempts.Count(t.Context(), keys, now, time.Minute)
		require.NoError(t, err)
		return got
	}
	start, later := noon(), noon().Add(time.Second)
	require.Equal(t, []member.Attempts{{Key: a, N: 1, Since: start}}, count(start, a))
	// the later id first: the answer is in the order of the argument
	require.Equal(t, []member.Attempts{{Key: b, N: 1, Since: later}, {Key: a, N: 2, Since: start}}, count(later, b, a))
	last := start.Add(time.Minute - time.Microsecond)
	require.Equal(t, []member.Attempts{{Key: a, N: 3, Since: start}}, count(last, a))
	over := start.Add(time.Minute)
	require.Equal(t, []member.Attempts{{Key: a, N: 1, Since: over}, {Key: b, N: 2, Since: later}}, count(over, a, b))
}

func attemptRace(t T, s storage.Stores) {
	a, b := newID(), newID()
	const n = 24
	errs := together(t.Context(), n, func(ctx context.Context, i int) error {
		keys := []string{a, b}
		if i%2 == 0 {
			keys = []string{b, a}
		}
		_, err := s.SignInAttempts.Count(ctx, keys, noon(), time.Minute)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	got, err := s.SignInAttempts.Count(t.Context(), []string{a, b}, noon(), time.Minute)
	require.NoError(t, err)
	require.Equal(t, []member.Attempts{{Key: a, N: n + 1, Since: noon()}, {Key: b, N: n + 1, Since: noon()}}, got)
}

func attemptClear(t T, s storage.Stores) {
	a, b := newID(), newID()
	for range 3 {
		_, err := s.SignInAttempts.Count(t.Context(), []string{a, b}, noon(), time.Minute)
		require.NoError(t, err)
	}
	require.NoError(t, s.SignInAttempts.Clear(t.Context(), []string{a, newID()}))
	require.NoError(t, s.SignInAttempts.Clear(t.Context(), nil))
	got, err := s.SignInAttempts.Count(t.Context(), []string{a, b}, noon(), time.Minute)
	require.NoError(t, err)
	require.Equal(t, 1, got[0].N)
	require.Equal(t, 4, got[1].N)
}

func attemptPurge(t T, s storage.Stores) {
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) // before any other case's
	keys := []string{newID(), newID(), newID()}
	for i, k := range keys {
		_, err := s.SignInAttempts.Count(t.Context(), []string{k}, old.Add(time.Duration(i)*time.Second), time.Minute)
		require.NoError(t, err)
	}
	n, err := s.SignInAttempts.Purge(t.Context(), old.Add(2*time.Second), 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	n, err = s.SignInAttempts.Purge(t.Context(), old.Add(2*time.Second), 100)
	require.NoError(t, err)
	require.Equal(t, 1, n, "before is exclusive")
	got, err := s.SignInAttempts.Count(t.Context(), []string{keys[2], keys[0]}, old.Add(3*time.Second), time.Minute)
	require.NoError(t, err)
	require.Equal(t, 2, got[0].N)
	require.Equal(t, 1, got[1].N)
	n, err = s.SignInAttempts.Purge(t.Context(), old.Add(time.Hour), 100)
	require.NoError(t, err)
	require.Equal(t, 2, n)
}
