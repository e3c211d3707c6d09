package member

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/soukhq/souk/commerce/fault"
)

// The bounds of a password.
const (
	// MinPassword is the fewest characters.
	MinPassword = 8
	// MaxPassword is the most bytes of UTF-8.
	MaxPassword = 128
)

//go:embed common_passwords.txt
var commonPasswords string

// normalPassword is the form that is hashed: the same characters typed on
// another keyboard are the same password. Nothing is cut off or folded.
func normalPassword(p string) string { return norm.NFC.String(p) }

// CheckPassword reports what is wrong with a new password: its size, or that
// it is among the first that anybody would guess, such as the member's own
// mail address, a run of neighbours, or one of the most common ones. Hints
// are what the password must not be. There is no rule about kinds of
// characters: they make passwords worse. Kinds: Invalid, with the given path.
func CheckPassword(path, password string, hints ...string) error {
	var v fault.Violations
	switch {
	case password == "":
		v.Add(path, "required", nil)
	case len(password) > MaxPassword:
		v.Add(path, "too_long", fault.Params{"max": MaxPassword})
	case !utf8.ValidString(password):
		v.Add(path, "text", nil)
	case utf8.RuneCountInString(normalPassword(password)) < MinPassword:
		v.Add(path, "too_short", fault.Params{"min": MinPassword})
	case guessable(strings.ToLower(normalPassword(password)), hints):
		v.Add(path, "guessable", nil)
	}
	return v.Err("member.password", "the password cannot be accepted")
}

func guessable(p string, hints []string) bool {
	for _, h := range hints {
		h = strings.ToLower(h)
		local, _, _ := strings.Cut(h, "@")
		if h != "" && (p == h || p == local) {
			return true
		}
	}
	if run([]rune(p)) {
		return true
	}
	bare := strings.TrimRight(p, "0123456789!.?@#$*")
	for line := range strings.Lines(commonPasswords) {
		// "password" stands for "password1!" too.
		if word := strings.TrimSpace(line); word != "" && (p == word || bare == word) {
			return true
		}
	}
	return false
}

// run reports whether each character follows the one before in the same
// step of -1, 0 or 1: "aaaaaaaa", "12345678", "hgfedcba".
func run(p []rune) bool {
	for i := 2; i < len(p); i++ {
		if p[i]-p[i-1] != p[1]-p[0] {
			return false
		}
	}
	step := p[1] - p[0]
	return step >= -1 && step <= 1
}
