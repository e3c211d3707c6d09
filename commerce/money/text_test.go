package money_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

func TestCurrency(t *testing.T) {
	t.Parallel()
	for code, exponent := range map[money.Currency]int{
		"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KRW": 0, "VND": 0, "CLP": 0,
		"KWD": 3, "BHD": 3, "TND": 3, "IQD": 3, "CLF": 4, "UYW": 4, // the minor unit, not ...
		"IDR": 2, "COP": 2, "HUF": 2, "PKR": 2, "TWD": 2, // ... what CLDR likes to print
		"VES": 2, "SLE": 2, "XCG": 2, "DEM": 2, "ITL": 0,
	} {
		require.True(t, code.Valid(), code)
		require.NoError(t, code.Check(), code)
		require.Equal(t, exponent, code.Exponent(), code)
	}
	for _, code := range []money.Currency{"", "cny", "Usd", "US", "USDX", "XXX", "XTS", "ZZZ", "PTS", "U$D", "人民币"} {
		require.False(t, code.Valid(), code)
		require.Equal(t, 2, code.Exponent(), code)
		requireCode(t, code.Check(), money.CodeCurrency)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m      money.Money
		locale ref.Locale
		want   string
	}{
		{money.New(123456789, "USD"), "en-US", "$1,234,567.89"},
		{money.New(-1234, "USD"), "en-US", "-$12.34"},
		{money.New(123456789, "CNY"), "en-US", "CN¥1,234,567.89"},
		{money.New(123456789, "CNY"), "zh-CN", "¥1,234,567.89"},
		{money.New(-5, "CNY"), "zh-CN", "-¥0.05"},
		{money.New(1000, "USD"), "zh-CN", "US$10.00"},
		{money.New(1234, "JPY"), "en-US", "¥1,234"},
		{money.New(1234, "JPY"), "zh-CN", "JP¥1,234"},
		{money.New(1234, "JPY"), "ja-JP", "￥1,234"},
		{money.New(1234567, "KWD"), "en-US", "KWD\u00a01,234.567"},
		{money.New(0, "CHF"), "en-US", "CHF\u00a00.00"},
		{money.New(123456, "GBP"), "en-GB", "£1,234.56"},
		{money.New(123456, "EUR"), "de-DE", "1.234,56\u00a0€"},
		{money.New(123456, "EUR"), "de-AT", "€\u00a01\u00a0234,56"},
		{money.New(-123456, "EUR"), "fr-FR", "-1\u00a0234,56\u00a0€"},
		{money.New(123456, "BRL"), "pt-BR", "R$\u00a01.234,56"},
		{money.New(1234567890, "INR"), "hi-IN", "₹1,23,45,678.90"},
		{money.New(1, "XCG"), "en-US", "XCG\u00a00.01"},
		{money.New(50, "USD"), "not a locale", "US$0.50"},
		{money.New(money.MaxMinor, "USD"), "en-US", "$90,071,992,547,409.91"},
		{money.New(math.MinInt64, "JPY"), "en-US", "-¥9,223,372,036,854,775,808"},
	} {
		require.Equal(t, c.want, c.m.Format(c.locale), "%s in %s", c.m, c.locale)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale   ref.Locale
		currency money.Currency
		text     string
		want     int64
	}{
		{"en-US", "USD", "$1,234.56", 123456},
		{"en-US", "USD", "1234.5", 123450},
		{"en-US", "USD", " 12 ", 1200},
		{"en-US", "USD", "-$12.34", -1234},
		{"en-US", "USD", "$-12.34", -1234},
		{"en-US", "USD", "\u221212.34", -1234},
		{"en-US", "USD", "USD 12.34", 1234},
		{"en-US", "USD", "12.34 USD", 1234},
		{"en-US", "CNY", "CN¥8", 800},
		{"en-US", "CNY", "¥8", 800},
		{"zh-CN", "CNY", "¥1,234.56", 123456},
		{"zh-CN", "CNY", "￥1,234.56", 123456},
		{"zh-CN", "CNY", "￥１２．３４", 1234},
		{"zh-CN", "CNY", "12.30元", 1230},
		{"zh-CN", "USD", "US$10", 1000},
		{"zh-CN", "JPY", "1,234", 1234},
		{"ja-JP", "JPY", "￥1,234", 1234},
		{"de-DE", "EUR", "1.234,56 €", 123456},
		{"de-CH", "CHF", "CHF 1'234.56", 123456},
		{"fr-FR", "EUR", "1 234,56\u202f€", 123456},
		{"hi-IN", "INR", "₹1,23,45,678.90", 1234567890},
		{"fa", "USD", "۱۲۳٫۵", 12350},
		{"en-US", "KWD", "1.234", 1234},
		{"en-US", "USD", "90,071,992,547,409.91", money.MaxMinor},
	} {
		got, err := money.Parse(c.locale, c.currency, c.text)
		require.NoError(t, err, "%q in %s", c.text, c.locale)
		require.Equal(t, money.New(c.want, c.currency), got, "%q in %s", c.text, c.locale)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale   ref.Locale
		currency money.Currency
		text     string
		code     string
	}{
		{"en-US", "USD", "", money.CodeSyntax},
		{"en-US", "USD", "$", money.CodeSyntax},
		{"en-US", "USD", "-", money.CodeSyntax},
		{"en-US", "USD", "twelve", money.CodeSyntax},
		{"en-US", "USD", "12.", money.CodeSyntax},
		{"en-US", "USD", ".5", money.CodeSyntax},
		{"en-US", "USD", "1.2.3", money.CodeSyntax},
		{"en-US", "USD", "--12", money.CodeSyntax},
		{"en-US", "USD", "-$-12", money.CodeSyntax},
		{"en-US", "USD", "$$12", money.CodeSyntax},
		{"en-US", "USD", "$12$", money.CodeSyntax},
		{"en-US", "USD", "€12", money.CodeSyntax},
		{"en-US", "USD", "1e3", money.CodeSyntax},
		{"en-US", "USD", "0x10", money.CodeSyntax},
		{"en-US", "USD", "+12", money.CodeSyntax},
		{"en-US", "USD", "1,2", money.CodeSyntax},
		{"en-US", "USD", "12,34,567", money.CodeSyntax},
		{"en-US", "USD", ",123", money.CodeSyntax},
		{"en-US", "USD", "1.234,56", money.CodeSyntax},
		{"de-DE", "EUR", "1.50", money.CodeSyntax}, // not 150
		{"en-US", "USD", "12\x00", money.CodeSyntax},
		{"en-US", "USD", "12\xff", money.CodeSyntax},
		{"en-US", "USD", strings.Repeat("0", 200), money.CodeSyntax},
		{"en-US", "USD", "12.345", money.CodeDecimals},
		{"en-US", "USD", "12.340", money.CodeDecimals},
		{"ja-JP", "JPY", "12.3", money.CodeDecimals},
		{"en-US", "USD", "90,071,992,547,409.92", money.CodeRange},
		{"en-US", "USD", "99999999999999999999999999", money.CodeRange},
		{"en-US", "usd", "12", money.CodeCurrency},
	} {
		got, err := money.Parse(c.locale, c.currency, c.text)
		requireCode(t, err, c.code)
		require.Zero(t, got)
	}
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"12.30": 1230, "12.3": 1230, "12": 1200, "-0.01": -1, "-0": 0, "007.50": 750,
		"90071992547409.91": money.MaxMinor,
	} {
		got, err := money.ParseDecimal(text, "USD")
		require.NoError(t, err, text)
		require.Equal(t, money.New(want, "USD"), got, text)
	}
	for text, code := range map[string]string{
		"": money.CodeSyntax, "-": money.CodeSyntax, ".": money.CodeSyntax, "1.": money.CodeSyntax,
		".5": money.CodeSyntax, " 1": money.CodeSyntax, "1,000": money.CodeSyntax, "$1": money.CodeSyntax,
		"1.2.3": money.CodeSyntax, "--1": money.CodeSyntax, "1.-5": money.CodeSyntax, "１": money.CodeSyntax,
		"1.234": money.CodeDecimals, "90071992547409.92": money.CodeRange, "-90071992547409.92": money.CodeRange,
		"18446744073709551616": money.CodeRange, strings.Repeat("9", 99): money.CodeSyntax,
	} {
		_, err := money.ParseDecimal(text, "USD")
		requireCode(t, err, code)
	}
	_, err := money.ParseDecimal("1", "XXX")
	requireCode(t, err, money.CodeCurrency)
}

func TestTextRoundTrips(t *testing.T) {
	t.Parallel()
	locales := []ref.Locale{
		"en-US", "en-GB", "en-IN", "zh-CN", "zh-TW", "zh-Hant-HK", "ja-JP", "ko-KR", "de-DE", "de-AT", "de-CH",
		"fr-FR", "fr-CH", "es-ES", "es-MX", "it-IT", "pt-BR", "pt-PT", "nl-NL", "sv-SE", "nb-NO", "da-DK", "fi-FI",
		"pl-PL", "cs-CZ", "ru-RU", "uk-UA", "tr-TR", "hi-IN", "bn-BD", "th-TH", "vi-VN", "id-ID", "ar-EG", "he-IL",
		"fa", "ar", "mr-IN", "my-MM", "el-GR", "hu-HU", "xx",
	}
	rapid.Check(t, func(t *rapid.T) {
		m := money.New(
			rapid.OneOf(rapid.Int64Range(-99_999, 99_999), rapid.Int64Range(-money.MaxMinor, money.MaxMinor)).Draw(t, "minor"),
			money.Currency(rapid.SampledFrom([]string{"CNY", "USD", "EUR", "JPY", "KWD", "CHF", "CLF", "DKK", "EGP", "IDR", "VES"}).Draw(t, "currency")),
		)
		locale := rapid.SampledFrom(locales).Draw(t, "locale")
		text := m.Format(locale)
		got, err := money.Parse(locale, m.Currency(), text)
		require.NoError(t, err, "%q in %s", text, locale)
		require.Equal(t, m, got, "%q in %s", text, locale)

		got, err = money.ParseDecimal(m.Decimal(), m.Currency())
		require.NoError(t, err)
		require.Equal(t, m, got)

		data, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &got))
		require.Equal(t, m, got)
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(struct {
		Price money.Money `json:"price"`
		Was   money.Money `json:"was"`
	}{Price: money.New(12345, "CNY")})
	require.NoError(t, err)
	require.JSONEq(t, `{"price":{"currency":"CNY","minor":12345},"was":null}`, string(data))

	var m money.Money
	require.NoError(t, json.Unmarshal([]byte(` { "minor" : -1 , "currency" : "JPY" } `), &m))
	require.Equal(t, money.New(-1, "JPY"), m)
	require.NoError(t, json.Unmarshal([]byte(`null`), &m))
	require.Equal(t, money.New(-1, "JPY"), m)

	_, err = json.Marshal(money.New(money.MaxMinor+1, "CNY"))
	requireCode(t, err, money.CodeRange)
	_, err = json.Marshal(money.New(1, "bad"))
	requireCode(t, err, money.CodeCurrency)
}

func TestJSONIsStrict(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		`{}`:                                     money.CodeSyntax,
		`[]`:                                     money.CodeSyntax,
		`12`:                                     money.CodeSyntax,
		`"CNY 1"`:                                money.CodeSyntax,
		`{"currency":"CNY"}`:                     money.CodeSyntax,
		`{"minor":1}`:                            money.CodeSyntax,
		`{"currency":"CNY","minor":null}`:        money.CodeSyntax,
		`{"currency":null,"minor":1}`:            money.CodeSyntax,
		`{"currency":"CNY","minor":"1"}`:         money.CodeSyntax,
		`{"currency":"CNY","minor":1.0}`:         money.CodeSyntax,
		`{"currency":"CNY","minor":1e2}`:         money.CodeSyntax,
		`{"currency":"CNY","minor":[1]}`:         money.CodeSyntax,
		`{"currency":"CNY","minor":1,"minor":2}`: money.CodeSyntax,
		`{"currency":"CNY","currency":"USD","minor":1}`:   money.CodeSyntax,
		`{"currency":"CNY","minor":1,"scale":2}`:          money.CodeSyntax,
		`{"Currency":"CNY","minor":1}`:                    money.CodeSyntax,
		`{"currency":"CNY","minor":99999999999999999999}`: money.CodeSyntax,
		`{"currency":"CNY","minor":9007199254740992}`:     money.CodeRange,
		`{"currency":"CNY","minor":-9007199254740992}`:    money.CodeRange,
		`{"currency":"cny","minor":1}`:                    money.CodeCurrency,
		`{"currency":"","minor":0}`:                       money.CodeCurrency,
	} {
		m := money.New(7, "USD")
		requireCode(t, json.Unmarshal([]byte(text), &m), code)
		require.Equal(t, money.New(7, "USD"), m, text)
	}
	// Called directly, without encoding/json's own check before it.
	for _, text := range []string{"", `{"currency":"CNY","minor":1}}`, `{"currency":"CNY","minor":1} {}`, `{"currency"`, `{"a":{`} {
		var m money.Money
		requireCode(t, m.UnmarshalJSON([]byte(text)), money.CodeSyntax)
	}
}
