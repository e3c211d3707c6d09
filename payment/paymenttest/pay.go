package paymenttest

import (
	"context"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
)

// Cases returns the whole suite.
func Cases() []Case {
	return slices.Concat(
		capsCases(), payCases(), repeatCases(), queryCases(), cancelCases(), captureCases(), refundCases(), notifyCases(),
		troubleCases(),
	)
}

func capsCases() []Case {
	return []Case{
		{Name: "the code is well formed", Run: func(t T, b *Bench) {
			code := b.Gateway.Caps().Code
			require.NotEmpty(t, code)
			require.LessOrEqual(t, len(code), 32)
			require.Empty(t, strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_-"))
		}},
		{Name: "the capabilities never change", Run: func(t T, b *Bench) {
			before := b.Gateway.Caps()
			b.started()
			require.Equal(t, before, b.Gateway.Caps())
		}},
		{Name: "the bounds let the rig's amount pass", Run: func(t T, b *Bench) {
			c := b.Gateway.Caps()
			require.True(t, c.Takes(b.Amount))
			require.GreaterOrEqual(t, c.Min, int64(0))
			require.True(t, c.Max == 0 || c.Max >= c.Min)
			require.GreaterOrEqual(t, c.RefundWindow, 0*c.RefundWindow)
			require.GreaterOrEqual(t, c.CallTimeout, 0*c.CallTimeout)
			require.Contains(t, []payment.Terms{
				"", payment.TermsImmediate, payment.TermsTransfer, payment.TermsOnDelivery,
			}, c.Terms)
		}},
		{Name: "what the capabilities promise is there", Run: func(t T, b *Bench) {
			c := b.Gateway.Caps()
			_, refunds := payment.As[payment.Refunder](b.Gateway)
			_, captures := payment.As[payment.Capturer](b.Gateway)
			_, notifies := payment.As[payment.Notifier](b.Gateway)
			require.True(t, refunds || !c.PartialRefund, "PartialRefund without Refunder")
			require.True(t, captures || !c.ManualCapture, "ManualCapture without Capturer")
			require.True(t, notifies || !c.NoQuery, "NoQuery without Notifier: nothing could ever move a payment")
			require.Equal(t, !b.lacks(Refund), refunds)
			require.Equal(t, !b.lacks(Notify), notifies)
			require.Equal(t, b.lacks(Query), c.NoQuery)
		}},
	}
}

func payCases() []Case {
	return []Case{
		{Name: "a paid one is captured with its amount and a reference", Needs: []Lack{Instant}, Run: func(t T, b *Bench) {
			req, out := b.pay(Approve)
			require.Equal(t, payment.AttemptCaptured, out.State)
			require.Equal(t, b.Amount, out.Amount)
			require.NotEmpty(t, out.ProviderRef)
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "a refused one says why and what to do", Needs: []Lack{Decline}, Run: func(t T, b *Bench) {
			req := b.request(Refuse)
			_, err := b.Gateway.Pay(t.Context(), req)
			b.class(err, payment.Declined)
			f := payment.FailureOf(err)
			require.NotEmpty(t, f.Code)
			require.Contains(t, []payment.Advice{
				payment.AdviceOtherMethod, payment.AdviceLater, payment.AdviceNever,
			}, f.Advice)
			b.books(req, 0, 0)
		}},
		{Name: "one that waits takes nothing and says what for", Needs: []Lack{Wait}, Run: func(t T, b *Bench) {
			req, out := b.pay(Ask)
			require.Contains(t, []payment.AttemptState{payment.AttemptActionRequired, payment.AttemptPending}, out.State)
			switch out.Action.Kind {
			case payment.ActionRedirect, payment.ActionQR:
				require.NotEmpty(t, out.Action.URL)
			case payment.ActionSDK, payment.ActionShow:
				require.NotEmpty(t, out.Action.Params)
			case payment.ActionNone:
				require.Equal(t, payment.AttemptPending, out.State, "an action that is required has a kind")
			default:
				require.Fail(t, "unknown action", "%q", out.Action.Kind)
			}
			if out.Amount != (money.Money{}) {
				require.Equal(t, b.Amount, out.Amount)
			}
			b.books(req, 0, 0)
		}},
		{Name: "nothing and less than nothing are refused", Run: func(t T, b *Bench) {
			for _, minor := range []int64{0, -1} {
				req := b.request(Approve)
				req.Amount = money.New(minor, b.Amount.Currency())
				_, err := b.Gateway.Pay(t.Context(), req)
				b.class(err, payment.Invalid, payment.Unsupported)
				b.books(req, 0, 0)
			}
		}},
		{Name: "an amount without a currency is refused", Run: func(t T, b *Bench) {
			req := b.request(Approve)
			req.Amount = money.New(b.Amount.Minor(), "")
			_, err := b.Gateway.Pay(t.Context(), req)
			b.class(err, payment.Invalid, payment.Unsupported)
			b.books(req, 0, 0)
		}},
		{Name: "a number that is empty or too long is refused", Run: func(t T, b *Bench) {
			for _, n := range []string{"", strings.Repeat("9", 33)} {
				req := b.request(Approve)
				req.Number = n
				_, err := b.Gateway.Pay(t.Context(), req)
				b.class(err, payment.Invalid)
			}
		}},
		{Name: "a call whose caller has gone sends nothing", Run: func(t T, b *Bench) {
			req := b.request(Approve)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := b.Gateway.Pay(ctx, req)
			b.class(err, payment.NotExecuted)
			b.books(req, 0, 0)
			_, err = b.Gateway.Cancel(ctx, b.ref(req))
			b.class(err, payment.NotExecuted, payment.Unknown)
		}},
		{Name: "texts in every script are taken", Run: func(t T, b *Bench) {
			req := b.request(b.any())
			req.Description = "茶 & ☕ <b>\"O'Neil\"</b>"
			req.Locale = "zh-CN"
			_, err := b.Gateway.Pay(t.Context(), req)
			require.NoError(t, err)
		}},
	}
}

func repeatCases() []Case {
	return []Case{
		{Name: "a paid one sent again is answered again and taken once", Needs: []Lack{Instant, Memory}, Run: func(t T, b *Bench) {
			req, first := b.pay(Approve)
			for range 3 {
				again, err := b.Gateway.Pay(t.Context(), req)
				require.NoError(t, err)
				require.Equal(t, first, again)
			}
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "a refused one sent again stays refused", Needs: []Lack{Decline, Memory}, Run: func(t T, b *Bench) {
			req, _ := b.pay(Refuse)
			if b.Way != nil {
				b.Way(Approve)
			}
			_, err := b.Gateway.Pay(t.Context(), req)
			b.class(err, payment.Declined)
			b.books(req, 0, 0)
		}},
		{Name: "one that waits sent again waits at the same place", Needs: []Lack{Wait}, Run: func(t T, b *Bench) {
			req, first := b.pay(Ask)
			again, err := b.Gateway.Pay(t.Context(), req)
			require.NoError(t, err)
			require.Equal(t, first, again)
		}},
		{Name: "a number with another amount is a conflict", Needs: []Lack{Memory}, Run: func(t T, b *Bench) {
			req, _, taken := b.started()
			other := req
			other.Amount = money.New(req.Amount.Minor()+1, req.Amount.Currency())
			_, err := b.Gateway.Pay(t.Context(), other)
			b.class(err, payment.Conflict)
			b.books(req, taken, 0)
			if !b.lacks(Query) {
				require.Equal(t, b.Amount, b.query(req).Amount, "the first stands")
			}
		}},
		{Name: "a number with another body is a conflict", Needs: []Lack{Memory}, Run: func(t T, b *Bench) {
			req, _, _ := b.started()
			other := req
			other.ReturnURL = "https://elsewhere.example/"
			_, err := b.Gateway.Pay(t.Context(), other)
			b.class(err, payment.Conflict)
		}},
		{Name: "one number sent by many at once is taken once", Needs: []Lack{Instant, Memory}, Run: func(t T, b *Bench) {
			req := b.request(Approve)
			out := make([]payment.Outcome, 16)
			for _, err := range together(len(out), func(i int) error {
				var err error
				out[i], err = b.Gateway.Pay(t.Context(), req)
				return err
			}) {
				require.NoError(t, err)
			}
			for _, o := range out {
				require.Equal(t, out[0], o)
			}
			b.books(req, b.Amount.Minor(), 0)
		}},
		{Name: "two numbers are two payments", Run: func(t T, b *Bench) {
			first, one, _ := b.started()
			second, two, taken := b.started()
			require.NotEqual(t, one.ProviderRef, two.ProviderRef)
			if !b.lacks(Action) {
				require.NoError(t, b.Buyer(t.Context(), first.Number, true))
				b.books(first, b.Amount.Minor(), 0)
			}
			b.books(second, taken, 0)
		}},
	}
}
