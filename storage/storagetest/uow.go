package storagetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage"
)

func unitCases() []Case {
	return []Case{
		{Name: "a unit that fails leaves nothing", Run: unitRollback, Apart: true},
		{Name: "a nested unit joins and its error dooms the outer one", Run: unitNested, Apart: true},
		{Name: "a unit sees its own writes and others do not before the commit", Run: unitIsolation, Apart: true},
		{Name: "a second writer waits and then sees the newest row", Run: unitWaits, Apart: true, Skip: noWaiting},
		{Name: "a wait ends with its context", Run: unitWaitCanceled, Apart: true, Skip: noWaiting},
		{Name: "crossing locks fail one unit, which is run again", Run: unitDeadlock, Apart: true, Skip: noWaiting},
		{Name: "a canceled context commits nothing", Run: unitCanceled, Apart: true},
		{Name: "a unit that is over refuses its context", Run: unitFinished, Apart: true},
		{Name: "a function that fails is not run again", Run: unitOnce, Apart: true},
		{Name: "a commit whose answer was lost has one effect when its key is tried again", Run: unitAmbiguous, Apart: true},
		{Name: "a panic rolls back", Run: unitPanic, Apart: true},
	}
}

func noWaiting(l Limits) string {
	if l.NoWaiting {
		return "the adapter refuses a second writer instead of letting it wait"
	}
	return ""
}

var errBoom = errors.New("boom")

func unitRollback(t T, s storage.Stores) {
	m := newMerchant()
	err := s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Merchants.Insert(ctx, &m))
		return errBoom
	})
	require.ErrorIs(t, err, errBoom)
	_, err = s.Merchants.Get(t.Context(), m.ID)
	require.ErrorIs(t, err, fault.NotFound)
}

func unitNested(t T, s storage.Stores) {
	a, b := newMerchant(), newMerchant()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Merchants.Insert(ctx, &a))
		return s.Units.Do(ctx, func(ctx context.Context) error {
			_, err := s.Merchants.Get(ctx, a.ID)
			require.NoError(t, err, "the nested unit sees the outer one's rows")
			return s.Merchants.Insert(ctx, &b)
		})
	}))
	_, err := s.Merchants.Get(t.Context(), b.ID)
	require.NoError(t, err)

	c := newMerchant()
	err = s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Merchants.Insert(ctx, &c))
		_ = s.Units.Do(ctx, func(context.Context) error { return errBoom })
		return nil
	})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.ErrorIs(t, err, errBoom)
	_, err = s.Merchants.Get(t.Context(), c.ID)
	require.ErrorIs(t, err, fault.NotFound)
}

func unitIsolation(t T, s storage.Stores) {
	m := newMerchant()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Merchants.Insert(ctx, &m))
		_, err := s.Merchants.Get(ctx, m.ID)
		require.NoError(t, err)
		p, err := s.Merchants.GetMany(ctx, []merchant.ID{m.ID})
		require.NoError(t, err)
		require.Len(t, p, 1)
		_, err = s.Merchants.Get(t.Context(), m.ID)
		require.ErrorIs(t, err, fault.NotFound)
		return nil
	}))
	_, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
}

func unitWaits(t T, s storage.Stores) {
	m := newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &m))
	second := make(chan error, 1)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		mine := m
		mine.Name = "first"
		require.NoError(t, s.Merchants.Update(ctx, &mine))
		go func() {
			other := m // right as far as anybody can see
			other.Name = "second"
			second <- s.Merchants.Update(t.Context(), &other)
		}()
		select {
		case err := <-second:
			second <- err
			t.Errorf("the second writer did not wait: %v", err)
		case <-time.After(30 * time.Millisecond):
		}
		return nil
	}))
	require.ErrorIs(t, <-second, fault.Conflict, "it decides on the newest row, not on the one it saw")
	got, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.Equal(t, "first", got.Name)
	require.EqualValues(t, 2, got.Version)
}

func unitWaitCanceled(t T, s storage.Stores) {
	m := newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &m))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		mine := m
		require.NoError(t, s.Merchants.Update(ctx, &mine))
		short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		other := m
		require.ErrorIs(t, s.Merchants.Update(short, &other), fault.Canceled)
		return nil
	}))
}

func unitDeadlock(t T, s storage.Stores) {
	a, b := newMerchant(), newMerchant()
	require.NoError(t, s.Merchants.Insert(t.Context(), &a))
	require.NoError(t, s.Merchants.Insert(t.Context(), &b))
	arrived := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	errs := together(t.Context(), 2, func(ctx context.Context, i int) error {
		ids := []merchant.ID{a.ID, b.ID}
		if i == 1 {
			slices.Reverse(ids)
		}
		first := true
		return s.Units.Do(ctx, func(ctx context.Context) error {
			for _, id := range ids {
				m, err := s.Merchants.Get(ctx, id)
				if err != nil {
					return err
				}
				m.Name += "+"
				if err := s.Merchants.Update(ctx, &m); err != nil {
					return err
				}
				if first { // let the other one take its first row too, where it can
					first = false
					close(arrived[i])
					select {
					case <-arrived[1-i]:
					case <-time.After(200 * time.Millisecond):
					}
				}
			}
			return nil
		})
	})
	// The loser of the cycle is run again; where the backend has one writer
	// there is no cycle. Either way a version read before a wait may be stale,
	// and one who loses every time is told so.
	for _, err := range errs {
		if err != nil && !errors.Is(err, fault.Unavailable) {
			require.ErrorIs(t, err, fault.Conflict)
		}
	}
	require.False(t, errs[0] != nil && errs[1] != nil, "both failed: %v, %v", errs[0], errs[1])
	ma, err := s.Merchants.Get(t.Context(), a.ID)
	require.NoError(t, err)
	mb, err := s.Merchants.Get(t.Context(), b.ID)
	require.NoError(t, err)
	require.Equal(t, strings.Count(ma.Name, "+"), strings.Count(mb.Name, "+"), "a unit took effect by half")
}

func unitCanceled(t T, s storage.Stores) {
	m := newMerchant()
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Units.Do(ctx, func(ctx context.Context) error {
		require.NoError(t, s.Merchants.Insert(ctx, &m))
		cancel()
		return nil
	})
	require.ErrorIs(t, err, fault.Canceled)
	_, err = s.Merchants.Get(t.Context(), m.ID)
	require.ErrorIs(t, err, fault.NotFound)
	require.ErrorIs(t, s.Units.Do(ctx, func(context.Context) error { return nil }), fault.Canceled)
	_, err = s.Merchants.Get(ctx, m.ID)
	require.ErrorIs(t, err, fault.Canceled)
}

func unitFinished(t T, s storage.Stores) {
	var leaked context.Context
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		leaked = ctx
		return nil
	}))
	m := newMerchant()
	require.ErrorIs(t, s.Merchants.Insert(leaked, &m), fault.FailedPrecondition)
	_, err := s.Merchants.Get(leaked, m.ID)
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

func unitPanic(t T, s storage.Stores) {
	m := newMerchant()
	require.PanicsWithValue(t, "boom", func() {
		_ = s.Units.Do(t.Context(), func(ctx context.Context) error {
			require.NoError(t, s.Merchants.Insert(ctx, &m))
			panic("boom")
		})
	})
	_, err := s.Merchants.Get(t.Context(), m.ID)
	require.ErrorIs(t, err, fault.NotFound)
	require.NoError(t, s.Merchants.Insert(t.Context(), &m), "no lock is left behind")
}

func unitOnce(t T, s storage.Stores) {
	for _, err := range []error{errBoom, fault.New(fault.Conflict, "x", "stale"), fault.New(fault.Unavailable, "x", "down")} {
		runs := 0
		require.ErrorIs(t, s.Units.Do(t.Context(), func(context.Context) error {
			runs++
			return err
		}), err)
		require.Equal(t, 1, runs)
	}
}

// unitAmbiguous loses the answers of commits on the way back: the caller
// cannot know, and asks again under the same key.
func unitAmbiguous(t T, s storage.Stores) {
	lost := 0
	lossy := storage.Intercept(s, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		err := next(ctx)
		if err == nil && c.Name() == "Units.Do" && lost < 2 {
			lost++
			return fault.New(fault.Indeterminate, "uow.lost", "the answer was lost")
		}
		return err
	})
	m, call := newMerchant(), newCall()
	topic, key, shard := freshTopic()
	var answer *uow.Answer
	place := func() error {
		row, r := m, newRecord(topic, key)
		return lossy.Units.Do(t.Context(), func(ctx context.Context) error {
			var err error
			if answer, err = s.Idempotency.Begin(ctx, call); err != nil || answer != nil {
				return err
			}
			return errors.Join(
				s.Merchants.Insert(ctx, &row),
				s.Events.Append(ctx, r),
				s.Idempotency.Complete(ctx, call, uow.Answer{Resource: string(row.ID)}),
			)
		})
	}
	require.ErrorIs(t, place(), fault.Indeterminate)
	require.Nil(t, answer)
	require.ErrorIs(t, place(), fault.Indeterminate)
	require.NoError(t, place())
	require.Equal(t, &uow.Answer{Resource: string(m.ID)}, answer)
	got, err := s.Merchants.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, got.Version)
	sequenceAll(t, s, shard)
	require.Len(t, readIDs(t, s, shard), 1)
}
