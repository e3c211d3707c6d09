package payment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// books are the rows of one intent, as the verifier reads them.
type books struct {
	in      payment.Intent
	history []payment.Event
	refunds []payment.Refund
	cases   []payment.Case
}

// storied returns the books of an intent that saw everything: a lost call, a
// wrong amount, a late capture, a refund.
func storied(t *testing.T) books {
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
	return books{s.get(in.ID), history, s.refunds(in.ID), s.cases()}
}

// TestVerifyFindsEachViolation plants one violation of each invariant.
func TestVerifyFindsEachViolation(t *testing.T) {
	t.Parallel()
	b := storied(t)
	require.Empty(t, payment.Check(b.in, b.history, b.refunds, b.cases))
	require.Len(t, b.in.Attempts, 2)
	unknown := func(b *books) int {
		for i, e := range b.history {
			if e.From == string(payment.AttemptUnknown) {
				return i
			}
		}
		t.Fatal("nothing was unknown")
		return 0
	}
	for _, c := range []struct {
		name, want string
		plant      func(b *books)
	}{
		{"tenders do not add up", "I5", func(b *books) { b.in.Tenders[0].Amount = usd(999) }},
		{"a tender of another currency", "I5", func(b *books) { b.in.Tenders[0].Amount = usd(0) }},
		{"paid without a capture", "I6", func(b *books) { b.in.Attempts[1].Counted = false }},
		{"counted without a capture", "I6", func(b *books) { b.in.Attempts[1].State = payment.AttemptPending }},
		{"canceled with an open attempt", "I7", func(b *books) {
			b.in.State, b.in.Attempts[0].State = payment.IntentCanceled, payment.AttemptUnknown
		}},
		{"held and said differ", "I8", func(b *books) { b.in.Attempts[1].Refunding++ }},
		{"more refunded than captured", "I8", func(b *books) { b.in.Attempts[1].Amount = usd(299) }},
		{"legs do not add up", "I8", func(b *books) { b.refunds[1].Amount = usd(1) }},
		{"refunded total", "I8", func(b *books) { b.in.Refunded = usd(301) }},
		{"two counted captures", "I13", func(b *books) { b.in.Attempts[0].Counted = true }},
		{"a second capture nobody refunds", "I13", func(b *books) { b.refunds = b.refunds[1:] }},
		{"out of unknown on nobody's word", "I14", func(b *books) { b.history[unknown(b)].Source = payment.SourceAnswer }},
		{"out of unknown without evidence", "I14", func(b *books) { b.history[unknown(b)].Evidence = "" }},
		{"a wrong amount nobody knows of", "I15", func(b *books) { b.cases = nil }},
		{"a number of another attempt", "I18", func(b *books) { b.in.Attempts[0].Number = b.in.Attempts[1].Number }},
		{"a number of another intent", "I18", func(b *books) { b.in.Number += "0" }},
		{"a state without history", "I26", func(b *books) { b.in.State = payment.IntentCaptured }},
		{"a break in the history", "I26", func(b *books) { b.history = b.history[1:] }},
		{"a history of nothing", "I26", func(b *books) { b.in.Attempts = b.in.Attempts[1:] }},
	} {
		t.Run(c.want+" "+c.name, func(t *testing.T) {
			t.Parallel()
			b := storied(t)
			c.plant(&b)
			var found []string
			for _, v := range payment.Check(b.in, b.history, b.refunds, b.cases) {
				found = append(found, v.Invariant)
			}
			require.Contains(t, found, c.want)
		})
	}
}
