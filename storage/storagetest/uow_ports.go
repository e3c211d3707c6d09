package storagetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage"
)

func portCases() []Case {
	return []Case{
		{Name: "the first claim of a key keeps it", Run: claimKept, Apart: true},
		{Name: "of N claims at once one wins and all agree", Run: claimRace, Apart: true},
		{Name: "a claim that was rolled back is free", Run: claimRollback, Apart: true},
		{Name: "a keyed call is answered from memory", Run: callReplayed, Apart: true},
		{Name: "a key that was used for another call is refused", Run: callMismatch, Apart: true},
		{Name: "of N equal calls at once one has an effect", Run: callRace, Apart: true},
		{Name: "expired calls are purged", Run: callPurged, Apart: true},
		{Name: "answered calls are listed by scope and key", Run: callsListed},
		{Name: "a lease has one owner until it expires", Run: leaseExpiry, Apart: true},
		{Name: "of N owners at once one holds a lease", Run: leaseRace, Apart: true},
		{Name: "a lease that was given back is free at once", Run: leaseRelease},
		{Name: "leases are listed by prefix", Run: leaseList},
		{Name: "old leases are swept and their fence still grows", Run: leaseSweep, Apart: true},
		{Name: "a message is accepted once per consumer", Run: inboxOnce, Apart: true},
		{Name: "of N deliveries at once one is accepted", Run: inboxRace, Apart: true},
		{Name: "old notes are purged", Run: inboxPurged, Apart: true},
	}
}

func claimKept(t T, s storage.Stores) {
	key := newID()
	claim := func(kind, subject string) (string, bool) {
		holder, won, err := s.Claims.Claim(t.Context(), kind, key, subject)
		require.NoError(t, err)
		return holder, won
	}
	_, err := s.Claims.Holder(t.Context(), "number", key)
	require.ErrorIs(t, err, fault.NotFound)
	for _, subject := range []string{"a", "b", "a"} {
		holder, won := claim("number", subject)
		require.Equal(t, "a", holder)
		require.Equal(t, subject == "a", won)
	}
	holder, won := claim("notice", "b")
	require.Equal(t, "b", holder, "kinds are apart")
	require.True(t, won)
	got, err := s.Claims.Holder(t.Context(), "number", key)
	require.NoError(t, err)
	require.Equal(t, "a", got)
}

func claimRace(t T, s storage.Stores) {
	key := newID()
	var mu sync.Mutex
	holders, winners := map[string]bool{}, 0
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			holder, won, err := s.Claims.Claim(ctx, "race", key, strconv.Itoa(i))
			mu.Lock()
			defer mu.Unlock()
			holders[holder] = true
			if won {
				winners++
			}
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 1, winners)
	require.Len(t, holders, 1)
}

func claimRollback(t T, s storage.Stores) {
	key := newID()
	m := newMerchant()
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, won, err := s.Claims.Claim(ctx, "number", key, "a")
		require.NoError(t, err)
		require.True(t, won)
		return errBoom
	}), errBoom)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, won, err := s.Claims.Claim(ctx, "number", key, "b")
		require.NoError(t, err)
		require.True(t, won)
		holder, won, err := s.Claims.Claim(ctx, "number", key, "c")
		require.NoError(t, err)
		require.False(t, won)
		require.Equal(t, "b", holder, "the unit sees its own claim")
		return s.Merchants.Insert(ctx, &m)
	}))
	_, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err, "a lost claim leaves the unit usable")
}

func newCall() uow.Call {
	return uow.Call{Scope: "member/" + newID(), Key: "k'\"?", Hash: "h1", ExpiresAt: noon().Add(time.Hour)}
}

func callReplayed(t T, s storage.Stores) {
	call := newCall()
	_, err := s.Idempotency.Begin(t.Context(), call)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	want := uow.Answer{Resource: "order/1", Body: []byte{0, '\'', 0xff}}
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.ErrorIs(t, s.Idempotency.Complete(ctx, newCall(), want), fault.NotFound)
		answer, err := s.Idempotency.Begin(ctx, call)
		require.NoError(t, err)
		require.Nil(t, answer)
		return s.Idempotency.Complete(ctx, call, want)
	}))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		answer, err := s.Idempotency.Begin(ctx, call)
		require.NoError(t, err)
		require.Equal(t, &want, answer)
		other := call
		other.Scope = "member/" + newID()
		answer, err = s.Idempotency.Begin(ctx, other)
		require.NoError(t, err)
		require.Nil(t, answer, "keys of two callers never meet")
		return nil
	}))
}

func callMismatch(t T, s storage.Stores) {
	call := newCall()
	other := call
	other.Hash = "h2"
	m := newMerchant()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, err := s.Idempotency.Begin(ctx, call)
		require.NoError(t, err)
		_, err = s.Idempotency.Begin(ctx, other)
		require.ErrorIs(t, err, fault.Conflict)
		require.Equal(t, "idempotency.mismatch", fault.CodeOf(err))
		_, err = s.Idempotency.Begin(ctx, call)
		require.Equal(t, "idempotency.running", fault.CodeOf(err))
		return s.Merchants.Insert(ctx, &m)
	}))
	_, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err, "a refused key leaves the unit usable")

	call = newCall()
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, err := s.Idempotency.Begin(ctx, call)
		require.NoError(t, err)
		return errBoom
	}), errBoom)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		answer, err := s.Idempotency.Begin(ctx, call)
		require.NoError(t, err)
		require.Nil(t, answer, "a call that was rolled back is new")
		return nil
	}))
}

func callRace(t T, s storage.Stores) {
	call := newCall()
	var mu sync.Mutex
	effects, answers := 0, map[string]int{}
	errs := together(t.Context(), 50, func(ctx context.Context, i int) error {
		var mine string
		began := false
		err := s.Units.Do(ctx, func(ctx context.Context) error {
			answer, err := s.Idempotency.Begin(ctx, call)
			if err != nil {
				return err
			}
			if answer != nil {
				mine = answer.Resource
				return nil
			}
			began, mine = true, fmt.Sprintf("order/%d", i)
			return s.Idempotency.Complete(ctx, call, uow.Answer{Resource: mine})
		})
		mu.Lock()
		defer mu.Unlock()
		answers[mine]++
		if began {
			effects++
		}
		return err
	})
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 1, effects)
	require.Len(t, answers, 1, "all answers are equal")
}

func callPurged(t T, s storage.Stores) {
	// In a past of its own: other cases share the table.
	old := newCall()
	old.ExpiresAt = noon().Add(-48 * time.Hour)
	next := newCall()
	next.ExpiresAt = noon().Add(-24 * time.Hour)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		for _, c := range []uow.Call{old, next} {
			if _, err := s.Idempotency.Begin(ctx, c); err != nil {
				return err
			}
			if err := s.Idempotency.Complete(ctx, c, uow.Answer{}); err != nil {
				return err
			}
		}
		return nil
	}))
	n, err := s.Idempotency.Purge(t.Context(), noon().Add(-24*time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		answer, err := s.Idempotency.Begin(ctx, old)
		require.NoError(t, err)
		require.Nil(t, answer)
		answer, err = s.Idempotency.Begin(ctx, next)
		require.NoError(t, err)
		require.NotNil(t, answer)
		return nil
	}))
}

func acquire(t T, s storage.Stores, owner string, now time.Time, names ...string) []uow.Lease {
	t.Helper()
	got, err := s.Leases.Acquire(t.Context(), owner, now, time.Minute, names...)
	require.NoError(t, err)
	return got
}

func leaseExpiry(t T, s storage.Stores) {
	a, b := "job/"+newID(), "job/"+newID()
	require.Empty(t, acquire(t, s, "one", noon()))
	got := acquire(t, s, "one", noon(), b, a)
	require.Len(t, got, 2)
	first := got[1]
	require.Equal(t, uow.Lease{Name: a, Owner: "one", Fence: first.Fence, ExpiresAt: noon().Add(time.Minute)}, first)
	require.Equal(t, b, got[0].Name, "in the order of names")
	require.GreaterOrEqual(t, first.Fence, noon().UnixMicro())

	c := "job/" + newID()
	got = acquire(t, s, "two", noon().Add(59*time.Second), a, c)
	require.Len(t, got, 1, "what somebody holds is left out")
	require.Equal(t, c, got[0].Name)

	renewed := acquire(t, s, "one", noon().Add(30*time.Second), a)
	require.Len(t, renewed, 1)
	require.Equal(t, first.Fence, renewed[0].Fence, "a renewed lease keeps its fence")
	require.Equal(t, noon().Add(90*time.Second), renewed[0].ExpiresAt)
	require.Empty(t, acquire(t, s, "two", noon().Add(89*time.Second), a))
	got = acquire(t, s, "two", noon().Add(90*time.Second), a)
	require.Len(t, got, 1, "it has expired")
	require.Greater(t, got[0].Fence, first.Fence)

	require.NoError(t, s.Leases.Release(t.Context(), first), "a lost lease is left alone")
	require.Empty(t, acquire(t, s, "one", noon().Add(91*time.Second), a))
}

func leaseRace(t T, s storage.Stores) {
	a, b := "job/"+newID(), "job/"+newID()
	var mu sync.Mutex
	held := map[string]int{}
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		names := []string{a, b}
		if i%2 == 1 {
			names = []string{b, a}
		}
		got, err := s.Leases.Acquire(ctx, strconv.Itoa(i), noon(), time.Minute, names...)
		mu.Lock()
		defer mu.Unlock()
		for _, l := range got {
			held[l.Name]++
		}
		return err
	})
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, map[string]int{a: 1, b: 1}, held)
}

func leaseRelease(t T, s storage.Stores) {
	a, b := "job/"+newID(), "job/"+newID()
	mine := acquire(t, s, "one", noon(), a, b)
	require.NoError(t, s.Leases.Release(t.Context(), mine...))
	require.NoError(t, s.Leases.Release(t.Context()))
	got := acquire(t, s, "two", noon(), a, b)
	require.Len(t, got, 2)
	for i := range got {
		require.Greater(t, got[i].Fence, mine[i].Fence)
	}
	require.NoError(t, s.Leases.Release(t.Context(), got...))
	again := acquire(t, s, "two", noon(), a)
	require.Greater(t, again[0].Fence, got[0].Fence, "a release ends the tenure, also for the same owner")
}

func leaseList(t T, s storage.Stores) {
	prefix := "list%_/" + newID() + "/"
	got := acquire(t, s, "one", noon(), prefix+"b", prefix+"a", prefix+"c/\U0001F375")
	acquire(t, s, "one", noon(), "list%_/"+newID()+"/x", "listXY/x")
	require.NoError(t, s.Leases.Release(t.Context(), got[0]))
	list, err := s.Leases.List(t.Context(), prefix, noon())
	require.NoError(t, err)
	require.Equal(t, []uow.Lease{got[1], got[2]}, list)
	list, err = s.Leases.List(t.Context(), prefix, noon().Add(time.Minute))
	require.NoError(t, err)
	require.Empty(t, list, "they have expired")
}

func leaseSweep(t T, s storage.Stores) {
	past := noon().Add(-72 * time.Hour)
	name, held := "job/"+newID(), "job/"+newID()
	first := acquire(t, s, "one", past, name)[0]
	acquire(t, s, "one", past.Add(time.Hour), held)
	n, err := s.Leases.Sweep(t.Context(), past.Add(time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	again := acquire(t, s, "two", past.Add(24*time.Hour), name)
	require.Len(t, again, 1)
	require.Greater(t, again[0].Fence, first.Fence)
	require.Empty(t, acquire(t, s, "two", past.Add(time.Hour), held))

	// One that is renewed meanwhile stays.
	name = "job/" + newID()
	acquire(t, s, "one", past, name)
	swept := make(chan error, 1)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		if _, err := s.Leases.Acquire(ctx, "one", noon(), time.Minute, name); err != nil {
			return err
		}
		go func() {
			_, err := s.Leases.Sweep(context.WithoutCancel(t.Context()), past.Add(time.Hour), 10)
			swept <- err
		}()
		select { // it finds the old lease, and may wait for what became of it
		case err := <-swept:
			swept <- err
		case <-time.After(20 * time.Millisecond):
		}
		return nil
	}))
	require.NoError(t, <-swept)
	require.Empty(t, acquire(t, s, "two", noon(), name))
}

func inboxOnce(t T, s storage.Stores) {
	message := newID()
	_, err := s.Inbox.Accept(t.Context(), "mail", message, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition)
	accept := func(consumer string, result error) (fresh bool) {
		err := s.Units.Do(t.Context(), func(ctx context.Context) (err error) {
			fresh, err = s.Inbox.Accept(ctx, consumer, message, noon())
			require.NoError(t, err)
			return result
		})
		require.ErrorIs(t, err, result)
		return fresh
	}
	require.True(t, accept("mail", errBoom))
	require.True(t, accept("mail", nil), "the first one was rolled back")
	require.False(t, accept("mail", nil))
	require.True(t, accept("index", nil))
}

func inboxRace(t T, s storage.Stores) {
	message := newID()
	var mu sync.Mutex
	fresh := 0
	errs := together(t.Context(), 16, func(ctx context.Context, _ int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			ok, err := s.Inbox.Accept(ctx, "race", message, noon())
			mu.Lock()
			defer mu.Unlock()
			if ok {
				fresh++
			}
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 1, fresh)
}

func callsListed(t T, s storage.Stores) {
	l, ok := uow.As[uow.CallLister](s.Idempotency)
	if !ok {
		return
	}
	scope := newID()
	want := make([]uow.Answered, 3)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		for _, i := range []int{2, 0, 1} {
			want[i] = uow.Answered{
				Call:   uow.Call{Scope: scope, Key: string(rune('a' + i)), Hash: newID(), ExpiresAt: noon()},
				Answer: uow.Answer{Resource: newID(), Body: []byte{byte(i)}},
			}
			if _, err := s.Idempotency.Begin(ctx, want[i].Call); err != nil {
				return err
			}
			if err := s.Idempotency.Complete(ctx, want[i].Call, want[i].Answer); err != nil {
				return err
			}
		}
		_, err := s.Idempotency.Begin(ctx, uow.Call{Scope: scope, Key: "aa", Hash: "running", ExpiresAt: noon()})
		return err
	}))
	got, err := l.Answered(t.Context(), uow.Call{Scope: scope}, 2)
	require.NoError(t, err)
	require.Equal(t, want[:2], got)
	got, err = l.Answered(t.Context(), got[1].Call, 1)
	require.NoError(t, err)
	require.Equal(t, want[2:], got)
	got, err = l.Answered(t.Context(), uow.Call{}, 1)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.LessOrEqual(t, got[0].Scope, scope)
}

func inboxPurged(t T, s storage.Stores) {
	old := noon().Add(-96 * time.Hour)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		for i := range 3 {
			if _, err := s.Inbox.Accept(ctx, "purge", newID(), old.Add(time.Duration(i)*time.Hour)); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, want := range []int{1, 1, 0} {
		n, err := s.Inbox.Purge(t.Context(), old.Add(2*time.Hour), 1)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
}
