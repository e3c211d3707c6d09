package payment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// storied returns the books of an intent that saw everything: a lost call, a
// wrong amount, a late capture, a refund.
func storied(t *testing.T) payment.Books {
	t.Helper()
	s := newShop(t)
	s.bank.Plan(fakepay.Ask, fakepay.Approve)
	in := s.pay()
	first := s.last(in)
	s.notify(s.bank.Forge("wrong", first.Number, payment.AttemptCaptured, usd(1)))
	s.bank.Trouble(fakepay.CallPay, fakepay.LostAfter)
	in, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: first.ID, Gateway: "fakepay"})
	require.NoError(t, err)
	in, err = s.svc.Query(t.Context(), buyer(), in.ID)
	require.NoError(t, err)
	s.notify(s.bank.Forge("late", first.Number, payment.AttemptCaptured, usd(1000)))
	_, err = s.refund(in, "some", 300)
	require.NoError(t, err)
	s.sweep()
	s.check()
	history, err := s.svc.History(t.Context(), staff(), in.ID)
	require.NoError(t, err)
	notices, err := s.stores.PaymentNotices.List(t.Context(), payment.NoticeQuery{}, page.Request{})
	require.NoError(t, err)
	return payment.Books{
		Intent: s.get(in.ID), History: history, Refunds: s.refunds(in.ID), Cases: s.cases(), Notices: notices.Items,
	}
}

// TestVerifyFindsEachViolation plants one violation of each invariant.
func TestVerifyFindsEachViolation(t *testing.T) {
	t.Parallel()
	b := storied(t)
	require.Empty(t, payment.Check(b))
	require.Len(t, b.Intent.Attempts, 2)
	unknown := func(b *payment.Books) int {
		for i, e := range b.History {
			if e.From == string(payment.AttemptUnknown) {
				return i
			}
		}
		t.Fatal("nothing was unknown")
		return 0
	}
	for _, c := range []struct {
		name, want string
		plant      func(b *payment.Books)
	}{
		{"tenders do not add up", "I5", func(b *payment.Books) { b.Intent.Tenders[0].Amount = usd(999) }},
		{"a tender of another currency", "I5", func(b *payment.Books) { b.Intent.Tenders[0].Amount = usd(0) }},
		{"paid without a capture", "I6", func(b *payment.Books) { b.Intent.Attempts[1].Counted = false }},
		{"counted without a capture", "I6", func(b *payment.Books) { b.Intent.Attempts[1].State = payment.AttemptPending }},
		{"canceled with an open attempt", "I7", func(b *payment.Books) {
			b.Intent.State, b.Intent.Attempts[0].State = payment.IntentCanceled, payment.AttemptUnknown
		}},
		{"held and said differ", "I8", func(b *payment.Books) { b.Intent.Attempts[1].Refunding++ }},
		{"more refunded than captured", "I8", func(b *payment.Books) { b.Intent.Attempts[1].Amount = usd(299) }},
		{"legs do not add up", "I8", func(b *payment.Books) { b.Refunds[1].Amount = usd(1) }},
		{"refunded total", "I8", func(b *payment.Books) { b.Intent.Refunded = usd(301) }},
		{"two counted captures", "I13", func(b *payment.Books) { b.Intent.Attempts[0].Counted = true }},
		{"a second capture nobody refunds", "I13", func(b *payment.Books) { b.Refunds = b.Refunds[1:] }},
		{"out of unknown on nobody's word", "I14", func(b *payment.Books) { b.History[unknown(b)].Source = payment.SourceAnswer }},
		{"out of unknown without evidence", "I14", func(b *payment.Books) { b.History[unknown(b)].Evidence = "" }},
		{"a wrong amount nobody knows of", "I15", func(b *payment.Books) { b.Cases = nil }},
		{"out of unknown on a notice that is not kept", "I14", func(b *payment.Books) { b.Notices = nil }},
		{"a notice that took effect twice", "I16", func(b *payment.Books) {
			for _, e := range b.History {
				if e.Source == payment.SourceNotice && e.Kind == payment.EventMoved {
					b.History = append(b.History, e)
					return
				}
			}
		}},
		{"a notice that took no effect", "I16", func(b *payment.Books) {
			b.Notices = append(b.Notices, payment.Notice{
				ID: "n", Kind: payment.MessageRefund, Number: b.Refunds[1].Legs[0].Number,
				Says: string(payment.RefundSucceeded), State: payment.NoticeApplied,
			})
			b.Refunds[1].Legs[0].State = payment.RefundPending
		}},
		{"two bodies under one number", "I18", func(b *payment.Books) {
			for i := range b.History {
				if b.History[i].To == string(payment.AttemptSent) {
					b.History[i].Amount = usd(999)
				}
			}
		}},
		{"another instruction than what was sent", "I18", func(b *payment.Books) { b.Intent.Attempts[0].Instruction.Method = "card" }},
		{"another time to pay by than what was sent", "I18", func(b *payment.Books) {
			b.Intent.Attempts[1].ExpiresAt = b.Intent.Attempts[1].ExpiresAt.Add(time.Second)
		}},
		{"another gateway than what it was sent to", "I18", func(b *payment.Books) { b.Intent.Attempts[1].Gateway = "other" }},
		{"another reason of a refund than what was sent", "I18", func(b *payment.Books) { b.Refunds[1].Reason = payment.ReasonLate }},
		{"a number of another refund", "I18", func(b *payment.Books) { b.Refunds[0].Number = b.Refunds[1].Number }},
		{"a number of another attempt", "I18", func(b *payment.Books) { b.Intent.Attempts[0].Number = b.Intent.Attempts[1].Number }},
		{"a number of another intent", "I18", func(b *payment.Books) { b.Intent.Number += "0" }},
		{"a state without history", "I26", func(b *payment.Books) { b.Intent.State = payment.IntentCaptured }},
		{"a break in the history", "I26", func(b *payment.Books) { b.History = b.History[1:] }},
		{"a history of nothing", "I26", func(b *payment.Books) { b.Intent.Attempts = b.Intent.Attempts[1:] }},
	} {
		t.Run(c.want+" "+c.name, func(t *testing.T) {
			t.Parallel()
			b := storied(t)
			c.plant(&b)
			var found []string
			for _, v := range payment.Check(b) {
				found = append(found, v.Invariant)
			}
			require.Contains(t, found, c.want)
		})
	}
}
