package fakepay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
)

var (
	_ payment.Gateway  = (*Bank)(nil)
	_ payment.Notifier = (*Bank)(nil)
	_ payment.Capturer = (*Bank)(nil)
	_ payment.Gateway  = (*refunding)(nil)
	_ payment.Refunder = (*refunding)(nil)
)

// Gateway returns the bank as a gateway; it can refund unless Config.NoRefund.
func (b *Bank) Gateway() payment.Gateway {
	if b.cfg.NoRefund {
		return b
	}
	return &refunding{b}
}

// refunding adds the power to refund.
type refunding struct{ *Bank }

// Caps implements [payment.Gateway].
func (b *Bank) Caps() payment.Caps {
	return payment.Caps{
		Code: b.cfg.Code, Terms: payment.TermsImmediate, ManualCapture: true, PartialRefund: !b.cfg.NoRefund,
		CallTimeout: b.cfg.CallTimeout,
	}
}

// call runs effect once, with the trouble that is due: effect does what the
// call does and returns its answer.
func call[T any](ctx context.Context, b *Bank, kind Call, effect func(t Trouble) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, payment.Fail(payment.NotExecuted, "canceled", err)
	}
	b.mu.Lock()
	t := b.nextTrouble(kind)
	switch t {
	case Refused:
		b.mu.Unlock()
		return none, payment.Fail(payment.NotExecuted, "busy", nil)
	case LostBefore:
		b.mu.Unlock()
		return none, errLost()
	case LostAfter, Silent, Overcharge:
	}
	out, err := effect(t)
	b.mu.Unlock()
	switch t {
	case LostAfter:
		return none, errLost()
	case Silent:
		return none, wait(ctx)
	case Refused, LostBefore, Overcharge:
	}
	return out, err
}

// Pay implements [payment.Gateway].
func (b *Bank) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	return call(ctx, b, CallPay, func(t Trouble) (payment.Outcome, error) {
		if req.Number == "" || len(req.Number) > 32 || req.Amount.Minor() <= 0 || req.Amount.Currency() == "" {
			return payment.Outcome{}, payment.Fail(payment.Invalid, "malformed", nil)
		}
		body, err := digest(req)
		if err != nil {
			return payment.Outcome{}, payment.Fail(payment.Invalid, "malformed", err)
		}
		if p, ok := b.lookup(req.Number); ok {
			if p.Body != body {
				return payment.Outcome{}, payment.Fail(payment.Conflict, "number_used", nil)
			}
			return b.answer(p, true)
		}
		p := Payment{
			Number: req.Number, Ref: b.mint("pay"), Amount: req.Amount, Body: body, ReturnURL: req.ReturnURL,
			Manual: req.ManualCapture, ExpiresAt: req.ExpiresAt,
		}
		if t == Overcharge {
			p.Amount = money.New(req.Amount.Minor()+1, req.Amount.Currency())
		}
		switch plan := b.nextPlan(); {
		case plan == Ask:
			p.State = payment.AttemptActionRequired
		case plan == Slow:
			p.State = payment.AttemptPending
		case plan == Refuse:
			p.State = payment.AttemptDeclined
		case plan == Authorize || req.ManualCapture:
			p.State, p.Manual = payment.AttemptAuthorized, true
		default:
			p.State, p.Taken = payment.AttemptCaptured, p.Amount.Minor()
		}
		if err := b.commit(ctx, line{Payment: &p}); err != nil {
			return payment.Outcome{}, payment.Fail(payment.Unknown, "journal", err)
		}
		return b.answer(p, true)
	})
}

// answer is how a payment stands; of Pay, a declined one is a failure.
func (b *Bank) answer(p Payment, pay bool) (payment.Outcome, error) {
	o := payment.Outcome{State: p.State, ProviderRef: p.Ref, Amount: p.Amount}
	switch p.State { //nolint:exhaustive // what a bank can say
	case payment.AttemptDeclined:
		if pay {
			return payment.Outcome{}, payment.Decline("refused", payment.AdviceOtherMethod)
		}
		o.Code, o.Advice = "refused", payment.AdviceOtherMethod
	case payment.AttemptActionRequired:
		o.Action = payment.Action{Kind: payment.ActionRedirect, URL: b.payPage(p.Number)}
	}
	return o, nil
}

func (b *Bank) payPage(number string) string {
	u, err := url.Parse(b.cfg.PayPage)
	if err != nil { // Open has parsed it
		return b.cfg.PayPage
	}
	q := u.Query()
	q.Set("number", number)
	u.RawQuery = q.Encode()
	return u.String()
}

// Query implements [payment.Gateway].
func (b *Bank) Query(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return call(ctx, b, CallQuery, func(Trouble) (payment.Outcome, error) {
		p, ok := b.lookup(ref.Number)
		if !ok {
			return payment.Outcome{}, payment.Fail(payment.NotFound, "no_payment", nil)
		}
		return b.answer(p, false)
	})
}

// Cancel implements [payment.Gateway].
func (b *Bank) Cancel(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return call(ctx, b, CallCancel, func(Trouble) (payment.Outcome, error) {
		p, ok := b.lookup(ref.Number)
		if !ok {
			return payment.Outcome{}, payment.Fail(payment.NotFound, "no_payment", nil)
		}
		if !p.State.Definite() {
			p.State = payment.AttemptClosed
			if err := b.commit(ctx, line{Payment: &p}); err != nil {
				return payment.Outcome{}, payment.Fail(payment.Unknown, "journal", err)
			}
		}
		return b.answer(p, false)
	})
}

// Capture implements [payment.Capturer].
func (b *Bank) Capture(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return call(ctx, b, CallCapture, func(t Trouble) (payment.Outcome, error) {
		p, ok := b.lookup(ref.Number)
		switch {
		case !ok:
			return payment.Outcome{}, payment.Fail(payment.NotFound, "no_payment", nil)
		case p.State == payment.AttemptCaptured:
			return b.answer(p, false)
		case p.State != payment.AttemptAuthorized:
			return payment.Outcome{}, payment.Decline("not_authorized", payment.AdviceNever)
		}
		if t == Overcharge {
			p.Amount = money.New(p.Amount.Minor()+1, p.Amount.Currency())
		}
		p.State, p.Taken = payment.AttemptCaptured, p.Amount.Minor()
		if err := b.commit(ctx, line{Payment: &p}); err != nil {
			return payment.Outcome{}, payment.Fail(payment.Unknown, "journal", err)
		}
		return b.answer(p, false)
	})
}

// Refund implements [payment.Refunder].
func (g *refunding) Refund(ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
	b := g.Bank
	return call(ctx, b, CallRefund, func(Trouble) (payment.RefundOutcome, error) {
		if req.Number == "" || len(req.Number) > 32 || req.Amount.Minor() <= 0 {
			return payment.RefundOutcome{}, payment.Fail(payment.Invalid, "malformed", nil)
		}
		if r, ok := b.refunds[req.Number]; ok {
			if r.Payment != req.Attempt.Number || r.Amount != req.Amount {
				return payment.RefundOutcome{}, payment.Fail(payment.Conflict, "number_used", nil)
			}
			return refunded(*r), nil
		}
		p, ok := b.lookup(req.Attempt.Number)
		switch {
		case !ok:
			return payment.RefundOutcome{}, payment.Fail(payment.NotFound, "no_payment", nil)
		case req.Amount.Currency() != p.Amount.Currency() || req.Amount.Minor() > p.Taken-p.Returned:
			return payment.RefundOutcome{}, payment.Decline("too_much", payment.AdviceNever)
		}
		p.Returned += req.Amount.Minor()
		r := Refund{Number: req.Number, Ref: b.mint("ref"), Payment: p.Number, Amount: req.Amount}
		if err := b.commit(ctx, line{Payment: &p, Refund: &r}); err != nil {
			return payment.RefundOutcome{}, payment.Fail(payment.Unknown, "journal", err)
		}
		return refunded(r), nil
	})
}

// QueryRefund implements [payment.Refunder].
func (g *refunding) QueryRefund(ctx context.Context, ref payment.RefundRef) (payment.RefundOutcome, error) {
	b := g.Bank
	return call(ctx, b, CallQueryRefund, func(Trouble) (payment.RefundOutcome, error) {
		r, ok := b.refunds[ref.Number]
		if !ok {
			return payment.RefundOutcome{}, payment.Fail(payment.NotFound, "no_refund", nil)
		}
		return refunded(*r), nil
	})
}

func refunded(r Refund) payment.RefundOutcome {
	return payment.RefundOutcome{State: payment.RefundSucceeded, ProviderRef: r.Ref, Amount: r.Amount}
}

// digest names the body of a request: the same request, the same digest.
func digest(req payment.PayRequest) (string, error) {
	raw, err := json.Marshal(struct {
		Minor       int64
		Currency    money.Currency
		ExpiresAt   int64
		Instruction payment.Instruction
	}{req.Amount.Minor(), req.Amount.Currency(), req.ExpiresAt.UnixMicro(), req.Instruction})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}
