package validate_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/validate"
)

type audit struct {
	Reason string `json:"reason" validate:"required,max=5"`
}

type line struct {
	SKU      ref.SKUID    `json:"sku" validate:"required,id"`
	Quantity ref.Quantity `json:"quantity" validate:"quantity"`
}

type input struct {
	audit
	Title    string            `json:"title" validate:"required,min=2,max=10,text"`
	Body     string            `json:"body,omitempty" validate:"lines"`
	Slug     string            `json:"slug" validate:"omitempty,slug"`
	Locale   ref.Locale        `json:"locale" validate:"omitempty,locale"`
	Currency money.Currency    `json:"currency" validate:"omitempty,currency"`
	Country  string            `json:"country" validate:"omitempty,country"`
	Price    money.Money       `json:"price" validate:"omitempty,money,positive"`
	Fee      money.Money       `json:"fee" validate:"omitempty,money,notnegative"`
	Weight   int64             `json:"weight" validate:"notnegative,max=1000"`
	State    string            `json:"state" validate:"omitempty,oneof=draft live"`
	Mail     string            `json:"mail" validate:"omitempty,email"`
	Lines    []line            `json:"lines" validate:"max=3,dive"`
	Tags     []string          `json:"tags" validate:"unique,dive,text"`
	Names    map[string]string `json:"names" validate:"dive,keys,locale,endkeys,max=3"`
	Parent   *line             `json:"parent"`
	Internal string            `json:"-" validate:"max=1"`
	Untagged string            `validate:"max=1"`
}

func valid() input {
	return input{audit: audit{Reason: "new"}, Title: "Tea"}
}

// wrong returns the fields of an Invalid fault by path.
func wrong(t *testing.T, err error) map[string]fault.Field {
	t.Helper()
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.True(t, errors.As(err, &f))
	require.Equal(t, "input.invalid", f.Code)
	out := map[string]fault.Field{}
	for _, fd := range f.Fields {
		out[fd.Path] = fd
	}
	return out
}

func TestGoodInput(t *testing.T) {
	t.Parallel()
	v := validate.New()
	in := valid()
	require.NoError(t, v.Struct(in))
	in.Body, in.Slug, in.Locale, in.Currency, in.Country = "a\n\tb", "grüner-tee-2", "zh-Hant-TW", "CNY", "CN"
	in.Price, in.Fee = money.New(1, "CNY"), money.Zero("CNY")
	in.State, in.Mail = "live", "a@example.com"
	in.Lines = []line{{SKU: "sku-1", Quantity: ref.MaxQuantity}}
	in.Tags, in.Names = []string{"a", "b"}, map[string]string{"en": "tea"}
	in.Parent = &in.Lines[0]
	require.NoError(t, v.Struct(&in))
}

func TestEachRule(t *testing.T) {
	t.Parallel()
	v := validate.New()
	for _, c := range []struct {
		change func(in *input)
		path   string
		code   string
		params fault.Params
	}{
		{func(in *input) { in.Reason = "" }, "reason", "required", nil},
		{func(in *input) { in.Reason = "longer" }, "reason", "too_long", fault.Params{"max": int64(5)}},
		{func(in *input) { in.Title = "" }, "title", "required", nil},
		{func(in *input) { in.Title = "茶" }, "title", "too_short", fault.Params{"min": int64(2)}},
		{func(in *input) { in.Title = strings.Repeat("茶", 11) }, "title", "too_long", fault.Params{"max": int64(10)}},
		{func(in *input) { in.Title = "a\nb" }, "title", "text", nil},
		{func(in *input) { in.Title = "a\xffb" }, "title", "text", nil},
		{func(in *input) { in.Title = "a\x00b" }, "title", "text", nil},
		{func(in *input) { in.Body = "a\r\nb" }, "body", "lines", nil},
		{func(in *input) { in.Slug = "Tea" }, "slug", "malformed", fault.Params{"format": "slug"}},
		{func(in *input) { in.Slug = "a--b" }, "slug", "malformed", fault.Params{"format": "slug"}},
		{func(in *input) { in.Slug = "a/b" }, "slug", "malformed", fault.Params{"format": "slug"}},
		{func(in *input) { in.Locale = "english" }, "locale", "unknown", nil},
		{func(in *input) { in.Currency = "cny" }, "currency", "unknown", nil},
		{func(in *input) { in.Country = "ZZ" }, "country", "unknown", nil},
		{func(in *input) { in.Price = money.Zero("CNY") }, "price", "out_of_range", fault.Params{"above": int64(0)}},
		{func(in *input) { in.Price = money.New(1, "cny") }, "price", "currency", nil},
		{func(in *input) { in.Price = money.New(money.MaxMinor+1, "CNY") }, "price", "range", nil},
		{func(in *input) { in.Fee = money.New(-1, "CNY") }, "fee", "out_of_range", fault.Params{"min": int64(0)}},
		{func(in *input) { in.Weight = -1 }, "weight", "out_of_range", fault.Params{"min": int64(0)}},
		{func(in *input) { in.Weight = 1001 }, "weight", "out_of_range", fault.Params{"max": int64(1000)}},
		{func(in *input) { in.State = "gone" }, "state", "unknown", fault.Params{"allowed": []string{"draft", "live"}}},
		{func(in *input) { in.Mail = "nobody" }, "mail", "malformed", fault.Params{"format": "email"}},
		{func(in *input) { in.Lines = make([]line, 4) }, "lines", "too_many", fault.Params{"max": int64(3)}},
		{
			func(in *input) { in.Lines = []line{{"a", 1}, {"b", 0}} }, "lines[1].quantity", "out_of_range",
			fault.Params{"min": int64(1), "max": int64(ref.MaxQuantity)},
		},
		{
			func(in *input) { in.Lines = []line{{ref.SKUID(strings.Repeat("x", 65)), 1}} }, "lines[0].sku", "malformed",
			fault.Params{"format": "id"},
		},
		{func(in *input) { in.Tags = []string{"a", "a"} }, "tags", "duplicate", nil},
		{func(in *input) { in.Tags = []string{"a", "\x01"} }, "tags[1]", "text", nil},
		{func(in *input) { in.Names = map[string]string{"en": "long"} }, "names[en]", "too_long", fault.Params{"max": int64(3)}},
		{func(in *input) { in.Names = map[string]string{"?": "tea"} }, "names[?]", "unknown", nil},
		{func(in *input) { in.Parent = &line{"", 1} }, "parent.sku", "required", nil},
		{func(in *input) { in.Internal = "ab" }, "Internal", "too_long", fault.Params{"max": int64(1)}},
		{func(in *input) { in.Untagged = "ab" }, "Untagged", "too_long", fault.Params{"max": int64(1)}},
	} {
		in := valid()
		c.change(&in)
		got := wrong(t, v.Struct(in))
		require.Equal(t, map[string]fault.Field{c.path: {Path: c.path, Code: c.code, Params: c.params}}, got)
	}
}

func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	got := wrong(t, validate.New().Struct(&input{Weight: -1, Lines: []line{{}, {}}}))
	require.Len(t, got, 7)
	for _, path := range []string{
		"reason", "title", "weight", "lines[0].sku", "lines[0].quantity", "lines[1].sku", "lines[1].quantity",
	} {
		require.Contains(t, got, path)
	}
}

type box[T any] struct {
	Value T `json:"value" validate:"positive,ne=3"`
}

func TestGenericAndAnonymousTypes(t *testing.T) {
	t.Parallel()
	v := validate.New()
	require.Contains(t, wrong(t, v.Struct(box[ref.Quantity]{})), "value")
	require.Contains(t, wrong(t, v.Struct(struct {
		Name string `json:"name" validate:"required"`
	}{})), "name")
	require.Equal(t, fault.Params{"param": "3"}, wrong(t, v.Struct(box[int]{3}))["value"].Params)
}

// A rule on a type that it does not know refuses the value.
func TestRuleOnForeignType(t *testing.T) {
	t.Parallel()
	got := wrong(t, validate.New().Struct(struct {
		A bool    `validate:"text"`
		B string  `validate:"quantity"`
		C string  `validate:"positive"`
		D int     `validate:"money"`
		E []int   `validate:"len=2"`
		F string  `validate:"len=2"`
		G *string `validate:"text"`
	}{}))
	require.Len(t, got, 7)
	require.Equal(t, "out_of_range", got["E"].Code)
}

func TestOnlyStructs(t *testing.T) {
	t.Parallel()
	v := validate.New()
	for _, in := range []any{nil, 1, "text", (*input)(nil), []input{{}}} {
		require.ErrorIs(t, v.Struct(in), fault.Internal)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	v := validate.New()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 50 {
				_ = v.Struct(input{})
				_ = v.Struct(valid())
			}
		})
	}
	wg.Wait()
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Tea", "a\x00", "\xff", "茶", "a\u202eb", "line\nfeed", "-", "a-b", "zh-CN"} {
		f.Add(s)
	}
	v := validate.New()
	f.Fuzz(func(t *testing.T, s string) {
		err := v.Struct(input{
			audit: audit{s}, Title: s, Body: s, Slug: s, Locale: ref.Locale(s), Country: s, Mail: s, State: s,
			Tags: []string{s}, Names: map[string]string{s: s}, Lines: []line{{SKU: ref.SKUID(s)}},
		})
		if !errors.Is(err, fault.Invalid) { // the quantity is always wrong
			t.Fatal(err)
		}
	})
}

func BenchmarkStruct(b *testing.B) {
	v := validate.New()
	in := valid()
	in.Lines = []line{{"a", 1}, {"b", 2}}
	b.ReportAllocs()
	for b.Loop() {
		_ = v.Struct(&in)
	}
}
