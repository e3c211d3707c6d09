package paymenttest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/payment"
)

func queryCases() []Case {
	return []Case{
		{Name: "a paid one is found paid, without the provider's reference", Needs: []Lack{Instant, Query}, Run: func(t T, b *Bench) {
			req, paid := b.pay(Approve)
			out := b.query(req)
			require.Equal(t, payment.AttemptCaptured, out.State)
			require.Equal(t, b.Amount, out.Amount)
			require.Equal(t, paid.ProviderRef, out.ProviderRef)
		}},
		{Name: "a refused one is found refused, as a value", Needs: []Lack{Decline, Query}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Refuse)
			out := b.query(req)
			require.Equal(t, payment.AttemptDeclined, out.State)
			require.NotEmpty(t, out.Code)
		}},
		{Name: "one that waits is found waiting", Needs: []Lack{Wait, Query}, Run: func(t T, b *Bench) {
			req, first := b.pay(Ask)
			require.Equal(t, first.State, b.query(req).State)
			b.books(req, 0, 0)
		}},
		{Name: "what the buyer has paid is found paid", Needs: []Lack{Action, Query}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			require.NoError(t, b.Buyer(t.Context(), req.Number, true))
			out := b.query(req)
			require.Equal(t, payment.AttemptCaptured, out.State)
			require.Equal(t, b.Amount, out.Amount)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "what the buyer's bank refused is found refused", Needs: []Lack{Action, Query}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			require.NoError(t, b.Buyer(t.Context(), req.Number, false))
			require.Equal(t, payment.AttemptDeclined, b.query(req).State)
			b.books(req, 0, 0)
		}},
		{Name: "an unknown number is not found", Needs: []Lack{Query}, Run: func(t T, b *Bench) {
			_, err := b.Gateway.Query(t.Context(), b.ref(b.request(b.any())))
			b.class(err, payment.NotFound)
		}},
		{Name: "asking changes nothing", Needs: []Lack{Query}, Run: func(t T, b *Bench) {
			req, _, taken := b.started()
			first := b.query(req)
			for range 5 {
				require.Equal(t, first, b.query(req))
			}
			b.books(req, taken, 0)
		}},
		{Name: "asking many times at once agrees", Needs: []Lack{Instant, Query}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			for _, err := range together(16, func(int) error {
				out, err := b.Gateway.Query(t.Context(), b.ref(req))
				if err == nil && out.State != payment.AttemptCaptured {
					return payment.Fail(payment.Unknown, string(out.State), nil)
				}
				return err
			}) {
				require.NoError(t, err)
			}
		}},
		{Name: "a gateway without records says so", Run: func(t T, b *Bench) {
			if !b.Gateway.Caps().NoQuery {
				req, _, _ := b.started()
				b.query(req)
				return
			}
			_, err := b.Gateway.Query(t.Context(), b.ref(b.request(b.any())))
			b.class(err, payment.Unsupported)
		}},
		{Name: "after its time it can no longer be paid", Needs: []Lack{Action, Query, Expiry}, Run: func(t T, b *Bench) {
			req := b.request(Ask)
			req.ExpiresAt = b.Clock.Now().Add(2 * time.Hour)
			_, err := b.Gateway.Pay(t.Context(), req)
			require.NoError(t, err)
			b.Clock.Advance(3 * time.Hour)
			require.Error(t, b.Buyer(t.Context(), req.Number, true))
			require.Equal(t, payment.AttemptClosed, b.query(req).State)
			b.books(req, 0, 0)
		}},
	}
}

func cancelCases() []Case {
	return []Case{
		{Name: "one that waits is closed", Needs: []Lack{Wait}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			require.Equal(t, payment.AttemptClosed, b.cancel(req).State)
			b.books(req, 0, 0)
		}},
		{Name: "a closed one is found closed", Needs: []Lack{Wait, Query}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			b.cancel(req)
			require.Equal(t, payment.AttemptClosed, b.query(req).State)
		}},
		{Name: "closing twice is closing once", Needs: []Lack{Wait}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			b.cancel(req)
			require.Equal(t, payment.AttemptClosed, b.cancel(req).State)
		}},
		{Name: "a closed one cannot be paid by the buyer", Needs: []Lack{Action}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			b.cancel(req)
			require.Error(t, b.Buyer(t.Context(), req.Number, true))
			b.books(req, 0, 0)
		}},
		{Name: "a closed one sent again stays closed", Needs: []Lack{Wait, Memory}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			b.cancel(req)
			if b.Way != nil {
				b.Way(Approve)
			}
			out, err := b.Gateway.Pay(t.Context(), req)
			if err != nil {
				b.class(err, payment.Declined, payment.Conflict, payment.Invalid)
			} else {
				require.Equal(t, payment.AttemptClosed, out.State)
			}
			b.books(req, 0, 0)
		}},
		{Name: "closing a paid one answers that it is paid", Needs: []Lack{Instant, Query}, Run: func(t T, b *Bench) {
			req, paid := b.pay(Approve)
			out := b.cancel(req)
			require.Equal(t, payment.AttemptCaptured, out.State)
			require.Equal(t, b.Amount, out.Amount)
			require.Equal(t, paid.ProviderRef, out.ProviderRef)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "closing a refused one leaves it over", Needs: []Lack{Decline, Query}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Refuse)
			require.Contains(t, []payment.AttemptState{payment.AttemptDeclined, payment.AttemptClosed}, b.cancel(req).State)
		}},
		{Name: "closing an unknown number is not found", Needs: []Lack{Query, Memory}, Run: func(t T, b *Bench) {
			_, err := b.Gateway.Cancel(t.Context(), b.ref(b.request(b.any())))
			b.class(err, payment.NotFound)
		}},
		{Name: "closing against paying has one winner", Needs: []Lack{Action, Query, Books}, Run: func(t T, b *Bench) {
			for range 8 {
				req, _ := b.pay(Ask)
				states := make([]payment.AttemptState, 8)
				errs := together(len(states), func(i int) error {
					if i == 0 {
						return b.Buyer(context.WithoutCancel(t.Context()), req.Number, true)
					}
					out, err := b.Gateway.Cancel(t.Context(), b.ref(req))
					states[i] = out.State
					return err
				})
				end := b.query(req).State
				for i, s := range states[1:] {
					require.NoError(t, errs[i+1])
					require.Equal(t, end, s, "every call saw the same end")
				}
				if end == payment.AttemptCaptured {
					b.books(req, b.Amount.Minor(), 0)
				} else {
					require.Equal(t, payment.AttemptClosed, end)
					require.Error(t, errs[0])
					b.books(req, 0, 0)
				}
			}
		}},
	}
}

func captureCases() []Case {
	authorize := func(t T, b *Bench) (payment.PayRequest, payment.Capturer) {
		req := b.request(Approve)
		req.ManualCapture = true
		out, err := b.Gateway.Pay(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, payment.AttemptAuthorized, out.State)
		require.Equal(t, b.Amount, out.Amount)
		b.books(req, 0, 0)
		return req, power[payment.Capturer](b)
	}
	return []Case{
		{Name: "what is authorised is taken once, by capture", Needs: []Lack{Capture}, Run: func(t T, b *Bench) {
			req, c := authorize(t, b)
			for range 3 {
				out, err := c.Capture(t.Context(), b.ref(req))
				require.NoError(t, err)
				require.Equal(t, payment.AttemptCaptured, out.State)
				require.Equal(t, b.Amount, out.Amount)
			}
			require.Equal(t, payment.AttemptCaptured, b.query(req).State)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "what is authorised is let go by cancel", Needs: []Lack{Capture}, Run: func(t T, b *Bench) {
			req, c := authorize(t, b)
			require.Equal(t, payment.AttemptClosed, b.cancel(req).State)
			_, err := c.Capture(t.Context(), b.ref(req))
			b.class(err, payment.Declined, payment.Invalid)
			b.books(req, 0, 0)
		}},
		{Name: "what is not authorised is not captured", Needs: []Lack{Wait, Capture}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			_, err := power[payment.Capturer](b).Capture(t.Context(), b.ref(req))
			b.class(err, payment.Declined, payment.Invalid)
			_, err = power[payment.Capturer](b).Capture(t.Context(), b.ref(b.request(Ask)))
			b.class(err, payment.NotFound)
			b.books(req, 0, 0)
		}},
		{Name: "a capture whose answer is lost is found by query", Needs: []Lack{Capture, Trouble}, Run: func(t T, b *Bench) {
			req, c := authorize(t, b)
			b.Mishap(TakeReady, LostBack)
			_, err := c.Capture(t.Context(), b.ref(req))
			b.class(err, payment.Unknown)
			require.Equal(t, payment.AttemptCaptured, b.query(req).State)
			b.books(req, b.Amount.Minor(), 0)
		}},
	}
}
