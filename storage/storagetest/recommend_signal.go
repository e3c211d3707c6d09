package storagetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/storage"
)

func recommendSignalCases() []Case {
	return []Case{
		{Name: "signals come back as they were, in the order in which they were appended", Run: signalRoundTrip},
		{Name: "what a failed unit appended is not there", Run: signalUndone, Apart: true},
		{Name: "a signal whose id is known is left out", Run: signalDuplicate},
		{Name: "a reader who goes on from where it was misses no signal of N writers", Run: signalRace, Apart: true},
		{Name: "a member is forgotten, with what was done before signing in", Run: signalForget},
		{Name: "purging takes the oldest of the kinds it is told, in batches, and of what members hid that of erased ones", Run: signalPurge, Apart: true},
	}
}

func newSignal(session string) recommend.Event {
	return recommend.Event{
		ID: newID(), Kind: recommend.View, Product: ref.ProductID(newID()), At: noon(),
		Visitor: recommend.Visitor{Session: session},
	}
}

// signalsOf reads all there are, a few at a time, and returns those that were
// done in one of the sessions.
func signalsOf(t T, s storage.Stores, sessions ...string) []recommend.Event {
	t.Helper()
	var out []recommend.Event
	for after := int64(0); ; {
		got, err := s.Signals.Read(t.Context(), after, 100)
		require.NoError(t, err)
		require.LessOrEqual(t, len(got), 100)
		if len(got) == 0 {
			return out
		}
		for _, x := range got {
			require.Greater(t, x.Position, after)
			after = x.Position
			if slices.Contains(sessions, x.Visitor.Session) {
				out = append(out, x.Event)
			}
		}
	}
}

func signalRoundTrip(t T, s storage.Stores) {
	session := hard()
	full := recommend.Event{
		ID: hard(), Kind: recommend.CartAdd, Product: ref.ProductID(hard()), Basket: hard(), At: noon().Add(-time.Hour),
		Visitor: recommend.Visitor{
			Member: ref.MemberID(hard()), Session: session, Segments: []recommend.Segment{"region=cn/region=cn-sh", "new"},
		},
	}
	hidden, third := newSignal(session), newSignal(session)
	hidden.Kind = recommend.Hide
	require.NoError(t, s.Signals.Append(t.Context(), []recommend.Event{third, full}))
	require.NoError(t, s.Signals.Append(t.Context(), []recommend.Event{hidden}))
	require.NoError(t, s.Signals.Append(t.Context(), nil))
	require.Equal(t, []recommend.Event{third, full, hidden}, signalsOf(t, s, session))
	got, err := s.Signals.Read(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Len(t, got, 1)
}

func signalUndone(t T, s storage.Stores) {
	session := newID()
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Signals.Append(ctx, []recommend.Event{newSignal(session)}))
		return errRehearsal
	}), errRehearsal)
	require.Empty(t, signalsOf(t, s, session))
}

func signalDuplicate(t T, s storage.Stores) {
	session := newID()
	a, b, c := newSignal(session), newSignal(session), newSignal(session)
	require.NoError(t, s.Signals.Append(t.Context(), []recommend.Event{a, b, a}))
	again := c
	again.ID = b.ID
	require.NoError(t, s.Signals.Append(t.Context(), []recommend.Event{again, c}))
	require.Equal(t, []recommend.Event{a, b, c}, signalsOf(t, s, session))
}

func signalRace(t T, s storage.Stores) {
	const writers, times = 8, 5
	session := newID()
	var mu sync.Mutex
	var read []string
	done := make(chan struct{})
	follow := func() error { // from 0 to the end, once, while others append
		for after, last := int64(0), false; ; {
			got, err := s.Signals.Read(t.Context(), after, 50)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, x := range got {
				after = x.Position
				if x.Visitor.Session == session {
					read = append(read, x.ID)
				}
			}
			mu.Unlock()
			if len(got) == 0 && last {
				return nil
			}
			select {
			case <-done:
				last = len(got) == 0
			case <-time.After(time.Millisecond):
			}
		}
	}
	var reader sync.WaitGroup
	var failed error
	reader.Go(func() { failed = follow() })
	var want []string
	errs := together(t.Context(), writers, func(ctx context.Context, i int) error {
		for range times {
			batch := []recommend.Event{newSignal(session), newSignal(session)}
			err := s.Units.Do(ctx, func(ctx context.Context) error {
				if err := s.Signals.Append(ctx, batch); err != nil {
					return err
				}
				<-time.After(time.Duration(i) * 200 * time.Microsecond) // the later ones may commit before
				return nil
			})
			if err != nil {
				return err
			}
			mu.Lock()
			want = append(want, batch[0].ID, batch[1].ID)
			mu.Unlock()
		}
		return nil
	})
	close(done)
	reader.Wait()
	require.NoError(t, errors.Join(append(errs, failed)...))
	require.ElementsMatch(t, want, read)
}

func signalForget(t T, s storage.Stores) {
	ann, bo := ref.MemberID(newID()), ref.MemberID(newID())
	shared, other := newID(), newID()
	before, mine, hers, his, foreign := newSignal(shared), newSignal(shared), newSignal(other), newSignal(shared), newSignal(newID())
	mine.Visitor.Member, hers.Visitor.Member, his.Visitor.Member = ann, ann, bo
	require.NoError(t, s.Signals.Append(t.Context(), []recommend.Event{before, mine, hers, his, foreign}))
	require.NoError(t, s.Signals.Forget(t.Context(), []ref.MemberID{ref.MemberID(newID())}))
	require.NoError(t, s.Signals.Forget(t.Context(), nil))
	require.Len(t, signalsOf(t, s, shared, other), 4)
	require.NoError(t, s.Signals.Forget(t.Context(), []ref.MemberID{ann, ref.MemberID(newID())}))
	require.Equal(t, []recommend.Event{his}, signalsOf(t, s, shared, other))
	require.Len(t, signalsOf(t, s, foreign.Visitor.Session), 1)
}

// signalPurge is one case, for a purge takes whatever is old enough: two cases
// at once would take each other's signals.
func signalPurge(t T, s storage.Stores) {
	signalPurgeBatches(t, s)
	signalPurgeKinds(t, s)
	signalPurgeErased(t, s)
}

func signalPurgeBatches(t T, s storage.Stores) {
	session, past := newID(), noon().AddDate(-30, 0, 0) // no other case's
	var all []recommend.Event
	for i := range 5 {
		e := newSignal(session)
		e.At = past.Add(time.Duration(5-i) * time.Second)
		all = append(all, e)
	}
	require.NoError(t, s.Signals.Append(t.Context(), all))
	purged := func(limit int) int {
		n, err := s.Signals.Purge(t.Context(), recommend.Kinds(), all[0].At, limit)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, 3, purged(3))
	require.Equal(t, all[:2], signalsOf(t, s, session), "the oldest went")
	require.Equal(t, 1, purged(3))
	require.Zero(t, purged(3))
	require.Equal(t, all[:1], signalsOf(t, s, session), "the time itself is not before")
}

func signalPurgeKinds(t T, s storage.Stores) {
	session, past := newID(), noon().AddDate(-31, 0, 0)
	ann := ref.MemberID(newID())
	of := func(kind recommend.Kind, m ref.MemberID) recommend.Event {
		e := newSignal(session)
		e.Kind, e.At, e.Visitor.Member = kind, past, m
		return e
	}
	hidden, viewed, bought, byGuest := of(recommend.Hide, ann), of(recommend.View, ann), of(recommend.Purchase, ann), of(recommend.Hide, "")
	require.NoError(t, s.Signals.Append(t.Context(), []recommend.Event{hidden, viewed, bought, byGuest}))
	purge := func(kinds ...recommend.Kind) int {
		n, err := s.Signals.Purge(t.Context(), kinds, past.Add(time.Second), 10)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, purge())
	require.Equal(t, 2, purge(recommend.View, recommend.Hide))
	require.Equal(t, []recommend.Event{hidden, bought}, signalsOf(t, s, session))
	require.Equal(t, 1, purge(recommend.Kinds()...))
	require.Equal(t, []recommend.Event{hidden}, signalsOf(t, s, session))
	require.NoError(t, s.Signals.Forget(t.Context(), []ref.MemberID{ann}))
	require.Empty(t, signalsOf(t, s, session))
}

// signalPurgeErased is that a hide may be written after its member was forgotten.
func signalPurgeErased(t T, s storage.Stores) {
	session, past := newID(), noon().AddDate(-32, 0, 0)
	here, gone := newMember(), newMember()
	var hidden []recommend.Event
	for _, a := range []*member.Account{&here, &gone} {
		require.NoError(t, s.Members.Insert(t.Context(), a))
		e := newSignal(session)
		e.Kind, e.At, e.Visitor.Member = recommend.Hide, past, a.ID
		hidden = append(hidden, e)
	}
	require.NoError(t, s.Members.Update(t.Context(), erasedMember(gone)))
	require.NoError(t, s.Signals.Append(t.Context(), hidden))
	purge := func() int {
		n, err := s.Signals.Purge(t.Context(), []recommend.Kind{recommend.Hide}, past.Add(time.Second), 10)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, 1, purge())
	require.Equal(t, hidden[:1], signalsOf(t, s, session))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		if err := s.Members.Update(ctx, erasedMember(here)); err != nil {
			return err
		}
		n, err := s.Signals.Purge(ctx, []recommend.Kind{recommend.Hide}, past.Add(time.Second), 10)
		require.Equal(t, 1, n, "who is erased in the unit is")
		return err
	}))
	require.Empty(t, signalsOf(t, s, session))
}
