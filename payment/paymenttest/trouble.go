package paymenttest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/payment"
)

// silence is how long a call waits for a provider that does not answer: so long
// that it has gone out by then on a busy machine, too.
const silence = 150 * time.Millisecond

func troubleCases() []Case {
	return []Case{
		{Name: "a payment that was turned away can be sent again", Needs: []Lack{Instant, Trouble}, Run: func(t T, b *Bench) {
			req := b.request(Approve)
			b.Mishap(Pay, TurnedAway)
			_, err := b.Gateway.Pay(t.Context(), req)
			b.class(err, payment.NotExecuted)
			b.books(req, 0, 0)
			out, err := b.Gateway.Pay(t.Context(), req)
			require.NoError(t, err)
			require.Equal(t, payment.AttemptCaptured, out.State)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "a payment lost on the way there is unknown, then not found", Needs: []Lack{Instant, Query, Trouble}, Run: func(t T, b *Bench) {
			req := b.request(Approve)
			b.Mishap(Pay, LostThere)
			_, err := b.Gateway.Pay(t.Context(), req)
			b.class(err, payment.Unknown)
			_, err = b.Gateway.Query(t.Context(), b.ref(req))
			b.class(err, payment.NotFound)
			b.books(req, 0, 0)
			_, err = b.Gateway.Pay(t.Context(), req)
			require.NoError(t, err)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "a payment whose answer is lost is unknown, then found", Needs: []Lack{Instant, Query, Trouble}, Run: func(t T, b *Bench) {
			req := b.request(Approve)
			b.Mishap(Pay, LostBack)
			_, err := b.Gateway.Pay(t.Context(), req)
			b.class(err, payment.Unknown)
			require.Equal(t, payment.AttemptCaptured, b.query(req).State)
			_, err = b.Gateway.Pay(t.Context(), req)
			require.NoError(t, err)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "a silent provider is given up with the caller's time, as unknown", Needs: []Lack{Instant, Query, Trouble}, Run: func(t T, b *Bench) {
			req := b.request(Approve)
			b.Mishap(Pay, NoAnswer)
			ctx, cancel := context.WithTimeout(t.Context(), silence)
			defer cancel()
			_, err := b.Gateway.Pay(ctx, req)
			b.class(err, payment.Unknown)
			require.Error(t, ctx.Err(), "it was given up before its time")
			require.Equal(t, payment.AttemptCaptured, b.query(req).State)
		}},
		{Name: "a closing whose answer is lost is unknown, then found closed", Needs: []Lack{Wait, Query, Trouble}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			b.Mishap(Cancel, LostBack)
			_, err := b.Gateway.Cancel(t.Context(), b.ref(req))
			b.class(err, payment.Unknown)
			require.Equal(t, payment.AttemptClosed, b.query(req).State)
		}},
		{Name: "a closing lost on the way there is unknown, and still open", Needs: []Lack{Wait, Query, Trouble}, Run: func(t T, b *Bench) {
			req, first := b.pay(Ask)
			b.Mishap(Cancel, LostThere)
			_, err := b.Gateway.Cancel(t.Context(), b.ref(req))
			b.class(err, payment.Unknown)
			require.Equal(t, first.State, b.query(req).State)
			require.Equal(t, payment.AttemptClosed, b.cancel(req).State)
		}},
		{Name: "a refund that was turned away can be sent again", Needs: []Lack{Instant, Refund, Trouble}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, b.Amount.Minor())
			b.Mishap(PayBack, TurnedAway)
			_, err := power[payment.Refunder](b).Refund(t.Context(), r)
			b.class(err, payment.NotExecuted)
			b.books(req, b.Amount.Minor(), 0)
			b.refund(r)
			b.books(req, b.Amount.Minor(), b.Amount.Minor())
		}},
		{Name: "a refund lost on the way there is unknown, then not found", Needs: []Lack{Instant, Refund, Trouble}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, b.Amount.Minor())
			b.Mishap(PayBack, LostThere)
			_, err := power[payment.Refunder](b).Refund(t.Context(), r)
			b.class(err, payment.Unknown)
			_, err = power[payment.Refunder](b).QueryRefund(t.Context(), payment.RefundRef{Number: r.Number, Attempt: r.Attempt})
			b.class(err, payment.NotFound)
			b.refund(r)
			b.books(req, b.Amount.Minor(), b.Amount.Minor())
		}},
		{Name: "a refund whose answer is lost is unknown, then found", Needs: []Lack{Instant, Refund, Trouble}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, b.Amount.Minor())
			b.Mishap(PayBack, LostBack)
			_, err := power[payment.Refunder](b).Refund(t.Context(), r)
			b.class(err, payment.Unknown)
			out, err := power[payment.Refunder](b).QueryRefund(t.Context(), payment.RefundRef{Number: r.Number, Attempt: r.Attempt})
			require.NoError(t, err)
			require.Contains(t, []payment.RefundState{payment.RefundPending, payment.RefundSucceeded}, out.State)
			b.refund(r)
			b.books(req, b.Amount.Minor(), b.Amount.Minor())
		}},
	}
}
