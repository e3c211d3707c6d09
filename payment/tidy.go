package payment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/money"
)

// maxWord bounds what a provider calls things, in bytes.
const maxWord = 200

// tidy makes a provider's word fit to be stored and logged: valid UTF-8, no
// control characters, bounded.
func tidy(s string) string {
	s = printable(s)
	for len(s) > maxWord {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

func tidyAmount(m money.Money) money.Money {
	return money.New(m.Minor(), money.Currency(tidy(string(m.Currency()))))
}

func (o Outcome) tidy() Outcome {
	o.ProviderRef, o.Code, o.Advice = tidy(o.ProviderRef), tidy(o.Code), Advice(tidy(string(o.Advice)))
	o.Amount = tidyAmount(o.Amount)
	o.Action.Kind, o.Action.URL = ActionKind(tidy(string(o.Action.Kind))), printable(o.Action.URL)
	params := o.Action.Params
	if params != nil {
		o.Action.Params = make(map[string]string, len(params))
	}
	for k, v := range params {
		o.Action.Params[printable(k)] = printable(v)
	}
	return o
}

func (o RefundOutcome) tidy() RefundOutcome {
	o.ProviderRef, o.Code, o.Amount = tidy(o.ProviderRef), tidy(o.Code), tidyAmount(o.Amount)
	return o
}

func (f *Failure) tidy() *Failure {
	if f == nil {
		return nil
	}
	c := *f
	c.Code, c.Advice = tidy(f.Code), Advice(tidy(string(f.Advice)))
	return &c
}

// sound reports whether the names in a message can be stored as they are:
// cut or cleaned they would be other names.
func (m Message) sound() bool {
	return m.Key != "" && m.Key == tidy(m.Key) && m.Number != "" && m.Number == tidy(m.Number)
}
