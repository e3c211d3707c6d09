package money

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"

	"github.com/soukhq/souk/commerce/fault"
)

// MarshalJSON writes {"currency":"CNY","minor":12345}, and null for the zero
// Money. Invalid where m may not cross the API, see [Money.Check].
func (m Money) MarshalJSON() ([]byte, error) {
	if m == (Money{}) {
		return []byte("null"), nil
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 48)
	b = append(b, `{"currency":"`...)
	b = append(b, m.currency...) // three capitals
	b = append(b, `","minor":`...)
	b = strconv.AppendInt(b, m.minor, 10)
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes and nothing else: both members
// exactly once and no others, names by case, the minor units as an integer
// without point or exponent, a valid currency, an amount within [MaxMinor].
// As is the custom, null leaves m as it is. On error m is unchanged.
func (m *Money) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil
	}
	out, err := decode(json.NewDecoder(bytes.NewReader(data)))
	if err != nil {
		return err
	}
	if err := out.Check(); err != nil {
		return err
	}
	*m = out
	return nil
}

func decode(d *json.Decoder) (Money, error) {
	d.UseNumber()
	bad := fault.New(fault.Invalid, CodeSyntax, `the JSON is not {"currency":"...","minor":...}`)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return Money{}, bad
	}
	var (
		out                 Money
		hasMinor, hasSymbol bool
	)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return Money{}, bad
		}
		value, err := d.Token()
		if err != nil {
			return Money{}, bad
		}
		switch name {
		case "currency":
			s, ok := value.(string)
			if !ok || hasSymbol {
				return Money{}, bad
			}
			out.currency, hasSymbol = Currency(s), true
		case "minor":
			n, ok := value.(json.Number)
			if !ok || hasMinor {
				return Money{}, bad
			}
			if out.minor, err = strconv.ParseInt(n.String(), 10, 64); err != nil {
				return Money{}, bad
			}
			hasMinor = true
		default:
			return Money{}, bad
		}
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') || !hasMinor || !hasSymbol {
		return Money{}, bad
	}
	if _, err := d.Token(); err != io.EOF {
		return Money{}, bad
	}
	return out, nil
}
