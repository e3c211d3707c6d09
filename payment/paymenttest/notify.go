package paymenttest

import (
	"bytes"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/payment"
)

// told returns a payment that the buyer has paid, and the provider's notice.
func (b *Bench) told() (payment.PayRequest, payment.RawRequest) {
	b.t.Helper()
	req, _ := b.pay(b.any())
	if b.Buyer != nil && !b.lacks(Action) {
		require.NoError(b.t, b.Buyer(b.t.Context(), req.Number, true))
	}
	raw, err := b.Notice(req.Number)
	require.NoError(b.t, err)
	return req, raw
}

func (b *Bench) parse(raw payment.RawRequest) payment.Message {
	b.t.Helper()
	n, err := power[payment.Notifier](b).ParseNotify(b.t.Context(), raw)
	require.NoError(b.t, err)
	require.Len(b.t, n.Messages, 1)
	return n.Messages[0]
}

// refused requires that a notice is not believed, and that the provider is
// asked to send again.
func (b *Bench) refused(raw payment.RawRequest, classes ...payment.Class) {
	b.t.Helper()
	n, err := power[payment.Notifier](b).ParseNotify(b.t.Context(), raw)
	b.class(err, classes...)
	require.Empty(b.t, n.Messages)
	require.NotZero(b.t, n.Nack.Status)
}

func clone(raw payment.RawRequest) payment.RawRequest {
	raw.Body, raw.Header = bytes.Clone(raw.Body), raw.Header.Clone()
	return raw
}

func notifyCases() []Case {
	needs := []Lack{Notify}
	return []Case{
		{Name: "a notice of a paid one is understood", Needs: needs, Run: func(t T, b *Bench) {
			req, raw := b.told()
			m := b.parse(raw)
			require.Equal(t, payment.MessagePayment, m.Kind)
			require.Equal(t, req.Number, m.Number)
			require.Equal(t, payment.AttemptCaptured, m.Payment.State)
			require.Equal(t, b.Amount, m.Payment.Amount)
			require.NotEmpty(t, m.Payment.ProviderRef)
			require.NotEmpty(t, m.Key)
			require.LessOrEqual(t, len(m.Key), 200)
		}},
		{Name: "a notice names the reference that query names", Needs: []Lack{Notify, Query}, Run: func(t T, b *Bench) {
			req, raw := b.told()
			require.Equal(t, b.query(req).ProviderRef, b.parse(raw).Payment.ProviderRef)
		}},
		{Name: "a notice of a refused one is understood", Needs: []Lack{Notify, Action}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			require.NoError(t, b.Buyer(t.Context(), req.Number, false))
			raw, err := b.Notice(req.Number)
			require.NoError(t, err)
			m := b.parse(raw)
			require.Equal(t, payment.AttemptDeclined, m.Payment.State)
			require.Equal(t, req.Number, m.Number)
		}},
		{Name: "a notice is answered as the provider wants it", Needs: needs, Run: func(t T, b *Bench) {
			_, raw := b.told()
			n, err := power[payment.Notifier](b).ParseNotify(t.Context(), raw)
			require.NoError(t, err)
			require.NotZero(t, n.Ack.Status)
			require.NotEqual(t, n.Ack, n.Nack)
		}},
		{Name: "a repeated notice has the same key", Needs: needs, Run: func(t T, b *Bench) {
			req, raw := b.told()
			first := b.parse(raw)
			require.Equal(t, first, b.parse(raw))
			again, err := b.Notice(req.Number)
			require.NoError(t, err)
			require.Equal(t, first.Key, b.parse(again).Key)
		}},
		{Name: "two notices have two keys", Needs: needs, Run: func(t T, b *Bench) {
			_, one := b.told()
			_, two := b.told()
			require.NotEqual(t, b.parse(one).Key, b.parse(two).Key)
		}},
		{Name: "reading a notice changes nothing", Needs: []Lack{Notify, Query, Action}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Ask)
			raw, err := b.Notice(req.Number)
			require.NoError(t, err)
			before, kept := b.query(req), clone(raw)
			_, _ = power[payment.Notifier](b).ParseNotify(t.Context(), raw) // what it says is another case's matter
			require.Equal(t, before, b.query(req))
			require.Equal(t, kept, raw, "the request stays as it came")
		}},
		{Name: "a changed body is not believed", Needs: needs, Run: func(t T, b *Bench) {
			_, raw := b.told()
			for i := range raw.Body {
				forged := clone(raw)
				forged.Body[i] ^= 1
				b.refused(forged, payment.Auth, payment.Invalid)
			}
			require.NotEmpty(t, raw.Body)
		}},
		{Name: "an unsigned notice is not believed", Needs: needs, Run: func(_ T, b *Bench) {
			_, raw := b.told()
			forged := clone(raw)
			forged.Header = http.Header{}
			b.refused(forged, payment.Auth)
		}},
		{Name: "a changed header is not believed", Needs: needs, Run: func(t T, b *Bench) {
			_, raw := b.told()
			refused := 0
			for name := range raw.Header {
				forged := clone(raw)
				forged.Header.Set(name, "0"+forged.Header.Get(name))
				if n, err := power[payment.Notifier](b).ParseNotify(t.Context(), forged); err != nil {
					b.class(err, payment.Auth, payment.Invalid)
					require.Empty(t, n.Messages)
					refused++
				}
			}
			require.Positive(t, refused, "no header matters")
		}},
		{Name: "a notice for another merchant is not believed", Needs: needs, Run: func(t T, b *Bench) {
			req, _ := b.told()
			raw, err := b.Foreign(req.Number)
			require.NoError(t, err)
			b.refused(raw, payment.Auth)
		}},
		{Name: "an old notice is not believed", Needs: []Lack{Notify, Window}, Run: func(_ T, b *Bench) {
			_, raw := b.told()
			b.Clock.Advance(time.Hour)
			b.refused(raw, payment.Auth)
		}},
		{Name: "half a notice and nonsense are not believed", Needs: needs, Run: func(_ T, b *Bench) {
			_, raw := b.told()
			half := clone(raw)
			half.Body = half.Body[:len(half.Body)/2]
			b.refused(half, payment.Auth, payment.Invalid)
			b.refused(payment.RawRequest{}, payment.Auth, payment.Invalid)
			b.refused(payment.RawRequest{
				Method: http.MethodPost, Query: "%zz", Header: raw.Header.Clone(), Body: []byte("\x00\xff{}"),
			}, payment.Auth, payment.Invalid)
		}},
	}
}
