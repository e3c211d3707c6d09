package member_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
)

func TestAddressBook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.taken(t, "li.lei@example.com")
	scope := ref.Member(m.ID)
	add := func(label string, isDefault bool) member.Entry {
		e, err := b.AddAddress(t.Context(), scope, member.AddressInput{Member: m.ID, Label: label, Address: home(), Default: isDefault})
		require.NoError(t, err)
		return e
	}
	first, second := add("home", false), add("work", false)
	require.Equal(t, "+12125552368", first.Address.Phone, "in its written form")
	book, err := b.Addresses(t.Context(), scope, m.ID)
	require.NoError(t, err)
	require.Equal(t, first.ID, book.Default, "the first one is the default")
	require.Equal(t, []member.Entry{first, second}, book.Entries)

	require.NoError(t, b.PreferAddress(t.Context(), scope, m.ID, second.ID))
	moved := home()
	moved.Line1 = "2 Side Street"
	changed, err := b.ChangeAddress(t.Context(), scope, member.AddressInput{Member: m.ID, ID: first.ID, Address: moved})
	require.NoError(t, err)
	got, err := b.Address(t.Context(), scope, m.ID, first.ID)
	require.NoError(t, err)
	require.Equal(t, changed, got)
	require.NoError(t, b.RemoveAddress(t.Context(), scope, m.ID, second.ID))
	book, err = b.Addresses(t.Context(), scope, m.ID)
	require.NoError(t, err)
	require.Equal(t, first.ID, book.Default, "the oldest of the rest follows")
	require.NoError(t, b.RemoveAddress(t.Context(), scope, m.ID, first.ID))
	require.ErrorIs(t, b.RemoveAddress(t.Context(), scope, m.ID, first.ID), fault.NotFound)

	_, err = b.AddAddress(t.Context(), scope, member.AddressInput{Member: m.ID, Label: "a\nb"})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	var paths []string
	for _, fd := range f.Fields {
		paths = append(paths, fd.Path)
	}
	require.Subset(t, paths, []string{"label", "address.name", "address.country", "address.line1"})
}

func TestParallelAddressesAreAllKeptUpToTheCap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.taken(t, "li.lei@example.com")
	scope := ref.Member(m.ID)
	add := func(n int) (full int) {
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				_, errs[i] = b.AddAddress(t.Context(), scope, member.AddressInput{Member: m.ID, Label: fmt.Sprint(i), Address: home()})
			})
		}
		wg.Wait()
		for _, err := range errs {
			if errors.Is(err, fault.Exhausted) {
				full++
			} else if err != nil {
				require.ErrorIs(t, err, fault.Conflict, "an edit that lost five races says so")
			}
		}
		return full
	}
	for range 3 * member.MaxAddresses {
		if add(4) == 4 {
			break
		}
	}
	book, err := b.Addresses(t.Context(), scope, m.ID)
	require.NoError(t, err)
	require.Len(t, book.Entries, member.MaxAddresses)
	require.Equal(t, book.Entries[0].ID, book.Default)
}

func TestNothingIsAddedBehindForgetsBack(t *testing.T) {
	t.Parallel()
	for range 30 {
		b := setup(t)
		m := b.taken(t, "li.lei@example.com")
		scope := ref.Member(m.ID)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				_, _ = b.AddAddress(t.Context(), scope, member.AddressInput{Member: m.ID, Address: home()})
			})
		}
		wg.Go(func() {
			for {
				if err := b.Forget(t.Context(), scope, m.ID); !errors.Is(err, fault.Conflict) {
					return
				}
			}
		})
		wg.Wait()
		book, err := b.stores.AddressBooks.Get(t.Context(), m.ID)
		require.NoError(t, err)
		require.True(t, book.Erased)
		require.Empty(t, book.Entries)
	}
}

// Whatever is done in whatever order, a book with entries has a default among
// them, and one without has none.
func TestTheDefaultIsAlwaysAnEntry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rapid.Check(t, func(rt *rapid.T) {
		m, err := b.Register(t.Context(), ref.Staff("ann"), member.RegisterInput{
			Email: "m" + rapid.StringMatching(`[a-z0-9]{24}`).Draw(rt, "email") + "@example.com",
		})
		require.NoError(rt, err)
		scope := ref.Member(m.ID)
		pick := func(book member.Book) member.AddressID {
			return book.Entries[rapid.IntRange(0, len(book.Entries)-1).Draw(rt, "entry")].ID
		}
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			book, err := b.Addresses(t.Context(), scope, m.ID)
			require.NoError(rt, err)
			isDefault := rapid.Bool().Draw(rt, "default")
			switch op := rapid.IntRange(0, 3).Draw(rt, "op"); {
			case op == 0 || len(book.Entries) == 0:
				_, err = b.AddAddress(t.Context(), scope, member.AddressInput{Member: m.ID, Address: home(), Default: isDefault})
			case op == 1:
				err = b.RemoveAddress(t.Context(), scope, m.ID, pick(book))
			case op == 2:
				err = b.PreferAddress(t.Context(), scope, m.ID, pick(book))
			default:
				_, err = b.ChangeAddress(t.Context(), scope, member.AddressInput{
					Member: m.ID, ID: pick(book), Address: home(), Default: isDefault,
				})
			}
			require.NoError(rt, err)
			book, err = b.Addresses(t.Context(), scope, m.ID)
			require.NoError(rt, err)
			_, ok := book.Entry(book.Default)
			require.Equal(rt, len(book.Entries) > 0, ok)
		}
	})
}
