package paymenttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// mutant is a bank's gateway with one defect; what is nil is sound.
type mutant struct {
	bank *fakepay.Bank
	fakeGateway

	caps        func(c payment.Caps) payment.Caps
	pay         func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error)
	query       func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error)
	cancel      func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error)
	capture     func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error)
	refund      func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error)
	queryRefund func(m *mutant, ctx context.Context, ref payment.RefundRef) (payment.RefundOutcome, error)
	parse       func(m *mutant, ctx context.Context, raw payment.RawRequest) (payment.Notification, error)

	n      atomic.Int64
	busy   sync.Mutex
	turned chan struct{}
}

// fakeGateway is all that a bank's gateway can do.
type fakeGateway interface {
	payment.Gateway
	payment.Refunder
	payment.Capturer
	payment.Notifier
}

func (m *mutant) Caps() payment.Caps {
	c := m.fakeGateway.Caps()
	if m.caps != nil {
		c = m.caps(c)
	}
	return c
}

func (m *mutant) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	if m.pay != nil {
		return m.pay(m, ctx, req)
	}
	return m.fakeGateway.Pay(ctx, req)
}

func (m *mutant) Query(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	if m.query != nil {
		return m.query(m, ctx, ref)
	}
	return m.fakeGateway.Query(ctx, ref)
}

func (m *mutant) Cancel(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	if m.cancel != nil {
		return m.cancel(m, ctx, ref)
	}
	return m.fakeGateway.Cancel(ctx, ref)
}

func (m *mutant) Capture(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	if m.capture != nil {
		return m.capture(m, ctx, ref)
	}
	return m.fakeGateway.Capture(ctx, ref)
}

func (m *mutant) Refund(ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
	if m.refund != nil {
		return m.refund(m, ctx, req)
	}
	return m.fakeGateway.Refund(ctx, req)
}

func (m *mutant) QueryRefund(ctx context.Context, ref payment.RefundRef) (payment.RefundOutcome, error) {
	if m.queryRefund != nil {
		return m.queryRefund(m, ctx, ref)
	}
	return m.fakeGateway.QueryRefund(ctx, ref)
}

func (m *mutant) ParseNotify(ctx context.Context, raw payment.RawRequest) (payment.Notification, error) {
	if m.parse != nil {
		return m.parse(m, ctx, raw)
	}
	return m.fakeGateway.ParseNotify(ctx, raw)
}

func (m *mutant) count() string { return strconv.FormatInt(m.n.Add(1), 10) }

func (m *mutant) state(number string) payment.AttemptState {
	p, err := m.bank.Find(number)
	if err != nil {
		return ""
	}
	return p.State
}

// bare hides every power, and promises them all the same.
type bare struct{ payment.Gateway }

// blunt turns each kind of failure into another one.
func blunt[O any](out O, err error, from, to payment.Class) (O, error) {
	if payment.ClassOf(err) == from {
		return out, payment.Fail(to, "x", err)
	}
	return out, err
}

// paying returns a mutant whose answer to Pay is changed.
func paying(change func(out *payment.Outcome)) *mutant {
	return &mutant{pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
		out, err := m.fakeGateway.Pay(ctx, req)
		change(&out)
		return out, err
	}}
}

func querying(change func(m *mutant, out *payment.Outcome, err *error)) *mutant {
	return &mutant{query: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
		out, err := m.fakeGateway.Query(ctx, ref)
		change(m, &out, &err)
		return out, err
	}}
}

func parsing(change func(m *mutant, n *payment.Notification, err *error)) *mutant {
	return &mutant{parse: func(m *mutant, ctx context.Context, raw payment.RawRequest) (payment.Notification, error) {
		n, err := m.fakeGateway.ParseNotify(ctx, raw)
		change(m, &n, &err)
		return n, err
	}}
}

func messages(change func(m *mutant, msg *payment.Message)) *mutant {
	return parsing(func(m *mutant, n *payment.Notification, _ *error) {
		for i := range n.Messages {
			change(m, &n.Messages[i])
		}
	})
}

// credulous reads a notice and proves nothing.
func credulous(_ *mutant, _ context.Context, raw payment.RawRequest) (payment.Notification, error) {
	var w struct {
		ID, Number, Ref, State, Currency string
		Minor                            int64
	}
	n := payment.Notification{Ack: payment.Reply{Status: 200}, Nack: payment.Reply{Status: 500}}
	if err := json.Unmarshal(raw.Body, &w); err != nil {
		return n, payment.Fail(payment.Invalid, "json", err)
	}
	n.Messages = []payment.Message{{
		Key: w.ID, Kind: payment.MessagePayment, Number: w.Number, Payment: payment.Outcome{
			State: payment.AttemptState(w.State), ProviderRef: w.Ref, Amount: money.New(w.Minor, money.Currency(w.Currency)),
		},
	}}
	return n, nil
}

func more(a money.Money) money.Money { return money.New(a.Minor()+1, a.Currency()) }

// mutants returns broken gateways by what is broken.
func mutants() map[string]*mutant {
	again := func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
		if m.state(req.Number) != "" { // a new payment for every send
			req.Number += m.count()
		}
		return m.fakeGateway.Pay(ctx, req)
	}
	unlimited := func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
		out, err := m.fakeGateway.Refund(ctx, req)
		if payment.ClassOf(err) == payment.Declined {
			return payment.RefundOutcome{State: payment.RefundSucceeded, ProviderRef: "r", Amount: req.Amount}, nil
		}
		return out, err
	}
	silentCancel := func(_ *mutant, _ context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
		return payment.Outcome{State: payment.AttemptClosed, Amount: ref.Amount}, nil
	}
	all := map[string]*mutant{
		"malformed code":     {caps: func(c payment.Caps) payment.Caps { c.Code = "Fake Pay"; return c }},
		"bounds too narrow":  {caps: func(c payment.Caps) payment.Caps { c.Min = 1 << 40; return c }},
		"promises no query":  {caps: func(c payment.Caps) payment.Caps { c.NoQuery = true; return c }},
		"changing bounds":    {},
		"captured, no ref":   paying(func(o *payment.Outcome) { o.ProviderRef = "" }),
		"one ref for all":    paying(func(o *payment.Outcome) { o.ProviderRef = "same" }),
		"another amount":     paying(func(o *payment.Outcome) { o.Amount = more(o.Amount) }),
		"action without url": paying(func(o *payment.Outcome) { o.Action.URL = "" }),
		"pays in pieces":     {pay: again},
		"declines in silence": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			out, err := m.fakeGateway.Pay(ctx, req)
			return blunt(out, err, payment.Declined, payment.Unknown)
		}},
		"errors of its own": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			out, err := m.fakeGateway.Pay(ctx, req)
			if err != nil {
				err = errors.New("declined")
			}
			return out, err
		}},
		"takes before the buyer says so": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			out, err := m.fakeGateway.Pay(ctx, req)
			if out.State == payment.AttemptActionRequired {
				_ = m.bank.Approve(ctx, req.Number)
			}
			return out, err
		}},
		"takes anything": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			out, err := m.fakeGateway.Pay(ctx, req)
			if payment.ClassOf(err) == payment.Invalid {
				return payment.Outcome{State: payment.AttemptPending, ProviderRef: "x"}, nil
			}
			return out, err
		}},
		"pays for nobody": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			return m.fakeGateway.Pay(ctx, req)
		}},
		"ASCII only": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			for _, r := range req.Description {
				if r > 127 {
					return payment.Outcome{}, payment.Fail(payment.Invalid, "charset", nil)
				}
			}
			return m.fakeGateway.Pay(ctx, req)
		}},
		"a new page for every send": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			out, err := m.fakeGateway.Pay(ctx, req)
			out.Action.URL += m.count()
			return out, err
		}},
		"no conflict": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			if p, err := m.bank.Find(req.Number); err == nil {
				return payment.Outcome{State: p.State, ProviderRef: p.Ref, Amount: req.Amount}, nil
			}
			return m.fakeGateway.Pay(ctx, req)
		}},
		"never expires": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			req.ExpiresAt = time.Time{}
			return m.fakeGateway.Pay(ctx, req)
		}},
		"a breaker that declines": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			out, err := m.fakeGateway.Pay(ctx, req)
			return blunt(out, err, payment.Unknown, payment.Declined)
		}},
		"unsure of what was refused": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			out, err := m.fakeGateway.Pay(ctx, req)
			return blunt(out, err, payment.NotExecuted, payment.Unknown)
		}},

		"query: another amount":  querying(func(_ *mutant, o *payment.Outcome, _ *error) { o.Amount = more(o.Amount) }),
		"query: another ref":     querying(func(_ *mutant, o *payment.Outcome, _ *error) { o.ProviderRef += "'" }),
		"query: always pending":  querying(func(_ *mutant, o *payment.Outcome, _ *error) { o.State = payment.AttemptPending }),
		"query: always captured": querying(func(_ *mutant, o *payment.Outcome, _ *error) { o.State = payment.AttemptCaptured }),
		"query: declined is an error": querying(func(_ *mutant, o *payment.Outcome, err *error) {
			if o.State == payment.AttemptDeclined {
				*err = payment.Decline("refused", payment.AdviceLater)
			}
		}),
		"query: not found is unknown": querying(func(_ *mutant, _ *payment.Outcome, err *error) {
			if payment.ClassOf(*err) == payment.NotFound {
				*err = payment.Fail(payment.Unknown, "x", nil)
			}
		}),
		"query: open is unknown": querying(func(_ *mutant, o *payment.Outcome, err *error) {
			if o.State == payment.AttemptActionRequired {
				*err = payment.Fail(payment.Unknown, "x", nil)
			}
		}),
		"query: open is declined": querying(func(_ *mutant, o *payment.Outcome, err *error) {
			if o.State == payment.AttemptActionRequired {
				*err = payment.Decline("x", payment.AdviceNever)
			}
		}),
		"query: closed is declined": querying(func(_ *mutant, o *payment.Outcome, _ *error) {
			if o.State == payment.AttemptClosed {
				o.State = payment.AttemptDeclined
			}
		}),
		"query: one at a time": {turned: make(chan struct{}, 1), query: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			if !m.busy.TryLock() {
				select {
				case m.turned <- struct{}{}:
				default:
				}
				return payment.Outcome{}, payment.Fail(payment.NotExecuted, "busy", nil)
			}
			defer m.busy.Unlock()
			select { // long enough for another call to come
			case <-m.turned:
			case <-time.After(20 * time.Millisecond):
			}
			return m.fakeGateway.Query(ctx, ref)
		}},
		"query: pays": {query: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			_ = m.bank.Approve(ctx, ref.Number)
			return m.fakeGateway.Query(ctx, ref)
		}},
		"query: refunded is closed": {query: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			out, err := m.fakeGateway.Query(ctx, ref)
			if p, ferr := m.bank.Find(ref.Number); ferr == nil && p.Returned > 0 {
				out.State = payment.AttemptClosed
			}
			return out, err
		}},

		"cancel: closes nothing": {cancel: silentCancel},
		"cancel: once only": {cancel: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			if m.state(ref.Number) == payment.AttemptClosed {
				return payment.Outcome{}, payment.Fail(payment.Invalid, "closed", nil)
			}
			return m.fakeGateway.Cancel(ctx, ref)
		}},
		"cancel: paid is an error": {cancel: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			out, err := m.fakeGateway.Cancel(ctx, ref)
			if out.State == payment.AttemptCaptured {
				return out, payment.Fail(payment.Invalid, "paid", nil)
			}
			return out, err
		}},
		"cancel: open is declined": {cancel: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			if m.state(ref.Number) == payment.AttemptActionRequired {
				return payment.Outcome{}, payment.Decline("x", payment.AdviceNever)
			}
			return m.fakeGateway.Cancel(ctx, ref)
		}},
		"cancel: paid is closed": {cancel: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			out, err := m.fakeGateway.Cancel(ctx, ref)
			out.State = payment.AttemptClosed
			return out, err
		}},
		"cancel: declined is an error": {cancel: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			out, err := m.fakeGateway.Cancel(ctx, ref)
			if out.State == payment.AttemptDeclined {
				return out, payment.Decline("x", payment.AdviceNever)
			}
			return out, err
		}},
		"cancel: not found is closed": {cancel: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			out, err := m.fakeGateway.Cancel(ctx, ref)
			if payment.ClassOf(err) == payment.NotFound {
				return payment.Outcome{State: payment.AttemptClosed}, nil
			}
			return out, err
		}},
		"cancel: lost is closed": {cancel: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			out, err := m.fakeGateway.Cancel(ctx, ref)
			if payment.ClassOf(err) == payment.Unknown {
				return payment.Outcome{State: payment.AttemptClosed}, nil
			}
			return out, err
		}},
		"opens what was closed": {pay: func(m *mutant, ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
			if m.state(req.Number) == payment.AttemptClosed {
				req.Number += "X"
			}
			return m.fakeGateway.Pay(ctx, req)
		}},

		"capture: once only": {capture: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			if m.state(ref.Number) == payment.AttemptCaptured {
				return payment.Outcome{}, payment.Fail(payment.Invalid, "captured", nil)
			}
			return m.fakeGateway.Capture(ctx, ref)
		}},
		"capture: anything": {capture: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			_ = m.bank.Approve(ctx, ref.Number)
			if m.state(ref.Number) == payment.AttemptClosed {
				return payment.Outcome{State: payment.AttemptCaptured, Amount: ref.Amount}, nil
			}
			return m.fakeGateway.Capture(ctx, ref)
		}},
		"capture: lost is declined": {capture: func(m *mutant, ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
			out, err := m.fakeGateway.Capture(ctx, ref)
			return blunt(out, err, payment.Unknown, payment.Declined)
		}},

		"refund: never": {refund: func(*mutant, context.Context, payment.RefundRequest) (payment.RefundOutcome, error) {
			return payment.RefundOutcome{}, payment.Decline("never", payment.AdviceNever)
		}},
		"refund: whole only": {refund: func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
			if req.Amount.Minor() != 1999 {
				return payment.RefundOutcome{}, payment.Decline("part", payment.AdviceNever)
			}
			return m.fakeGateway.Refund(ctx, req)
		}},
		"refund: no limit": {refund: unlimited},
		"refund: nothing is fine": {refund: func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
			if req.Amount.Minor() <= 0 {
				return payment.RefundOutcome{State: payment.RefundSucceeded, Amount: req.Amount, ProviderRef: "r"}, nil
			}
			return m.fakeGateway.Refund(ctx, req)
		}},
		"refund: any currency": {refund: func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
			req.Amount = money.New(req.Amount.Minor(), "USD")
			return m.fakeGateway.Refund(ctx, req)
		}},
		"refund: again and again": {refund: func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
			req.Number = "R" + m.count()
			return m.fakeGateway.Refund(ctx, req)
		}},
		"refund: no conflict": {refund: func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
			out, err := m.fakeGateway.Refund(ctx, req)
			if payment.ClassOf(err) == payment.Conflict {
				return payment.RefundOutcome{State: payment.RefundSucceeded, Amount: req.Amount, ProviderRef: "r"}, nil
			}
			return out, err
		}},
		"refund: lost is failed": {refund: func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
			out, err := m.fakeGateway.Refund(ctx, req)
			return blunt(out, err, payment.Unknown, payment.Declined)
		}},
		"refund: unsure of what was refused": {refund: func(m *mutant, ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
			out, err := m.fakeGateway.Refund(ctx, req)
			return blunt(out, err, payment.NotExecuted, payment.Unknown)
		}},
		"refund: query finds nothing": {
			queryRefund: func(*mutant, context.Context, payment.RefundRef) (payment.RefundOutcome, error) {
				return payment.RefundOutcome{}, payment.Fail(payment.NotFound, "x", nil)
			},
		},
		"refund: query finds everything": {
			queryRefund: func(_ *mutant, _ context.Context, ref payment.RefundRef) (payment.RefundOutcome, error) {
				return payment.RefundOutcome{State: payment.RefundSucceeded, ProviderRef: "r", Amount: ref.Attempt.Amount}, nil
			},
		},

		"notice: believes everything": {parse: credulous},
		"notice: believes nonsense": parsing(func(_ *mutant, n *payment.Notification, err *error) {
			if *err != nil {
				n.Messages, *err = nil, nil
			}
		}),
		"notice: says it is unknown": parsing(func(_ *mutant, _ *payment.Notification, err *error) {
			if *err != nil {
				*err = fmt.Errorf("no: %w", *err)
				*err = payment.Fail(payment.Unknown, "x", *err)
			}
		}),
		"notice: another amount": messages(func(_ *mutant, m *payment.Message) { m.Payment.Amount = more(m.Payment.Amount) }),
		"notice: another ref":    messages(func(_ *mutant, m *payment.Message) { m.Payment.ProviderRef += "'" }),
		"notice: always paid":    messages(func(_ *mutant, m *payment.Message) { m.Payment.State = payment.AttemptCaptured }),
		"notice: a fresh key":    messages(func(x *mutant, m *payment.Message) { m.Key = x.count() }),
		"notice: one key":        messages(func(_ *mutant, m *payment.Message) { m.Key = "key" }),
		"notice: ack is nack":    parsing(func(_ *mutant, n *payment.Notification, _ *error) { n.Nack = n.Ack }),
		"notice: acts": {parse: func(m *mutant, ctx context.Context, raw payment.RawRequest) (payment.Notification, error) {
			n, err := m.fakeGateway.ParseNotify(ctx, raw)
			for _, msg := range n.Messages {
				_ = m.bank.Approve(ctx, msg.Number)
			}
			return n, err
		}},
	}
	changing := all["changing bounds"]
	changing.caps = func(c payment.Caps) payment.Caps { c.Max = 1<<40 + changing.n.Add(1); return c }
	return all
}
