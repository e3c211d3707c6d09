package member_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]member.State]bool{
		{member.Active, member.Blocked}: true,
		{member.Active, member.Erased}:  true,
		{member.Blocked, member.Active}: true,
		{member.Blocked, member.Erased}: true,
	}
	states := []member.State{member.Active, member.Blocked, member.Erased, "", "unheard_of"}
	for _, from := range states {
		for _, to := range states {
			require.Equal(t, allowed[[2]member.State{from, to}], from.To(to), "%s to %s", from, to)
		}
	}
}

func TestPrintingShowsNoPerson(t *testing.T) {
	t.Parallel()
	m := member.Member{ID: "m1", State: member.Active, Email: "li.lei@example.com", Name: "Li Lei", Phone: "+8613800138000"}
	for _, text := range []string{fmt.Sprint(m), fmt.Sprintf("%+v", m), fmt.Sprintf("%#v", m), m.LogValue().String()} {
		require.Equal(t, "member(m1, active)", text)
	}
}

func TestEventsStayReadable(t *testing.T) {
	t.Parallel()
	for _, payload := range []event.Payload{
		&member.Registered{}, &member.StateChanged{}, &member.PasswordChanged{}, &member.Forgotten{},
	} {
		golden, err := os.ReadFile("testdata/events/" + payload.EventName() + ".json")
		require.NoError(t, err)
		require.NoError(t, event.Decode(event.Record{Name: payload.EventName(), Payload: golden}, payload))
		require.False(t, reflect.ValueOf(payload).Elem().IsZero())
		again, err := json.Marshal(payload)
		require.NoError(t, err)
		require.Equal(t, string(bytes.TrimSpace(golden)), string(again))
	}
}

func TestEmailKey(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"li.lei@example.com":               "li.lei@example.com",
		"Li.LEI+shop@EXAMPLE.com":          "li.lei+shop@example.com",
		"li@пример.рф":                     "li@xn--e1afmkfd.xn--p1ai",
		"li@XN--E1AFMKFD.xn--p1ai":         "li@xn--e1afmkfd.xn--p1ai",
		"e\u0301va@example.com":            "éva@example.com",
		"ÉVA@example.com":                  "éva@example.com",
		"o'neil@sub.example.co.uk":         "o'neil@sub.example.co.uk",
		"李雷@例子.中国":                         "李雷@xn--fsqu00a.xn--fiqs8s",
		"user_name-1!#$%&*/=?^`{|}~@a.com": "user_name-1!#$%&*/=?^`{|}~@a.com",
	} {
		got, err := member.EmailKey(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
		again, err := member.EmailKey(got)
		require.NoError(t, err, "a key is an address")
		require.Equal(t, got, again)
	}
	for _, in := range []string{
		"", "a", "@example.com", "a@", "a@b", "a@b.", "a@.b", "a b@example.com", "a@exa mple.com", "a..b@example.com",
		".a@example.com", "a.@example.com", "\"a\"@example.com", "a@b@example.com", "a@example.com\n", "a\x00@example.com",
		"<a@example.com>", "a@-example.com", "a,b@example.com", "a@example..com", "\xff@example.com",
		string(bytes.Repeat([]byte("a"), 65)) + "@example.com", "a@" + string(bytes.Repeat([]byte("a."), 130)) + "com",
	} {
		_, err := member.EmailKey(in)
		require.ErrorIs(t, err, fault.Invalid, "%q", in)
	}
}

func FuzzEmailKey(f *testing.F) {
	f.Add("Li.Lei@EXAMPLE.com")
	f.Add("李雷@例子.中国")
	f.Add("ß@ß.de")
	f.Fuzz(func(t *testing.T, in string) {
		key, err := member.EmailKey(in)
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
			return
		}
		again, err := member.EmailKey(key)
		if err == nil { // folding may have made it longer than an address may be
			require.Equal(t, key, again)
		}
	})
}
