package address

import (
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// The size caps, in characters.
const (
	MaxName   = 100
	MaxPhone  = 40
	MaxRegion = 100 // region, city and district each
	MaxLine   = 200
	MaxPostal = 16
)

// Address is where a parcel or an invoice goes, and whom the courier calls.
type Address struct {
	Name       string `json:"name"`
	Phone      string `json:"phone"`              // E.164 once normalised
	Country    string `json:"country"`            // ISO 3166-1 alpha-2, "CN"
	Region     string `json:"region,omitempty"`   // province or state
	City       string `json:"city,omitempty"`     // city or post town
	District   string `json:"district,omitempty"` // below the city, where there is one
	Line1      string `json:"line1"`
	Line2      string `json:"line2,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
}

// IsZero reports whether nothing is filled in.
func (a Address) IsZero() bool { return a == Address{} }

// Validate reports whether Normalize accepts a. Kinds: Invalid, with every
// wrong field.
func (a Address) Validate() error {
	_, err := a.Normalize()
	return err
}

// Normalize returns a in its one written form; normalising again changes
// nothing. Kinds: Invalid, with every wrong field; then the result is zero.
func (a Address) Normalize() (Address, error) {
	var v fault.Violations
	n := Address{
		Name: text(&v, "name", a.Name, MaxName), Phone: text(&v, "phone", a.Phone, MaxPhone),
		Country: strings.ToUpper(text(&v, "country", a.Country, 2)),
		Region:  text(&v, "region", a.Region, MaxRegion), City: text(&v, "city", a.City, MaxRegion),
		District: text(&v, "district", a.District, MaxRegion),
		Line1:    text(&v, "line1", a.Line1, MaxLine), Line2: text(&v, "line2", a.Line2, MaxLine),
		PostalCode: text(&v, "postal_code", a.PostalCode, MaxPostal),
	}
	if v.Err("", "") != nil { // no second complaint about a field that is broken
		return Address{}, invalid(&v)
	}
	r := ruleOf(n.Country)
	require(&v, "name", n.Name, true)
	require(&v, "phone", n.Phone, true)
	require(&v, "country", n.Country, true)
	require(&v, "region", n.Region, r.needsRegion)
	require(&v, "city", n.City, r.needsCity)
	require(&v, "line1", n.Line1, true)
	require(&v, "postal_code", n.PostalCode, r.needsPostal)

	switch {
	case n.Country == "":
	case !KnownCountry(n.Country):
		v.Add("country", "unknown", nil)
	default:
		n.normalizeParts(&v, r)
	}
	if err := invalid(&v); err != nil {
		return Address{}, err
	}
	return n, nil
}

// normalizeParts rewrites what depends on the country.
func (a *Address) normalizeParts(v *fault.Violations, r rule) {
	if a.Phone != "" {
		if phone, ok := parsePhone(a.Country, a.Phone); ok {
			a.Phone = phone
		} else {
			v.Add("phone", "malformed", fault.Params{"country": a.Country})
		}
	}
	if a.Region != "" {
		if region, ok := findRegion(a.Country, a.Region); ok {
			a.Region = region
		} else {
			v.Add("region", "unknown", fault.Params{"country": a.Country})
		}
	}
	if a.PostalCode != "" {
		if code, ok := r.postalCode(a.PostalCode); ok {
			a.PostalCode = code
		} else {
			v.Add("postal_code", "malformed", fault.Params{"country": a.Country})
		}
	}
}

func invalid(v *fault.Violations) error {
	return v.Err("address.invalid", "the address is not valid")
}

// text trims a field, joins runs of spaces and checks size and characters.
func text(v *fault.Violations, path, value string, limit int) string {
	if len(value) > 8*limit || utf8.RuneCountInString(value) > limit {
		v.Add(path, "too_long", fault.Params{"max": limit})
		return ""
	}
	if !ref.PlainText(value) {
		v.Add(path, "text", nil)
		return ""
	}
	return strings.Join(strings.Fields(value), " ")
}

func require(v *fault.Violations, path, value string, needed bool) {
	if needed && value == "" {
		v.Add(path, "required", nil)
	}
}

// Redacted returns what may be seen by those whom the address does not
// concern: country, region and city, and nothing of the person.
func (a Address) Redacted() Address {
	return Address{Country: a.Country, Region: a.Region, City: a.City}
}

// String says only in which country the address is.
func (a Address) String() string {
	if a.IsZero() {
		return "address(none)"
	}
	if len(a.Country) != 2 || !ref.PlainText(a.Country) {
		return "address(redacted)"
	}
	return "address(" + a.Country + ", redacted)"
}

// GoString keeps the address out of %#v too.
func (a Address) GoString() string { return a.String() }

// LogValue keeps the address out of structured logs.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }
