package address

import (
	"github.com/nyaruka/phonenumbers"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// KnownCountry reports whether code is the ISO 3166-1 alpha-2 code, in
// capitals, of a country that has a numbering plan, which is every one with
// inhabitants.
func KnownCountry(code string) bool {
	return len(code) == 2 && phonenumbers.GetCountryCodeForRegion(code) != 0
}

// NormalizePhone returns a phone number in E.164 ("+8613800138000"). A number
// without a leading plus is read as dialled within country; an empty country
// demands the plus. Kinds: Invalid, with the path "phone".
func NormalizePhone(country, phone string) (string, error) {
	if len(phone) <= 4*MaxPhone && ref.PlainText(phone) {
		if n, ok := parsePhone(country, phone); ok {
			return n, nil
		}
	}
	var v fault.Violations
	v.Add("phone", "malformed", fault.Params{"country": country})
	return "", v.Err("address.phone", "the phone number is not valid")
}

func parsePhone(country, phone string) (string, bool) {
	n, err := phonenumbers.Parse(phone, country)
	if err != nil || !phonenumbers.IsValidNumber(n) || n.GetExtension() != "" {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}
