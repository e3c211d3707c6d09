package address_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
)

func american() address.Address {
	return address.Address{
		Name: "Ada Doe", Phone: "(415) 555-2671", Country: "us", Region: "california",
		City: "San  Francisco ", Line1: " 1 Market St", PostalCode: "941051234",
	}
}

func chinese() address.Address {
	return address.Address{
		Name: "李雷", Phone: "１３８ 0013 8000", Country: "CN", Region: "广东", City: "深圳市",
		District: "南山区", Line1: "科技园路 1 号", PostalCode: "５１８０５７",
	}
}

func british() address.Address {
	return address.Address{
		Name: "Sam Smith", Phone: "020 7946 0958", Country: "GB", City: "London", Line1: "10 Downing St", PostalCode: "sw1a2aa",
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, want address.Address }{
		{american(), address.Address{
			Name: "Ada Doe", Phone: "+14155552671", Country: "US", Region: "CA",
			City: "San Francisco", Line1: "1 Market St", PostalCode: "94105-1234",
		}},
		{chinese(), address.Address{
			Name: "李雷", Phone: "+8613800138000", Country: "CN", Region: "广东省", City: "深圳市",
			District: "南山区", Line1: "科技园路 1 号", PostalCode: "518057",
		}},
		{british(), address.Address{
			Name: "Sam Smith", Phone: "+442079460958", Country: "GB", City: "London", Line1: "10 Downing St", PostalCode: "SW1A 2AA",
		}},
		{address.Address{
			Name: "Tan", Phone: "+65 6123 4567", Country: "SG", Line1: "1 Raffles Pl", PostalCode: "048616",
		}, address.Address{
			Name: "Tan", Phone: "+6561234567", Country: "SG", Line1: "1 Raffles Pl", PostalCode: "048616",
		}},
		{address.Address{ // no rule for the country: sizes and characters only
			Name: "Awa", Phone: "+221 33 839 86 70", Country: "SN", City: "Dakar", Line1: "Rue 1", PostalCode: "bp 12",
		}, address.Address{
			Name: "Awa", Phone: "+221338398670", Country: "SN", City: "Dakar", Line1: "Rue 1", PostalCode: "BP 12",
		}},
	} {
		got, err := c.typed.Normalize()
		require.NoError(t, err, "%#v", c.typed.Country)
		require.Equal(t, c.want, got)
		require.NoError(t, c.typed.Validate())
		again, err := got.Normalize()
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
}

// fields returns "path code" of every violation.
func fields(t *testing.T, err error) []string {
	t.Helper()
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.True(t, errors.As(err, &f))
	require.Equal(t, "address.invalid", f.Code)
	out := make([]string, len(f.Fields))
	for i, fd := range f.Fields {
		out[i] = fd.Path + " " + fd.Code
	}
	return out
}

func TestEveryWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"name required", "phone required", "country required", "city required", "line1 required"},
		fields(t, address.Address{}.Validate()))
	require.Equal(t, []string{
		"name required", "phone required", "region required", "city required", "line1 required", "postal_code required",
	}, fields(t, address.Address{Country: "US"}.Validate()))

	a := american()
	a.Phone, a.Region, a.PostalCode = "12", "Bavaria", "9410"
	require.Equal(t, []string{"phone malformed", "region unknown", "postal_code malformed"}, fields(t, a.Validate()))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	change := func(fn func(a *address.Address)) address.Address {
		a := american()
		fn(&a)
		return a
	}
	for _, c := range []struct {
		a    address.Address
		want string
	}{
		{change(func(a *address.Address) { a.Name = "Ada\x00Doe" }), "name text"},
		{change(func(a *address.Address) { a.Name = "Ada\nDoe" }), "name text"},
		{change(func(a *address.Address) { a.Name = "Ada\u202eeoD" }), "name text"},
		{change(func(a *address.Address) { a.Line2 = "bad \xff" }), "line2 text"},
		{change(func(a *address.Address) { a.Name = strings.Repeat("é", address.MaxName+1) }), "name too_long"},
		{change(func(a *address.Address) { a.Line1 = strings.Repeat("x", address.MaxLine+1) }), "line1 too_long"},
		{change(func(a *address.Address) { a.City = strings.Repeat("x", 10<<20) }), "city too_long"},
		{change(func(a *address.Address) { a.Country = "USA" }), "country too_long"},
		{change(func(a *address.Address) { a.Country = "ZZ" }), "country unknown"},
		{change(func(a *address.Address) { a.Country = "0" }), "country unknown"},
		{change(func(a *address.Address) { a.Phone = "+1 415 555 2671 ext. 5" }), "phone malformed"},
		{change(func(a *address.Address) { a.Phone = "call me" }), "phone malformed"},
		{change(func(a *address.Address) { a.PostalCode = "ABCDE" }), "postal_code malformed"},
		{change(func(a *address.Address) { a.PostalCode = "941050" }), "postal_code malformed"},
	} {
		require.Equal(t, []string{c.want}, fields(t, c.a.Validate()))
	}
	// A name as long as is allowed, in a script of three bytes a character.
	a := chinese()
	a.Name = strings.Repeat("李", address.MaxName)
	require.NoError(t, a.Validate())
}

func TestPostalForms(t *testing.T) {
	t.Parallel()
	base := map[string]address.Address{"GB": british(), "US": american(), "CN": chinese()}
	for _, c := range []struct{ country, typed, want string }{
		{"GB", "m11ae", "M1 1AE"},
		{"GB", "B33 8TH", "B33 8TH"},
		{"GB", "cr2 6xh", "CR2 6XH"},
		{"GB", "DN551PT", "DN55 1PT"},
		{"GB", "W1A 0AX", "W1A 0AX"},
		{"GB", "EC1A 1BB", "EC1A 1BB"},
		{"GB", "1AA 1AA", ""},
		{"US", "94105", "94105"},
		{"US", "94105 1234", "94105-1234"},
		{"CN", "100001", "100001"},
		{"CN", "", ""},
		{"CN", "10001", ""},
	} {
		a := base[c.country]
		a.PostalCode = c.typed
		got, err := a.Normalize()
		if c.want == "" && c.typed != "" {
			require.Equal(t, []string{"postal_code malformed"}, fields(t, err), c.typed)
			continue
		}
		require.NoError(t, err, c.typed)
		require.Equal(t, c.want, got.PostalCode)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	counts := map[string]int{"CN": 34, "US": 59, "CA": 13, "AU": 8, "FR": 0}
	for country, n := range counts {
		regions := address.Regions(country)
		require.Len(t, regions, n, country)
		seen := map[string]bool{}
		for _, r := range regions {
			require.NotEmpty(t, r.Name)
			require.False(t, seen[r.Value] || seen[r.Name], r.Value)
			seen[r.Value], seen[r.Name] = true, true
		}
	}
	for _, name := range []string{"广东", "广东省", "Guangdong", "GUANGDONG"} {
		a := chinese()
		a.Region = name
		got, err := a.Normalize()
		require.NoError(t, err, name)
		require.Equal(t, "广东省", got.Region)
	}
}

func TestNormalizePhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ country, typed, want string }{
		{"CN", "138-0013-8000", "+8613800138000"},
		{"CN", "+1 415 555 2671", "+14155552671"},
		{"", "+86 138 0013 8000", "+8613800138000"},
		{"GB", "07400 123456", "+447400123456"},
	} {
		got, err := address.NormalizePhone(c.country, c.typed)
		require.NoError(t, err, c.typed)
		require.Equal(t, c.want, got)
	}
	for _, c := range []struct{ country, typed string }{
		{"", "13800138000"}, {"CN", ""}, {"CN", "110"}, {"CN", "1380013800\x00"}, {"US", strings.Repeat("1", 1<<20)}, {"ZZ", "13800138000"},
	} {
		_, err := address.NormalizePhone(c.country, c.typed)
		require.ErrorIs(t, err, fault.Invalid, c.typed)
		require.Equal(t, "address.phone", fault.CodeOf(err))
	}
}

func TestKnownCountry(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"CN", "US", "GB", "DE", "HK", "TW", "SG", "VA"} {
		require.True(t, address.KnownCountry(c), c)
	}
	for _, c := range []string{"", "us", "USA", "ZZ", "00", "中"} {
		require.False(t, address.KnownCountry(c), c)
	}
}

func TestNothingIsPrinted(t *testing.T) {
	t.Parallel()
	a := chinese()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("ship", "to", a)
	for _, text := range []string{
		log.String(), fmt.Sprint(a), fmt.Sprintf("%v", a), fmt.Sprintf("%+v", a), fmt.Sprintf("%#v", a),
		fmt.Sprintf("%s", &a), //nolint:staticcheck // that verb, through a pointer
		fmt.Sprintf("%v", struct{ To address.Address }{a}),
	} {
		require.Contains(t, text, "address(CN, redacted)")
		for _, secret := range []string{"李雷", "0013", "南山", "科技园", "518057"} {
			require.NotContains(t, text, secret)
		}
	}
	require.Equal(t, "address(none)", address.Address{}.String())
	require.Equal(t, "address(redacted)", address.Address{Country: "\n\n"}.String())
	require.Equal(t, address.Address{Country: "CN", Region: "广东", City: "深圳市"}, a.Redacted())
	require.False(t, a.Redacted().IsZero())

	data, err := json.Marshal(a) // storing it is another matter
	require.NoError(t, err)
	var back address.Address
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, a, back)
}

// FuzzNormalize: what is accepted is in its final form; all else is Invalid.
func FuzzNormalize(f *testing.F) {
	for _, a := range []address.Address{american(), chinese(), british(), {}} {
		f.Add(a.Name, a.Phone, a.Country, a.Region, a.City, a.Line1, a.PostalCode)
	}
	f.Fuzz(func(t *testing.T, name, phone, country, region, city, line1, postal string) {
		a := address.Address{
			Name: name, Phone: phone, Country: country, Region: region, City: city, Line1: line1, PostalCode: postal,
		}
		n, err := a.Normalize()
		if err != nil {
			if !errors.Is(err, fault.Invalid) || !n.IsZero() {
				t.Fatal(err)
			}
			return
		}
		if again, err := n.Normalize(); err != nil || again != n {
			t.Fatalf("not final: %v", err)
		}
	})
}

func BenchmarkNormalize(b *testing.B) {
	a := chinese()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = a.Normalize()
	}
}
