package payment

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/soukhq/souk/commerce/money"
)

// digest names a body that goes out under a number; the history keeps it with
// each send.
func digest(body any) string {
	text, _ := json.Marshal(body) // plain values always have a JSON form
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// digest covers everything the provider is told, as [Attempt.Request] does.
func (a Attempt) digest() string {
	return digest(struct {
		Gateway, Number string
		Amount          money.Money
		ExpiresAt       int64
		Instruction     Instruction
	}{a.Gateway, a.Number, a.Amount, a.ExpiresAt.UnixMicro(), a.Instruction})
}

// digest does for a leg what [Attempt.digest] does; of is the number of the
// attempt that is given back.
func (l RefundLeg) digest(of string, reason Reason) string {
	return digest(struct {
		Number, Of string
		Amount     money.Money
		Reason     Reason
	}{l.Number, of, l.Amount, reason})
}
