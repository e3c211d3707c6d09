package member

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// The size caps of an e-mail address, in bytes (RFC 5321, section 4.5.3.1).
const (
	MaxEmail      = 254
	maxEmailLocal = 64
)

// EmailKey returns the form under which an e-mail address is unique: the part
// before the @ without case and in normal form C, the domain in its ASCII form.
// Dots and plus signs count, for most providers tell such addresses apart.
// Kinds: Invalid, with the path "email".
func EmailKey(email string) (string, error) {
	if email == "" {
		return "", badEmail("required", nil)
	}
	if len(email) > MaxEmail {
		return "", badEmail("too_long", fault.Params{"max": MaxEmail})
	}
	at := strings.LastIndexByte(email, '@')
	if at < 1 || !ref.PlainText(email) {
		return "", badEmail("malformed", nil)
	}
	local, err := precis.UsernameCaseMapped.CompareKey(email[:at])
	if err != nil || len(email[:at]) > maxEmailLocal || !dotAtom(local) {
		return "", badEmail("malformed", nil)
	}
	lookup := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true))
	domain, err := lookup.ToASCII(email[at+1:])
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", badEmail("malformed", nil)
	}
	return local + "@" + strings.ToLower(domain), nil
}

// dotAtom refuses what only a quoted local part may hold: nobody has one, and
// some mailers read it otherwise than we do.
func dotAtom(local string) bool {
	return local != "" && !strings.ContainsAny(local, " \"(),:;<>@[\\]") &&
		!strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

func badEmail(code string, params fault.Params) error {
	var v fault.Violations
	v.Add("email", code, params)
	return v.Err("member.email", "the e-mail address is not valid")
}
