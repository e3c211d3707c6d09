package storagetest

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage"
)

func orderPersonalCases() []Case {
	return []Case{
		{Name: "insert and get return the same data", Run: personalRoundTrip},
		{Name: "a second insert is refused and leaves the unit usable", Run: personalDuplicate},
		{Name: "notes come oldest first", Run: personalNotes},
		{Name: "erased data are gone, once", Run: personalErase},
		{Name: "of N concurrent erasures one counts", Run: personalEraseRace, Apart: true},
		{Name: "no note outlives an erasure", Run: personalNoteRace, Apart: true},
	}
}

func someAddress() address.Address {
	return address.Address{
		Name: "李雷", Phone: "+8613800138000", Country: "CN", Region: "广东省", City: "深圳市",
		District: "南山区", Line1: "科技园路 1 号", Line2: "3 楼", PostalCode: "518000",
	}
}

func newPersonal() order.Personal {
	return order.Personal{
		Group: order.GroupID(newID()), ShipTo: someAddress(), BillTo: someAddress(),
		Email: "o'neil@example.com", Remark: "放门口 \U0001F6AA",
	}
}

func personalRoundTrip(t T, s storage.Stores) {
	p, bare := newPersonal(), order.Personal{Group: order.GroupID(newID())}
	require.NoError(t, s.OrderPersonals.Insert(t.Context(), &p))
	require.NoError(t, s.OrderPersonals.Insert(t.Context(), &bare))
	got, err := s.OrderPersonals.Get(t.Context(), p.Group)
	require.NoError(t, err)
	require.Equal(t, p, got)
	many, err := s.OrderPersonals.GetMany(t.Context(), []order.GroupID{bare.Group, order.GroupID(newID()), p.Group})
	require.NoError(t, err)
	require.Equal(t, []order.Personal{bare, p}, many)
	_, err = s.OrderPersonals.Get(t.Context(), order.GroupID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func personalDuplicate(t T, s storage.Stores) {
	p, after := newPersonal(), newPersonal()
	require.NoError(t, s.OrderPersonals.Insert(t.Context(), &p))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newPersonal()
		again.Group = p.Group
		require.ErrorIs(t, s.OrderPersonals.Insert(ctx, &again), fault.AlreadyExists)
		return s.OrderPersonals.Insert(ctx, &after)
	}))
	got, err := s.OrderPersonals.Get(t.Context(), p.Group)
	require.NoError(t, err)
	require.Equal(t, p, got)
	_, err = s.OrderPersonals.Get(t.Context(), after.Group)
	require.NoError(t, err)
}

func newNote(group order.GroupID, n int) order.Note {
	return order.Note{
		ID: newID(), Group: group, Order: "o", At: noon().Add(time.Duration(n) * time.Second),
		By: "staff:ann", Merchant: "m", Public: n%2 == 0, Text: "note " + strconv.Itoa(n) + " 茶",
	}
}

func personalNotes(t T, s storage.Stores) {
	group := order.GroupID(newID())
	var want []order.Note
	for n := range 3 {
		want = append(want, newNote(group, n))
	}
	for _, i := range []int{2, 0, 1} {
		require.NoError(t, s.OrderPersonals.AddNote(t.Context(), &want[i]))
	}
	require.ErrorIs(t, s.OrderPersonals.AddNote(t.Context(), &want[0]), fault.AlreadyExists)
	got, err := s.OrderPersonals.Notes(t.Context(), group)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func personalErase(t T, s storage.Stores) {
	p, kept := newPersonal(), newPersonal()
	require.NoError(t, s.OrderPersonals.Insert(t.Context(), &p))
	require.NoError(t, s.OrderPersonals.Insert(t.Context(), &kept))
	note, other := newNote(p.Group, 1), newNote(kept.Group, 1)
	require.NoError(t, s.OrderPersonals.AddNote(t.Context(), &note))
	require.NoError(t, s.OrderPersonals.AddNote(t.Context(), &other))

	ids := []order.GroupID{p.Group, order.GroupID(newID())}
	n, err := s.OrderPersonals.Erase(t.Context(), ids, noon())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	n, err = s.OrderPersonals.Erase(t.Context(), ids, noon().Add(time.Hour))
	require.NoError(t, err)
	require.Zero(t, n)

	got, err := s.OrderPersonals.Get(t.Context(), p.Group)
	require.NoError(t, err)
	require.Equal(t, order.Personal{Group: p.Group, ErasedAt: noon()}, got)
	notes, err := s.OrderPersonals.Notes(t.Context(), p.Group)
	require.NoError(t, err)
	require.Empty(t, notes)
	got, err = s.OrderPersonals.Get(t.Context(), kept.Group)
	require.NoError(t, err)
	require.Equal(t, kept, got)
	notes, err = s.OrderPersonals.Notes(t.Context(), kept.Group)
	require.NoError(t, err)
	require.Len(t, notes, 1)

	late := newNote(p.Group, 2)
	err = s.OrderPersonals.AddNote(t.Context(), &late)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, "order_personal.erased", fault.CodeOf(err))
}

func personalNoteRace(t T, s storage.Stores) {
	for range 5 {
		p := newPersonal()
		require.NoError(t, s.OrderPersonals.Insert(t.Context(), &p))
		errs := together(t.Context(), 6, func(ctx context.Context, i int) error {
			if i == 0 {
				_, err := s.OrderPersonals.Erase(ctx, []order.GroupID{p.Group}, noon())
				return err
			}
			n := newNote(p.Group, i)
			err := s.OrderPersonals.AddNote(ctx, &n)
			if errors.Is(err, fault.FailedPrecondition) {
				return nil
			}
			return err
		})
		require.NoError(t, errors.Join(errs...))
		notes, err := s.OrderPersonals.Notes(t.Context(), p.Group)
		require.NoError(t, err)
		require.Empty(t, notes)
	}
}

func personalEraseRace(t T, s storage.Stores) {
	p := newPersonal()
	require.NoError(t, s.OrderPersonals.Insert(t.Context(), &p))
	counts := make([]int, 8)
	errs := together(t.Context(), len(counts), func(ctx context.Context, i int) error {
		var err error
		counts[i], err = s.OrderPersonals.Erase(ctx, []order.GroupID{p.Group}, noon())
		return err
	})
	sum := 0
	for i := range counts {
		require.NoError(t, errs[i])
		sum += counts[i]
	}
	require.Equal(t, 1, sum)
}
