package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strconv"
	"strings"
)

// Numbers that leave the shop are derived from the ids of our rows, so that a
// process that was restarted sends the same ones. The prefix keeps the kinds
// apart: an intent's number can never be taken for an attempt's. 28 bytes fit
// the narrowest provider (32).
const (
	intentPrefix  = "PI"
	attemptPrefix = "PA"
	refundPrefix  = "PR"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// number derives a number from a row's id: the 16 bytes of a UUID, else the
// first 16 of the id's digest, in 26 characters.
func number(prefix, id string) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(raw) != 16 || len(id) != 36 {
		sum := sha256.Sum256([]byte(id))
		raw = sum[:16]
	}
	return prefix + base32.NewEncoding(crockford).WithPadding(base32.NoPadding).EncodeToString(raw)
}

// derivedID derives the id of a row that exists once per key.
func derivedID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// legNumber numbers the legs of a refund from its own number.
func legNumber(refund string, seq int) string { return refund + "-" + strconv.Itoa(seq) }

// refundNumber returns the refund's number of a leg's.
func refundNumber(leg string) (string, int, bool) {
	num, seq, ok := strings.Cut(leg, "-")
	n, err := strconv.Atoi(seq)
	return num, n, ok && err == nil && strings.HasPrefix(num, refundPrefix)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
