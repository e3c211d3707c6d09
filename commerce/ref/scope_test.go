package ref_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
)

func TestScopesSeeExactlyTheirOwn(t *testing.T) {
	t.Parallel()
	guest := ref.Guest("secret")
	for _, c := range []struct {
		name   string
		scope  ref.Scope
		kind   ref.ScopeKind
		all    bool
		member bool // owns member m-1's object
		guest  bool // owns the guest's object
		text   string
	}{
		{"nobody", ref.Scope{}, ref.NoScope, false, false, false, "nobody"},
		{"member", ref.Member("m-1"), ref.MemberScope, false, true, false, "member:m-1"},
		{"other member", ref.Member("m-2"), ref.MemberScope, false, false, false, "member:m-2"},
		{"guest", guest, ref.GuestScope, false, false, true, "guest"},
		{"other guest", ref.Guest("other"), ref.GuestScope, false, false, false, "guest"},
		{"merchant", ref.Merchant("m-1"), ref.MerchantScope, false, false, false, "merchant:m-1"},
		{"staff", ref.Staff("ann"), ref.StaffScope, true, true, true, "staff:ann"},
		{"system", ref.System(), ref.SystemScope, true, true, true, "system"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.kind, c.scope.Kind())
			require.Equal(t, c.all, c.scope.All())
			require.Equal(t, c.member, c.scope.Owns("m-1", ""))
			require.Equal(t, c.guest, c.scope.Owns("", guest.Guest()))
			require.Equal(t, c.member, c.scope.Owns("m-1", guest.Guest()), "a member's object is no guest's")
			require.Equal(t, c.all, c.scope.Owns("", ""), "an object of nobody belongs to the site")
			require.Equal(t, c.text, c.scope.String())
		})
	}
}

func TestEmptyIDsGiveNoScope(t *testing.T) {
	t.Parallel()
	for _, s := range []ref.Scope{ref.Guest(""), ref.Member(""), ref.Merchant(""), ref.Staff("")} {
		require.Equal(t, ref.Scope{}, s)
	}
}

func TestAccessorsAnswerForTheirKindOnly(t *testing.T) {
	t.Parallel()
	require.Equal(t, ref.MemberID("a"), ref.Member("a").Member())
	require.Equal(t, ref.MerchantID("a"), ref.Merchant("a").Merchant())
	require.NotEmpty(t, ref.Guest("a").Guest())
	for _, s := range []ref.Scope{{}, ref.Staff("a"), ref.System(), ref.Merchant("a"), ref.Guest("a")} {
		require.Empty(t, s.Member())
	}
	for _, s := range []ref.Scope{{}, ref.Staff("a"), ref.System(), ref.Member("a"), ref.Guest("a")} {
		require.Empty(t, s.Merchant())
	}
	for _, s := range []ref.Scope{{}, ref.Staff("a"), ref.System(), ref.Member("a"), ref.Merchant("a")} {
		require.Empty(t, s.Guest())
	}
}

func TestGuestTokenStaysSecret(t *testing.T) {
	t.Parallel()
	s := ref.Guest("secret-token")
	require.Equal(t, s, ref.Guest("secret-token"), "the same guest every time")
	require.NotContains(t, s.Guest(), "secret")
	require.True(t, ref.ValidID(s.Guest()))
	require.NotEqual(t, s, ref.Guest(s.Guest()), "who reads the key is not the guest")

	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "scope", s)
	for _, text := range []string{log.String(), fmt.Sprint(s), fmt.Sprintf("%+v", s)} {
		require.NotContains(t, text, s.Guest())
		require.NotContains(t, text, "secret")
	}
}

func Example() {
	// A member sees the own cart, and so does the staff; a merchant does not.
	owner := ref.MemberID("m-1")
	for _, s := range []ref.Scope{ref.Member("m-1"), ref.Member("m-2"), ref.Staff("ann"), ref.Merchant("tea-house")} {
		fmt.Println(s, s.Owns(owner, ""))
	}
	// Output:
	// member:m-1 true
	// member:m-2 false
	// staff:ann true
	// merchant:tea-house false
}
