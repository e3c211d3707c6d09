package payment

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// HMAC signs and verifies notices with HMAC-SHA256 over the time, a line feed
// and the body: for gateways of one's own.
type HMAC struct {
	// Name starts the names of the two headers: Name-Time and Name-Signature.
	Name string
	// Secrets: the first signs, all verify, so that one can be changed without
	// losing a notice. At least one, none empty.
	Secrets [][]byte
	// Tolerance is how far the time of a notice may be from now.
	Tolerance time.Duration
}

// Sign returns the headers of a notice with this body.
func (h HMAC) Sign(now time.Time, body []byte) http.Header {
	at := strconv.FormatInt(now.Unix(), 10)
	out := http.Header{}
	out.Set(h.Name+"-Time", at)
	out.Set(h.Name+"-Signature", hex.EncodeToString(mac(h.Secrets[0], at, body)))
	return out
}

// Verify returns nil for a request that Sign signed with one of the secrets,
// not too long ago, and a failure of class Auth for every other.
func (h HMAC) Verify(now time.Time, raw RawRequest) error {
	at := raw.Header.Get(h.Name + "-Time")
	sent, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return Fail(Auth, "no_time", err)
	}
	given, err := hex.DecodeString(raw.Header.Get(h.Name + "-Signature"))
	if err != nil || !h.signed(given, at, raw.Body) {
		return Fail(Auth, "bad_signature", err)
	}
	if age := now.Sub(time.Unix(sent, 0)); age > h.Tolerance || age < -h.Tolerance {
		return Fail(Auth, "too_old", nil)
	}
	return nil
}

func (h HMAC) signed(given []byte, at string, body []byte) bool {
	ok := false
	for _, s := range h.Secrets { // every secret is tried: the time it takes tells nothing
		ok = hmac.Equal(given, mac(s, at, body)) || ok
	}
	return ok
}

func mac(secret []byte, at string, body []byte) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(at + "\n"))
	m.Write(body)
	return m.Sum(nil)
}
