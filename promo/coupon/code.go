package coupon

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// A code is 80 random bits in Crockford's base 32, which has no I, L, O and U,
// and one more character that checks the rest. Grouped for the eye it reads
// "7Q2K-9FTM-0XAV-3HNB-D".
const (
	alphabet  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeBytes = 10
	codeData  = 16 // characters
	codeSize  = codeData + 1
	codeGroup = 4

	maxCodeText = 64 // bytes that somebody may type
)

// newCode returns a code in its canonical form, without hyphens.
func newCode(random io.Reader) (string, error) {
	var raw [codeBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "coupon.random", "there are no random numbers")
	}
	digits := make([]byte, 0, codeSize)
	acc, bits := uint(0), 0
	for _, b := range raw {
		acc, bits = acc<<8|uint(b), bits+8
		for bits >= 5 {
			bits -= 5
			digits = append(digits, byte(acc>>bits&31))
		}
	}
	digits = append(digits, checkDigit(digits))
	for i, d := range digits {
		digits[i] = alphabet[d]
	}
	return string(digits), nil
}

// checkDigit is the digit that makes a code a multiple of a generator of the
// field of 32 elements: one wrong character, and two that changed places, are
// noticed always.
func checkDigit(data []byte) byte {
	sum := byte(0)
	for _, d := range data {
		sum = double(sum ^ d)
	}
	return sum
}

// double multiplies by x modulo x^5 + x^2 + 1.
func double(a byte) byte {
	a <<= 1
	if a&32 != 0 {
		a ^= 0b100101
	}
	return a
}

// FormatCode groups the characters of a code for the eye.
func FormatCode(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i += codeGroup {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(code[i:min(i+codeGroup, len(code))])
	}
	return b.String()
}

// ParseCode returns the canonical form of a code that somebody typed: in any
// case, in half or full width, with spaces and hyphens, O for 0, I or L for 1.
// Invalid, where it cannot be one; that tells nothing about which codes there
// are.
func ParseCode(text string) (string, error) {
	bad := func(why string) (string, error) {
		return "", fault.New(fault.Invalid, "coupon.code_malformed", "this is not a coupon code").WithField("code", why, nil)
	}
	if strings.TrimSpace(text) == "" {
		return bad("required")
	}
	if len(text) > maxCodeText {
		return bad("too_long")
	}
	digits := make([]byte, 0, codeSize)
	for _, r := range text {
		if r >= '！' && r <= '～' { // full width
			r -= '！' - '!'
		}
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			continue
		}
		d, ok := digitOf(unicode.ToUpper(r))
		if !ok || len(digits) == codeSize {
			return bad("malformed")
		}
		digits = append(digits, d)
	}
	if len(digits) != codeSize {
		return bad("malformed")
	}
	if checkDigit(digits[:codeData]) != digits[codeData] {
		return bad("mistyped")
	}
	for i, d := range digits {
		digits[i] = alphabet[d]
	}
	return string(digits), nil
}

func digitOf(r rune) (byte, bool) {
	switch r {
	case 'O':
		return 0, true
	case 'I', 'L':
		return 1, true
	}
	d := strings.IndexRune(alphabet, r)
	return byte(max(d, 0)), d >= 0 //nolint:gosec // an index below 32
}

// MinSecret is the size of the shortest secret of a [CodeKey], in bytes.
const MinSecret = 32

// CodeKey is a key under which codes are digested.
type CodeKey struct {
	// ID names the key for ever. Required, and distinct.
	ID string
	// Secret is at least [MinSecret] random bytes.
	Secret []byte
}

func (k CodeKey) digest(code string) string {
	mac := hmac.New(sha256.New, k.Secret)
	mac.Write([]byte("souk coupon code " + code))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func checkKeys(keys []CodeKey) error {
	var wrong []error
	seen := map[string]bool{}
	for i, k := range keys {
		if !ref.ValidID(k.ID) || seen[k.ID] {
			wrong = append(wrong, fmt.Errorf("coupon.Config.CodeKeys[%d].ID is malformed or taken", i))
		}
		seen[k.ID] = true
		if len(k.Secret) < MinSecret {
			wrong = append(wrong, fmt.Errorf("coupon.Config.CodeKeys[%d].Secret has fewer than %d bytes", i, MinSecret))
		}
	}
	return errors.Join(wrong...)
}
