package fakepay

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
)

func (b *Bank) hmac() payment.HMAC {
	return payment.HMAC{Name: "Fakepay", Secrets: b.cfg.Secrets, Tolerance: 5 * time.Minute}
}

// wire is the body of a notice.
type wire struct {
	ID       string `json:"id"`
	Bank     string `json:"bank"` // the code: whose notice this is
	Kind     string `json:"kind"`
	Number   string `json:"number"`
	Ref      string `json:"ref"`
	State    string `json:"state"`
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// queued is a notice that was not acknowledged yet.
type queued struct{ body wire }

// queuePayment queues a notice about a payment; b.mu is held.
func (b *Bank) queuePayment(p Payment) {
	b.notices = append(b.notices, queued{b.wireOf(p)})
}

func (b *Bank) wireOf(p Payment) wire {
	return wire{
		// One notice per state of a payment: sent again, it has the same id.
		ID: p.Ref + "." + string(p.State), Bank: b.cfg.Code, Kind: string(payment.MessagePayment), Number: p.Number,
		Ref: p.Ref, State: string(p.State), Minor: p.Amount.Minor(), Currency: string(p.Amount.Currency()),
	}
}

// Deliver sends every queued notice to the shop, as the provider's own sender
// would, and forgets those that are acknowledged (status 200). It returns how
// many were. Shop is payment.Service.Notify for this gateway's code.
func (b *Bank) Deliver(
	ctx context.Context, shop func(ctx context.Context, raw payment.RawRequest) (payment.Reply, error),
) (int, error) {
	b.mu.Lock()
	pending := b.notices
	b.notices = nil
	b.mu.Unlock()
	acked := 0
	for i, q := range pending {
		reply, err := shop(ctx, b.sign(q.body))
		if err != nil || reply.Status != http.StatusOK {
			b.mu.Lock()
			b.notices = append(slices.Clone(pending[i:]), b.notices...)
			b.mu.Unlock()
			return acked, err
		}
		acked++
	}
	return acked, nil
}

// Pending returns how many notices wait to be delivered.
func (b *Bank) Pending() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.notices)
}

// Notice returns the signed notice about how a payment stands, as often as it
// is asked for: to send twice, late or out of order. NotFound.
func (b *Bank) Notice(number string) (payment.RawRequest, error) {
	p, err := b.Find(number)
	if err != nil {
		return payment.RawRequest{}, err
	}
	return b.sign(b.wireOf(p)), nil
}

// Forge returns a correctly signed notice that says whatever is asked: a
// wrong amount, a state that never was, a number of nobody.
func (b *Bank) Forge(key, number string, state payment.AttemptState, amount money.Money) payment.RawRequest {
	return b.sign(wire{
		ID: key, Bank: b.cfg.Code, Kind: string(payment.MessagePayment), Number: number, Ref: "pay_" + key,
		State: string(state), Minor: amount.Minor(), Currency: string(amount.Currency()),
	})
}

// ForgeRefund is Forge for a refund.
func (b *Bank) ForgeRefund(key, number string, state payment.RefundState, amount money.Money) payment.RawRequest {
	return b.sign(wire{
		ID: key, Bank: b.cfg.Code, Kind: string(payment.MessageRefund), Number: number, Ref: "ref_" + key,
		State: string(state), Minor: amount.Minor(), Currency: string(amount.Currency()),
	})
}

func (b *Bank) sign(w wire) payment.RawRequest {
	body, _ := json.Marshal(w) // strings and integers always marshal
	h := b.hmac().Sign(b.cfg.Clock.Now(), body)
	h.Set("Content-Type", "application/json")
	return payment.RawRequest{Method: http.MethodPost, Header: h, Body: body}
}

// ParseNotify implements [payment.Notifier].
func (b *Bank) ParseNotify(_ context.Context, raw payment.RawRequest) (payment.Notification, error) {
	out := payment.Notification{
		Ack:  payment.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte("OK")},
		Nack: payment.Reply{Status: http.StatusServiceUnavailable, ContentType: "text/plain; charset=utf-8", Body: []byte("AGAIN")},
	}
	if err := b.hmac().Verify(b.cfg.Clock.Now(), raw); err != nil {
		return out, err
	}
	var w wire
	if err := json.Unmarshal(raw.Body, &w); err != nil {
		return out, payment.Fail(payment.Invalid, "malformed", err)
	}
	if w.Bank != b.cfg.Code {
		return out, payment.Fail(payment.Auth, "not_ours", nil)
	}
	if w.ID == "" || w.Number == "" {
		return out, payment.Fail(payment.Invalid, "malformed", nil)
	}
	m := payment.Message{Key: w.ID, Kind: payment.MessageKind(w.Kind), Number: w.Number}
	amount := money.New(w.Minor, money.Currency(w.Currency))
	switch m.Kind {
	case payment.MessagePayment:
		m.Payment = payment.Outcome{State: payment.AttemptState(w.State), ProviderRef: w.Ref, Amount: amount}
		if m.Payment.State == payment.AttemptDeclined {
			m.Payment.Code, m.Payment.Advice = "refused", payment.AdviceOtherMethod
		}
	case payment.MessageRefund:
		m.Refund = payment.RefundOutcome{State: payment.RefundState(w.State), ProviderRef: w.Ref, Amount: amount}
	default:
		return out, payment.Fail(payment.Invalid, "malformed", nil)
	}
	out.Messages = []payment.Message{m}
	return out, nil
}
