package member_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := member.NewService(member.Config{})
	for _, field := range []string{"Store", "Books", "Units", "Events", "Limiter"} {
		require.ErrorContains(t, err, "member.Config."+field)
	}
	_, err = member.NewThrottle(member.ThrottleConfig{})
	require.ErrorContains(t, err, "member.ThrottleConfig.Store")
}

func TestRegisterAndSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.joined(t, " Li.Lei@Example.com ")
	require.Equal(t, "Li.Lei@Example.com", m.Email, "mail goes where the member said")
	require.Equal(t, "+8613800138000", m.Phone)
	require.Equal(t, []string{"member.registered.v1"}, b.log.names())
	require.NotContains(t, string(b.log.recs[0].Payload), "Lei")

	for _, email := range []string{"li.lei@example.com", "LI.LEI@EXAMPLE.COM"} {
		got, err := b.SignIn(t.Context(), member.SignInInput{Email: email, Password: goodPassword})
		require.NoError(t, err)
		require.Equal(t, m, got)
	}
	_, err := b.Register(t.Context(), ref.Guest("other"), member.RegisterInput{Email: "LI.lei@example.com", Password: goodPassword})
	require.ErrorIs(t, err, fault.AlreadyExists)
}

func TestRegisterReportsEveryWrongField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Register(t.Context(), ref.Guest("g"), member.RegisterInput{
		Email: "nobody", Password: "short", Name: "a\nb", Phone: "12", Locale: "!",
	})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	var paths []string
	for _, fd := range f.Fields {
		paths = append(paths, fd.Path)
	}
	require.ElementsMatch(t, []string{"name", "phone", "locale", "email", "password"}, paths)
	require.Empty(t, b.log.names())

	for _, scope := range []ref.Scope{ref.Member("m"), ref.Merchant("m")} {
		_, err := b.Register(t.Context(), scope, member.RegisterInput{Email: "a@example.com", Password: goodPassword})
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
	_, err = b.Register(t.Context(), ref.Guest("g"), member.RegisterInput{ID: "mine", Email: "a@example.com", Password: goodPassword})
	require.ErrorIs(t, err, fault.PermissionDenied)
}

func TestWhatIsWrongAtSignInIsNotTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.joined(t, "li.lei@example.com")
	b.taken(t, "no.password@example.com")
	var texts []string
	for _, in := range []member.SignInInput{
		{Email: "li.lei@example.com", Password: "wrong password"},
		{Email: "li.lei@example.com", Password: string(make([]byte, 1<<20))},
		{Email: "unknown@example.com", Password: goodPassword},
		{Email: "no.password@example.com", Password: ""},
		{Email: "not an address \xff", Password: goodPassword},
	} {
		_, err := b.SignIn(t.Context(), in)
		require.ErrorIs(t, err, fault.Unauthenticated)
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		require.Equal(t, texts[0], text)
	}
}

// An unknown account costs as much as a known one: a password is hashed, in the
// memory that this takes. Not parallel, so that nobody else allocates meanwhile.
func TestAnUnknownAccountIsHashedToo(t *testing.T) { //nolint:paralleltest // it measures what the process allocates
	b := setup(t)
	b.joined(t, "li.lei@example.com")
	b.taken(t, "no.password@example.com")
	for _, email := range []string{"li.lei@example.com", "unknown@example.com", "no.password@example.com"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := b.SignIn(t.Context(), member.SignInInput{Email: email, Password: "wrong password"})
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, fault.Unauthenticated)
		hashed := (after.TotalAlloc - before.TotalAlloc) / (member.MinHashMemory << 10)
		require.EqualValues(t, 1, hashed, "%s", email)
	}
}

func TestGuessesAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.joined(t, "li.lei@example.com")
	try := func(email, password, origin string) error {
		_, err := b.SignIn(t.Context(), member.SignInInput{Email: email, Password: password, Origin: origin})
		return err
	}
	for _, email := range []string{"li.lei@example.com", "nobody@example.com"} {
		for range 3 {
			require.ErrorIs(t, try(email, "wrong password", ""), fault.Unauthenticated)
		}
		err := try(email, goodPassword, "")
		require.ErrorIs(t, err, fault.RateLimited, "an account that nobody has is limited alike")
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.EqualValues(t, 900, f.Params["retry_after"])
	}
	b.clock.Advance(15 * time.Minute)
	require.NoError(t, try("li.lei@example.com", goodPassword, ""))
	for range 3 {
		require.NoError(t, try("li.lei@example.com", goodPassword, ""), "success forgets the attempts")
	}
	for i := range 5 {
		require.ErrorIs(t, try(string(rune('a'+i))+"@example.com", "wrong password", "203.0.113.7"), fault.Unauthenticated)
	}
	require.ErrorIs(t, try("z@example.com", "wrong password", "203.0.113.7"), fault.RateLimited)
	require.ErrorIs(t, try("z@example.com", "wrong password", "203.0.113.8"), fault.Unauthenticated)
}

func TestStrongerParametersAreTakenUpAtSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.joined(t, "li.lei@example.com")
	stronger, err := member.NewHasher(member.HasherConfig{Iterations: 3})
	require.NoError(t, err)
	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: b.stores.SignInAttempts})
	require.NoError(t, err)
	svc, err := member.NewService(member.Config{
		Store: b.stores.Members, Books: b.stores.AddressBooks, Units: b.stores.Units, Events: b.log,
		Limiter: throttle, Hasher: stronger, Clock: b.clock,
	})
	require.NoError(t, err)
	for range 2 {
		got, err := svc.SignIn(t.Context(), member.SignInInput{Email: m.Email, Password: goodPassword})
		require.NoError(t, err)
		require.Equal(t, m.CredentialAt, got.CredentialAt, "sessions go on")
		require.EqualValues(t, 2, got.Version, "once")
	}
	a, err := b.stores.Members.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.Contains(t, a.PasswordHash, "t=3")
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.joined(t, "li.lei@example.com")
	began := b.clock.Advance(time.Minute)
	b.clock.Advance(time.Minute)
	scope := ref.Member(m.ID)
	_, err := b.ChangePassword(t.Context(), scope, member.ChangePasswordInput{Member: m.ID, Current: "wrong", New: "another good one"})
	require.ErrorIs(t, err, fault.Unauthenticated)
	_, err = b.ChangePassword(t.Context(), scope, member.ChangePasswordInput{Member: m.ID, Current: goodPassword, New: "12345678"})
	require.ErrorIs(t, err, fault.Invalid)
	got, err := b.ChangePassword(t.Context(), scope, member.ChangePasswordInput{Member: m.ID, Current: goodPassword, New: "another good one"})
	require.NoError(t, err)
	require.False(t, m.SessionOver(began))
	require.True(t, got.SessionOver(began))
	require.False(t, got.SessionOver(b.clock.Now()))
	require.Equal(t, "member.password_changed.v1", b.log.names()[1])
	_, err = b.SignIn(t.Context(), member.SignInInput{Email: m.Email, Password: goodPassword})
	require.ErrorIs(t, err, fault.Unauthenticated)
	_, err = b.SignIn(t.Context(), member.SignInInput{Email: m.Email, Password: "another good one"})
	require.NoError(t, err)

	taken := b.taken(t, "no.password@example.com")
	_, err = b.ChangePassword(t.Context(), ref.Member(taken.ID), member.ChangePasswordInput{Member: taken.ID, New: "another good one"})
	require.ErrorIs(t, err, fault.Unauthenticated, "who has no password proves nothing by an empty one")
	_, err = b.ChangePassword(t.Context(), ref.Staff("ann"), member.ChangePasswordInput{Member: taken.ID, New: "another good one"})
	require.NoError(t, err)
	_, err = b.SignIn(t.Context(), member.SignInInput{Email: taken.Email, Password: "another good one"})
	require.NoError(t, err)
}

func TestBlockedMembersCannotSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.joined(t, "li.lei@example.com")
	_, err := b.Block(t.Context(), ref.Member(m.ID), m.ID)
	require.ErrorIs(t, err, fault.PermissionDenied)
	got, err := b.Block(t.Context(), ref.Staff("ann"), m.ID)
	require.NoError(t, err)
	require.True(t, got.SessionOver(b.clock.Now()))
	_, err = b.SignIn(t.Context(), member.SignInInput{Email: m.Email, Password: goodPassword})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = b.SignIn(t.Context(), member.SignInInput{Email: m.Email, Password: "wrong password"})
	require.ErrorIs(t, err, fault.Unauthenticated, "told to nobody without the password")
	_, err = b.Block(t.Context(), ref.Staff("ann"), m.ID)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = b.Unblock(t.Context(), ref.Staff("ann"), m.ID)
	require.NoError(t, err)
	_, err = b.SignIn(t.Context(), member.SignInInput{Email: m.Email, Password: goodPassword})
	require.NoError(t, err)
}

func TestProfile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.taken(t, "li.lei@example.com")
	scope := ref.Member(m.ID)
	got, err := b.UpdateProfile(t.Context(), scope, member.ProfileInput{
		Member: m.ID, Version: m.Version, Name: " 李雷 ", Phone: "+86 138-0013-8000", Locale: "zh-CN",
	})
	require.NoError(t, err)
	require.Equal(t, "李雷", got.Name)
	require.Equal(t, "+8613800138000", got.Phone)
	_, err = b.UpdateProfile(t.Context(), scope, member.ProfileInput{Member: m.ID, Version: m.Version, Name: "late"})
	require.ErrorIs(t, err, fault.Conflict)
	_, err = b.UpdateProfile(t.Context(), scope, member.ProfileInput{Member: m.ID, Version: got.Version, Phone: "x", Locale: "x"})
	require.ErrorIs(t, err, fault.Invalid)
}

func TestForgetLeavesNothingPersonal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.joined(t, "li.lei@example.com")
	scope := ref.Member(m.ID)
	_, err := b.AddAddress(t.Context(), scope, member.AddressInput{Member: m.ID, Address: home()})
	require.NoError(t, err)
	require.NoError(t, b.Forget(t.Context(), scope, m.ID))
	require.Equal(t, []string{"member.registered.v1", "member.forgotten.v1"}, b.log.names())

	a, err := b.stores.Members.Get(t.Context(), m.ID)
	require.NoError(t, err)
	require.Equal(t, member.Account{Member: member.Member{
		ID: m.ID, State: member.Erased, CredentialAt: a.CredentialAt, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Version: 2,
	}}, a)
	book, err := b.Addresses(t.Context(), scope, m.ID)
	require.NoError(t, err)
	require.Empty(t, book.Entries)

	_, err = b.SignIn(t.Context(), member.SignInInput{Email: m.Email, Password: goodPassword})
	require.ErrorIs(t, err, fault.Unauthenticated)
	require.ErrorIs(t, b.Forget(t.Context(), scope, m.ID), fault.FailedPrecondition)
	_, err = b.AddAddress(t.Context(), scope, member.AddressInput{Member: m.ID, Address: home()})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = b.UpdateProfile(t.Context(), scope, member.ProfileInput{Member: m.ID, Version: 2, Name: "again"})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = b.ChangePassword(t.Context(), ref.Staff("ann"), member.ChangePasswordInput{Member: m.ID, New: "another good one"})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	b.joined(t, "li.lei@example.com")
}

// Whoever is not the member, staff or the system is answered as if the member
// did not exist.
func TestForeignMembersAreMissing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner := b.taken(t, "owner@example.com")
	other := b.taken(t, "other@example.com")
	entry, err := b.AddAddress(t.Context(), ref.Member(owner.ID), member.AddressInput{Member: owner.ID, Address: home()})
	require.NoError(t, err)
	calls := map[string]func(scope ref.Scope, id member.ID) error{
		"Get": func(s ref.Scope, id member.ID) error { _, err := b.Get(t.Context(), s, id); return err },
		"UpdateProfile": func(s ref.Scope, id member.ID) error {
			_, err := b.UpdateProfile(t.Context(), s, member.ProfileInput{Member: id, Version: 1})
			return err
		},
		"ChangePassword": func(s ref.Scope, id member.ID) error {
			_, err := b.ChangePassword(t.Context(), s, member.ChangePasswordInput{Member: id, New: goodPassword})
			return err
		},
		"Block":     func(s ref.Scope, id member.ID) error { _, err := b.Block(t.Context(), s, id); return err },
		"Unblock":   func(s ref.Scope, id member.ID) error { _, err := b.Unblock(t.Context(), s, id); return err },
		"Forget":    func(s ref.Scope, id member.ID) error { return b.Forget(t.Context(), s, id) },
		"Addresses": func(s ref.Scope, id member.ID) error { _, err := b.Addresses(t.Context(), s, id); return err },
		"Address":   func(s ref.Scope, id member.ID) error { _, err := b.Address(t.Context(), s, id, entry.ID); return err },
		"AddAddress": func(s ref.Scope, id member.ID) error {
			_, err := b.AddAddress(t.Context(), s, member.AddressInput{Member: id, Address: home()})
			return err
		},
		"ChangeAddress": func(s ref.Scope, id member.ID) error {
			_, err := b.ChangeAddress(t.Context(), s, member.AddressInput{Member: id, ID: entry.ID, Address: home()})
			return err
		},
		"RemoveAddress": func(s ref.Scope, id member.ID) error { return b.RemoveAddress(t.Context(), s, id, entry.ID) },
		"PreferAddress": func(s ref.Scope, id member.ID) error { return b.PreferAddress(t.Context(), s, id, entry.ID) },
	}
	scopes := []ref.Scope{{}, ref.Guest("g"), ref.Member(other.ID), ref.Merchant(ref.MerchantID(owner.ID))}
	for name, call := range calls {
		for _, scope := range scopes {
			err := call(scope, owner.ID)
			require.ErrorIs(t, err, fault.NotFound, "%s as %s", name, scope)
			gone := call(scope, "gone")
			require.Equal(t, fault.CodeOf(gone), fault.CodeOf(err), "%s tells foreign from missing", name)
		}
	}
	for _, scope := range scopes {
		_, err := b.List(t.Context(), scope, member.Query{}, page.Request{})
		require.ErrorIs(t, err, fault.PermissionDenied)
		_, err = b.FindEmail(t.Context(), scope, owner.Email)
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
	// One's own book does not open another's entry.
	_, err = b.Address(t.Context(), ref.Member(other.ID), other.ID, entry.ID)
	require.ErrorIs(t, err, fault.NotFound)
	got, err := b.GetMany(t.Context(), ref.Member(other.ID), []member.ID{owner.ID, other.ID})
	require.NoError(t, err)
	require.Equal(t, []member.Member{other}, got)
	got, err = b.GetMany(t.Context(), ref.Staff("ann"), []member.ID{owner.ID, other.ID})
	require.NoError(t, err)
	require.Equal(t, []member.Member{owner, other}, got)
	p, err := b.List(t.Context(), ref.Staff("ann"), member.Query{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 2)
	found, err := b.FindEmail(t.Context(), ref.Staff("ann"), "OWNER@example.com")
	require.NoError(t, err)
	require.Equal(t, owner, found)
	all, err := b.FindEmails(t.Context(), ref.Staff("ann"), []string{"OWNER@example.com", owner.Email, "nobody@example.com", "junk", ""})
	require.NoError(t, err)
	require.Equal(t, map[string]member.Member{"OWNER@example.com": owner, owner.Email: owner}, all)
	all, err = b.FindEmails(t.Context(), ref.Staff("ann"), []string{"junk"})
	require.NoError(t, err)
	require.Empty(t, all, "and not everybody")
	_, err = b.FindEmails(t.Context(), ref.Member(owner.ID), []string{owner.Email})
	require.ErrorIs(t, err, fault.PermissionDenied)
	many := make([]string, page.MaxLimit+1)
	for i := range many {
		many[i] = fmt.Sprint("m", i, "@example.com")
	}
	_, err = b.FindEmails(t.Context(), ref.Staff("ann"), many)
	require.ErrorIs(t, err, fault.Invalid)
}

func TestThrottlePurges(t *testing.T) {
	t.Parallel()
	stores, b := memory.New().Stores(), setup(t)
	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: stores.SignInAttempts, Clock: b.clock, Window: time.Minute})
	require.NoError(t, err)
	require.NoError(t, throttle.Attempt(t.Context(), "a", "o"))
	n, err := throttle.Purge(t.Context(), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	b.clock.Advance(2 * time.Minute)
	n, err = throttle.Purge(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 2, n)
}
