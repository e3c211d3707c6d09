package storagetest

import (
	"context"
	"strconv"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/storage"
)

func memberBookCases() []Case {
	return []Case{
		{Name: "insert, update and get return the same book", Run: bookRoundTrip},
		{Name: "books are copied in and out", Run: bookCopies},
		{Name: "a second book of a member is refused and leaves the unit usable", Run: bookDuplicate},
		{Name: "of N concurrent updates of one version one wins", Run: bookStale, Apart: true},
		{Name: "an erased book is empty", Run: bookErased},
	}
}

func newBook() member.Book {
	home := member.Entry{ID: "home", Label: "家", Address: address.Address{
		Name: "李雷", Phone: "+8613800138000", Country: "CN", Region: "广东省", City: "深圳市",
		District: "南山区", Line1: "科技园路 1 号 \"B\"", Line2: "3 楼", PostalCode: "518000",
	}}
	work := home
	work.ID, work.Label = "work", ""
	return member.Book{
		Member: member.ID(newID()), Entries: []member.Entry{home, work}, Default: "work", UpdatedAt: noon(),
	}
}

func bookRoundTrip(t T, s storage.Stores) {
	b := newBook()
	_, err := s.AddressBooks.Get(t.Context(), b.Member)
	require.ErrorIs(t, err, fault.NotFound)
	require.NoError(t, s.AddressBooks.Insert(t.Context(), &b))
	require.EqualValues(t, 1, b.Version)
	got, err := s.AddressBooks.Get(t.Context(), b.Member)
	require.NoError(t, err)
	require.Equal(t, b, got)

	b.Entries, b.Default = b.Entries[:1], "home"
	require.NoError(t, s.AddressBooks.Update(t.Context(), &b))
	got, err = s.AddressBooks.Get(t.Context(), b.Member)
	require.NoError(t, err)
	require.Equal(t, b, got)
}

func bookCopies(t T, s storage.Stores) {
	b := newBook()
	require.NoError(t, s.AddressBooks.Insert(t.Context(), &b))
	want := b.Clone()
	b.Entries[0].Label = "changed after the insert"
	got, err := s.AddressBooks.Get(t.Context(), b.Member)
	require.NoError(t, err)
	require.Equal(t, want, got)
	got.Entries[1].Label = "changed after the read"
	got, err = s.AddressBooks.Get(t.Context(), b.Member)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func bookDuplicate(t T, s storage.Stores) {
	b := newBook()
	require.NoError(t, s.AddressBooks.Insert(t.Context(), &b))
	after := newBook()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newBook()
		again.Member = b.Member
		require.ErrorIs(t, s.AddressBooks.Insert(ctx, &again), fault.AlreadyExists)
		require.EqualValues(t, 0, again.Version)
		return s.AddressBooks.Insert(ctx, &after)
	}))
	got, err := s.AddressBooks.Get(t.Context(), b.Member)
	require.NoError(t, err)
	require.Equal(t, b, got)
}

func bookStale(t T, s storage.Stores) {
	b := newBook()
	require.NoError(t, s.AddressBooks.Insert(t.Context(), &b))
	errs := together(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := b.Clone()
		mine.Entries[0].Label = strconv.Itoa(i)
		return s.AddressBooks.Update(ctx, &mine)
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.ErrorIs(t, err, fault.Conflict)
		}
	}
	require.Equal(t, 1, won)
	none := newBook()
	require.ErrorIs(t, s.AddressBooks.Update(t.Context(), &none), fault.NotFound)
}

func bookErased(t T, s storage.Stores) {
	b := newBook()
	require.NoError(t, s.AddressBooks.Insert(t.Context(), &b))
	b.Entries, b.Default, b.Erased = nil, "", true
	require.NoError(t, s.AddressBooks.Update(t.Context(), &b))
	got, err := s.AddressBooks.Get(t.Context(), b.Member)
	require.NoError(t, err)
	require.Equal(t, b, got)
}
