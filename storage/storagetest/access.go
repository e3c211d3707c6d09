package storagetest

import (
	"context"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

func accessCases() []Case {
	return []Case{
		{Name: "insert, update, get and find return the same employee", Run: staffRoundTrip},
		{Name: "employees are copied in and out", Run: staffCopies},
		{Name: "a taken id or login is refused and leaves the unit usable", Run: staffDuplicate},
		{Name: "of N concurrent updates of one version one wins", Run: staffStale, Apart: true},
		{Name: "pages show every employee once", Run: staffPages},
	}
}

func newStaff() access.Account {
	id := newID()
	return access.Account{
		Staff: access.Staff{
			ID: ref.StaffID(id), Login: "ann-" + id, Name: "Ann O'Neil 安", Roles: []access.Role{access.Finance, access.Support},
			State: access.Active, CredentialAt: noon(), CreatedAt: noon(), UpdatedAt: noon(),
		},
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
	}
}

func staffRoundTrip(t T, s storage.Stores) {
	a := newStaff()
	_, err := s.Staff.Get(t.Context(), a.ID)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Staff.FindLogin(t.Context(), a.Login)
	require.ErrorIs(t, err, fault.NotFound)
	require.NoError(t, s.Staff.Insert(t.Context(), &a))
	require.EqualValues(t, 1, a.Version)
	for i, roles := range [][]access.Role{{access.Support}, nil} {
		a.Roles, a.State, a.PasswordHash = roles, access.Disabled, "other"
		require.NoError(t, s.Staff.Update(t.Context(), &a))
		require.EqualValues(t, 2+i, a.Version)
		for range 2 { // the second answer is no longer the first one's
			got, err := s.Staff.Get(t.Context(), a.ID)
			require.NoError(t, err)
			require.Equal(t, a, got)
			got, err = s.Staff.FindLogin(t.Context(), a.Login)
			require.NoError(t, err)
			require.Equal(t, a, got)
		}
	}
}

func staffCopies(t T, s storage.Stores) {
	a := newStaff()
	require.NoError(t, s.Staff.Insert(t.Context(), &a))
	want := a.Clone()
	a.Roles[0] = access.Owner
	got, err := s.Staff.Get(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)
	got.Roles[1] = access.Owner
	got, err = s.Staff.Get(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func staffDuplicate(t T, s storage.Stores) {
	first, after := newStaff(), newStaff()
	require.NoError(t, s.Staff.Insert(t.Context(), &first))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		sameID, sameLogin := newStaff(), newStaff()
		sameID.ID, sameLogin.Login = first.ID, first.Login
		for _, a := range []*access.Account{&sameID, &sameLogin} {
			require.ErrorIs(t, s.Staff.Insert(ctx, a), fault.AlreadyExists)
			require.EqualValues(t, 0, a.Version)
		}
		return s.Staff.Insert(ctx, &after)
	}))
	_, err := s.Staff.Get(t.Context(), after.ID)
	require.NoError(t, err)
}

func staffStale(t T, s storage.Stores) {
	a := newStaff()
	require.NoError(t, s.Staff.Insert(t.Context(), &a))
	errs := together(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := a.Clone()
		mine.Roles = []access.Role{access.Roles()[i%len(access.Roles())]}
		return s.Staff.Update(ctx, &mine)
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
	none := newStaff()
	require.ErrorIs(t, s.Staff.Update(t.Context(), &none), fault.NotFound)
}

func staffPages(t T, s storage.Stores) {
	var want []ref.StaffID
	for range 5 {
		a := newStaff()
		require.NoError(t, s.Staff.Insert(t.Context(), &a))
		want = append(want, a.ID)
	}
	var got []ref.StaffID
	for req := (page.Request{Limit: 2}); ; {
		p, err := s.Staff.List(t.Context(), req)
		require.NoError(t, err)
		for _, a := range p.Items {
			got = append(got, a.ID)
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.True(t, slices.IsSorted(got))
	require.Subset(t, got, want)
	require.Len(t, slices.Compact(slices.Clone(got)), len(got))
	_, err := s.Staff.List(t.Context(), page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}
