package storagetest

import (
	"context"
	"errors"
	"strconv"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/storage"
)

func memberCases() []Case {
	return []Case{
		{Name: "insert, get and find return the same member", Run: memberRoundTrip},
		{Name: "what is optional may lack", Run: memberSparse},
		{Name: "a taken id or e-mail address is refused and leaves the unit usable", Run: memberDuplicate},
		{Name: "of N members with one e-mail address one registers", Run: memberRace, Apart: true},
		{Name: "an erased member keeps the id and frees the e-mail address", Run: memberErased},
		{Name: "a stale update is refused and changes nothing", Run: memberStale, Apart: true},
		{Name: "a missing member is not found", Run: memberMissing},
		{Name: "get many keeps the order of ids and leaves out what lacks", Run: memberMany},
		{Name: "pages show every member once", Run: memberPages},
	}
}

func newMember() member.Account {
	id := newID()
	return member.Account{
		Member: member.Member{
			ID: member.ID(id), State: member.Active, Email: "Li.Lei+" + id + "@Пример.example", Name: "李雷 O'Neil \U0001F375",
			Phone: "+8613800138000", Locale: "zh-CN", CredentialAt: noon(), CreatedAt: noon(), UpdatedAt: noon(),
		},
		EmailKey:     "li.lei+" + id + "@xn--e1afmkfd.example",
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
	}
}

func memberRoundTrip(t T, s storage.Stores) {
	a := newMember()
	require.NoError(t, s.Members.Insert(t.Context(), &a))
	require.EqualValues(t, 1, a.Version)
	got, err := s.Members.Get(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, a, got)
	got, err = s.Members.FindEmail(t.Context(), a.EmailKey)
	require.NoError(t, err)
	require.Equal(t, a, got)

	a.Name, a.State, a.PasswordHash = "renamed", member.Blocked, "other"
	require.NoError(t, s.Members.Update(t.Context(), &a))
	require.EqualValues(t, 2, a.Version)
	got, err = s.Members.Get(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, a, got)
}

func memberSparse(t T, s storage.Stores) {
	a := newMember()
	a = member.Account{
		Member:   member.Member{ID: a.ID, State: member.Active, Email: a.Email, CreatedAt: noon(), UpdatedAt: noon()},
		EmailKey: a.EmailKey,
	}
	require.NoError(t, s.Members.Insert(t.Context(), &a))
	got, err := s.Members.Get(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, a, got)
	require.True(t, got.CredentialAt.IsZero())
}

func memberDuplicate(t T, s storage.Stores) {
	first := newMember()
	require.NoError(t, s.Members.Insert(t.Context(), &first))
	after := newMember()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		sameID, sameMail := newMember(), newMember()
		sameID.ID, sameMail.EmailKey = first.ID, first.EmailKey
		for _, a := range []*member.Account{&sameID, &sameMail} {
			require.ErrorIs(t, s.Members.Insert(ctx, a), fault.AlreadyExists)
			require.EqualValues(t, 0, a.Version, "the argument is unchanged on error")
		}
		return s.Members.Insert(ctx, &after)
	}))
	_, err := s.Members.Get(t.Context(), after.ID)
	require.NoError(t, err, "what followed the refused inserts was committed")
	got, err := s.Members.FindEmail(t.Context(), first.EmailKey)
	require.NoError(t, err)
	require.Equal(t, first, got)
}

func memberRace(t T, s storage.Stores) {
	key := newMember().EmailKey
	ids := make([]member.ID, 16)
	errs := together(t.Context(), len(ids), func(ctx context.Context, i int) error {
		a := newMember()
		a.EmailKey, ids[i] = key, a.ID
		return s.Members.Insert(ctx, &a)
	})
	var winner member.ID
	for i, err := range errs {
		if err == nil {
			require.Empty(t, winner, "two members with one address")
			winner = ids[i]
		} else {
			require.ErrorIs(t, err, fault.AlreadyExists)
		}
	}
	got, err := s.Members.FindEmail(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, winner, got.ID)
}

// erasedMember is what is left of a member.
func erasedMember(a member.Account) *member.Account {
	return &member.Account{Member: member.Member{
		ID: a.ID, State: member.Erased, CredentialAt: noon(), CreatedAt: noon(), UpdatedAt: noon(), Version: a.Version,
	}}
}

func memberErased(t T, s storage.Stores) {
	a := newMember()
	require.NoError(t, s.Members.Insert(t.Context(), &a))
	key := a.EmailKey
	a = *erasedMember(a)
	require.NoError(t, s.Members.Update(t.Context(), &a))
	got, err := s.Members.Get(t.Context(), a.ID)
	require.NoError(t, err)
	require.Equal(t, a, got)
	_, err = s.Members.FindEmail(t.Context(), key)
	require.ErrorIs(t, err, fault.NotFound)

	again, other := newMember(), newMember()
	again.EmailKey = key
	require.NoError(t, s.Members.Insert(t.Context(), &again))
	require.NoError(t, s.Members.Insert(t.Context(), &other))
	other = member.Account{Member: member.Member{
		ID: other.ID, State: member.Erased, CreatedAt: noon(), UpdatedAt: noon(), Version: other.Version,
	}}
	require.NoError(t, s.Members.Update(t.Context(), &other), "two members may have no address")
}

func memberStale(t T, s storage.Stores) {
	a := newMember()
	require.NoError(t, s.Members.Insert(t.Context(), &a))
	errs := together(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := a
		mine.Name = strconv.Itoa(i)
		err := s.Members.Update(ctx, &mine)
		if err != nil && mine.Version != a.Version {
			return errors.New("the argument is changed on error")
		}
		return err
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
	none := newMember()
	require.ErrorIs(t, s.Members.Update(t.Context(), &none), fault.NotFound)
}

func memberMissing(t T, s storage.Stores) {
	_, err := s.Members.Get(t.Context(), member.ID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Members.FindEmail(t.Context(), newID()+"@nowhere.example")
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Members.FindEmail(t.Context(), "")
	require.ErrorIs(t, err, fault.NotFound)
}

func memberMany(t T, s storage.Stores) {
	a, b := newMember(), newMember()
	require.NoError(t, s.Members.Insert(t.Context(), &a))
	require.NoError(t, s.Members.Insert(t.Context(), &b))
	got, err := s.Members.GetMany(t.Context(), []member.ID{b.ID, member.ID(newID()), a.ID})
	require.NoError(t, err)
	require.Equal(t, []member.Account{b, a}, got)
	got, err = s.Members.GetMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func memberPages(t T, s storage.Stores) {
	want := map[member.ID]bool{}
	for range 5 {
		a := newMember()
		a.State = member.Blocked
		require.NoError(t, s.Members.Insert(t.Context(), &a))
		want[a.ID] = true
	}
	var last member.ID
	for req := (page.Request{Limit: 2}); ; {
		p, err := s.Members.List(t.Context(), member.Query{State: member.Blocked}, req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Items), 2)
		for _, a := range p.Items {
			require.Equal(t, member.Blocked, a.State)
			require.Greater(t, a.ID, last, "by id")
			last = a.ID
			delete(want, a.ID)
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Empty(t, want)
	a, b := newMember(), newMember()
	require.NoError(t, s.Members.Insert(t.Context(), &a))
	require.NoError(t, s.Members.Insert(t.Context(), &b))
	p, err := s.Members.List(t.Context(), member.Query{Emails: []string{b.EmailKey, newID() + "@nowhere.example", a.EmailKey}}, page.Request{})
	require.NoError(t, err)
	require.ElementsMatch(t, []member.Account{a, b}, p.Items)
	_, err = s.Members.List(t.Context(), member.Query{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}
