package money_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// FuzzParse: whatever is accepted is in range, and survives being written and
// read again in the same locale; whatever is refused is refused as Invalid.
func FuzzParse(f *testing.F) {
	for _, s := range []struct{ locale, currency, text string }{
		{"en-US", "USD", "$1,234.56"},
		{"en-US", "USD", "-$0.01"},
		{"zh-CN", "CNY", "￥１，２３４．５６"},
		{"zh-CN", "CNY", "12.30元"},
		{"de-DE", "EUR", "1.234,56 €"},
		{"fa", "USD", "\u200e$۱٬۲۳۴٫۵۰"},
		{"hi-IN", "INR", "₹1,23,45,678.90"},
		{"ja-JP", "JPY", "￥1,234"},
		{"en-US", "KWD", "KWD 1.234"},
		{"", "USD", "90071992547409.92"},
		{"en-u-nu-thai", "USD", "๑๒"},
	} {
		f.Add(s.locale, s.currency, s.text)
	}
	f.Fuzz(func(t *testing.T, locale, currency, text string) {
		m, err := money.Parse(ref.Locale(locale), money.Currency(currency), text)
		if err != nil {
			if !errors.Is(err, fault.Invalid) || m != (money.Money{}) {
				t.Fatalf("%v with %v", m, err)
			}
			return
		}
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
		again, err := money.Parse(ref.Locale(locale), m.Currency(), m.Format(ref.Locale(locale)))
		if err != nil || again != m {
			t.Fatalf("%q -> %v -> %q -> %v, %v", text, m, m.Format(ref.Locale(locale)), again, err)
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"12.30", "-0.01", "0", "90071992547409.91", "007", "1.", ".5", "-"} {
		f.Add(s, "USD")
		f.Add(s, "JPY")
	}
	f.Fuzz(func(t *testing.T, text, currency string) {
		m, err := money.ParseDecimal(text, money.Currency(currency))
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if again, err := money.ParseDecimal(m.Decimal(), m.Currency()); err != nil || again != m {
			t.Fatalf("%q -> %v -> %v, %v", text, m, again, err)
		}
	})
}

func FuzzUnmarshalJSON(f *testing.F) {
	for _, s := range []string{
		`{"currency":"CNY","minor":12345}`, `{"minor":-1,"currency":"JPY"}`, `null`, `{}`, `{"currency":"CNY","minor":1e2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m money.Money
		if err := m.UnmarshalJSON(data); err != nil {
			if !errors.Is(err, fault.Invalid) || m != (money.Money{}) {
				t.Fatalf("%v with %v", m, err)
			}
			return
		}
		out, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var again money.Money
		if err := json.Unmarshal(out, &again); err != nil || again != m {
			t.Fatalf("%s -> %v, %v", out, again, err)
		}
	})
}
