package paymenttest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
)

// paidBack returns a request to give some of a payment back.
func (b *Bench) paidBack(req payment.PayRequest, minor int64) payment.RefundRequest {
	return payment.RefundRequest{
		Number: number("PR"), Attempt: b.ref(req), Amount: money.New(minor, b.Amount.Currency()),
		Reason: payment.ReasonReturned,
	}
}

func (b *Bench) refund(req payment.RefundRequest) payment.RefundOutcome {
	b.t.Helper()
	out, err := power[payment.Refunder](b).Refund(b.t.Context(), req)
	require.NoError(b.t, err)
	require.Contains(b.t, []payment.RefundState{payment.RefundPending, payment.RefundSucceeded}, out.State)
	require.Equal(b.t, req.Amount, out.Amount)
	require.NotEmpty(b.t, out.ProviderRef)
	return out
}

func refundCases() []Case {
	paid := []Lack{Instant, Refund}
	parts := append(slices.Clone(paid), PartialRefund)
	return []Case{
		{Name: "all of it is given back", Needs: paid, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			b.refund(b.paidBack(req, b.Amount.Minor()))
			b.books(req, b.Amount.Minor(), b.Amount.Minor())
			require.Equal(t, payment.AttemptCaptured, b.query(req).State, "a refund does not undo that it was paid")
		}},
		{Name: "it is given back in parts", Needs: parts, Run: func(_ T, b *Bench) {
			req, _ := b.pay(Approve)
			b.refund(b.paidBack(req, 30))
			b.refund(b.paidBack(req, b.Amount.Minor()-30))
			b.books(req, b.Amount.Minor(), b.Amount.Minor())
		}},
		{Name: "more than was paid is refused", Needs: paid, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			_, err := power[payment.Refunder](b).Refund(t.Context(), b.paidBack(req, b.Amount.Minor()+1))
			b.class(err, payment.Declined, payment.Invalid)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "more than is left is refused", Needs: parts, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			b.refund(b.paidBack(req, b.Amount.Minor()-30))
			_, err := power[payment.Refunder](b).Refund(t.Context(), b.paidBack(req, 31))
			b.class(err, payment.Declined, payment.Invalid)
			b.books(req, b.Amount.Minor(), b.Amount.Minor()-30)
		}},
		{Name: "nothing and less than nothing are not given back", Needs: paid, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			for _, minor := range []int64{0, -1} {
				_, err := power[payment.Refunder](b).Refund(t.Context(), b.paidBack(req, minor))
				b.class(err, payment.Declined, payment.Invalid)
			}
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "another currency is refused", Needs: paid, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, 1)
			r.Amount = money.New(1, "XAU")
			_, err := power[payment.Refunder](b).Refund(t.Context(), r)
			b.class(err, payment.Declined, payment.Invalid, payment.Unsupported)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "what was not paid is not given back", Needs: []Lack{Wait, Refund, Memory}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			r := power[payment.Refunder](b)
			_, err := r.Refund(t.Context(), b.paidBack(req, 1))
			b.class(err, payment.Declined, payment.Invalid, payment.NotFound)
			_, err = r.Refund(t.Context(), b.paidBack(b.request(Ask), 1))
			b.class(err, payment.NotFound, payment.Declined, payment.Invalid)
			b.books(req, 0, 0)
		}},
		{Name: "a refund sent again is answered again and given once", Needs: paid, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, b.Amount.Minor())
			first := b.refund(r)
			for range 3 {
				require.Equal(t, first.ProviderRef, b.refund(r).ProviderRef)
			}
			b.books(req, b.Amount.Minor(), b.Amount.Minor())
		}},
		{Name: "a refund's number with another amount is a conflict", Needs: parts, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, 30)
			b.refund(r)
			r.Amount = money.New(31, b.Amount.Currency())
			_, err := power[payment.Refunder](b).Refund(t.Context(), r)
			b.class(err, payment.Conflict)
			b.books(req, b.Amount.Minor(), 30)
		}},
		{Name: "a refund's number with another payment is a conflict", Needs: paid, Run: func(t T, b *Bench) {
			one, _ := b.pay(Approve)
			two, _ := b.pay(Approve)
			r := b.paidBack(one, b.Amount.Minor())
			b.refund(r)
			r.Attempt = b.ref(two)
			_, err := power[payment.Refunder](b).Refund(t.Context(), r)
			b.class(err, payment.Conflict)
			b.books(two, b.Amount.Minor(), 0)
		}},
		{Name: "a refund is found", Needs: paid, Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, b.Amount.Minor())
			first := b.refund(r)
			out, err := power[payment.Refunder](b).QueryRefund(t.Context(), payment.RefundRef{
				Number: r.Number, Attempt: r.Attempt,
			})
			require.NoError(t, err)
			require.Equal(t, first.ProviderRef, out.ProviderRef)
			require.Equal(t, r.Amount, out.Amount)
			require.Contains(t, []payment.RefundState{payment.RefundPending, payment.RefundSucceeded}, out.State)
		}},
		{Name: "an unknown refund is not found", Needs: []Lack{Refund}, Run: func(t T, b *Bench) {
			_, err := power[payment.Refunder](b).QueryRefund(t.Context(), payment.RefundRef{Number: number("PR")})
			b.class(err, payment.NotFound)
		}},
		{Name: "many refunds at once never exceed what was paid", Needs: append(slices.Clone(parts), Books), Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			part := b.Amount.Minor() / 4
			refunder := power[payment.Refunder](b)
			won := int64(0)
			for _, err := range together(12, func(int) error {
				_, err := refunder.Refund(t.Context(), b.paidBack(req, part))
				return err
			}) {
				if err == nil {
					won++
				} else {
					b.class(err, payment.Declined, payment.Invalid)
				}
			}
			require.EqualValues(t, b.Amount.Minor()/part, won)
			b.books(req, b.Amount.Minor(), won*part)
		}},
		{Name: "one refund sent by many at once is given once", Needs: append(slices.Clone(paid), Books), Run: func(t T, b *Bench) {
			req, _ := b.pay(Approve)
			r := b.paidBack(req, b.Amount.Minor())
			refunder := power[payment.Refunder](b)
			for _, err := range together(12, func(int) error {
				_, err := refunder.Refund(t.Context(), r)
				return err
			}) {
				require.NoError(t, err)
			}
			b.books(req, b.Amount.Minor(), b.Amount.Minor())
		}},
	}
}
