package address

import "strings"

// rule is what a country's post asks for.
type rule struct {
	needsRegion, needsCity, needsPostal bool
	// postal lists the forms of the postal code: N a digit, A a letter, all
	// else itself. None means that any text of letters, digits, spaces and
	// hyphens will do.
	postal []string
}

func ruleOf(country string) rule {
	switch country {
	case "CN":
		return rule{needsRegion: true, needsCity: true, postal: []string{"NNNNNN"}}
	case "US", "PR":
		return rule{country == "US", true, true, []string{"NNNNN", "NNNNN-NNNN"}}
	case "GB", "IM", "JE", "GG":
		return rule{false, true, true, []string{
			"AN NAA", "ANN NAA", "AAN NAA", "AANN NAA", "ANA NAA", "AANA NAA",
		}}
	case "CA":
		return rule{true, true, true, []string{"ANA NAN"}}
	case "AU":
		return rule{true, true, true, []string{"NNNN"}}
	case "DE", "FR", "IT", "ES", "FI":
		return rule{false, true, true, []string{"NNNNN"}}
	case "AT", "BE", "CH", "DK", "LU", "NO", "NZ":
		return rule{false, true, true, []string{"NNNN"}}
	case "NL":
		return rule{false, true, true, []string{"NNNN AA"}}
	case "SE", "GR", "CZ", "SK":
		return rule{false, true, true, []string{"NNN NN"}}
	case "PL":
		return rule{false, true, true, []string{"NN-NNN"}}
	case "PT":
		return rule{false, true, true, []string{"NNNN-NNN"}}
	case "JP":
		return rule{true, true, true, []string{"NNN-NNNN"}}
	case "KR": // Seoul is a region without a city
		return rule{true, false, true, []string{"NNNNN"}}
	case "TW":
		return rule{false, true, false, []string{"NNN", "NNN-NN", "NNN-NNN"}}
	case "IN":
		return rule{true, true, true, []string{"NNNNNN"}}
	case "BR":
		return rule{true, true, true, []string{"NNNNN-NNN"}}
	case "MX":
		return rule{true, true, true, []string{"NNNNN"}}
	case "SG":
		return rule{needsPostal: true, postal: []string{"NNNNNN"}}
	case "HK", "MO", "MC", "VA", "GI": // one city
		return rule{}
	}
	return rule{needsCity: true}
}

// postalCode returns the code as the post writes it, from capitals or small
// letters, plain or full-width, with its spaces and hyphens or without.
func (r rule) postalCode(typed string) (string, bool) {
	code := strings.ToUpper(strings.Map(func(c rune) rune {
		if c >= '！' && c <= '～' {
			return c - '！' + '!'
		}
		return c
	}, typed))
	if len(r.postal) == 0 {
		return code, strings.IndexFunc(code, func(c rune) bool {
			return !digit(c) && !letter(c) && c != ' ' && c != '-'
		}) < 0
	}
	bare := strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, code)
	for _, form := range r.postal {
		if written, ok := fit(form, bare); ok {
			return written, true
		}
	}
	return "", false
}

// fit lays the characters of a code into a form.
func fit(form, bare string) (string, bool) {
	var out strings.Builder
	rest := []rune(bare)
	for _, f := range form {
		if f != 'N' && f != 'A' {
			out.WriteRune(f)
			continue
		}
		if len(rest) == 0 || f == 'N' && !digit(rest[0]) || f == 'A' && !letter(rest[0]) {
			return "", false
		}
		out.WriteRune(rest[0])
		rest = rest[1:]
	}
	return out.String(), len(rest) == 0
}

func digit(c rune) bool  { return c >= '0' && c <= '9' }
func letter(c rune) bool { return c >= 'A' && c <= 'Z' }
