package payment_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/payment"
)

func TestIntentTransitions(t *testing.T) {
	t.Parallel()
	const (
		open, reserving, reserved = payment.IntentOpen, payment.IntentReserving, payment.IntentReserved
		processing, authorized    = payment.IntentProcessing, payment.IntentAuthorized
		captured, partially, full = payment.IntentCaptured, payment.IntentPartiallyRefunded, payment.IntentRefunded
		canceling, canceled, fail = payment.IntentCanceling, payment.IntentCanceled, payment.IntentFailed
	)
	allowed := map[[2]payment.IntentState]bool{
		{open, reserving}: true, {open, reserved}: true, {open, processing}: true, {open, captured}: true,
		{open, fail}: true, {open, canceling}: true, {open, canceled}: true,
		{reserving, reserved}: true, {reserving, fail}: true, {reserving, canceling}: true, {reserving, canceled}: true,
		{reserved, processing}: true, {reserved, captured}: true, {reserved, fail}: true, {reserved, canceling}: true,
		{reserved, canceled}:   true,
		{processing, reserved}: true, {processing, authorized}: true, {processing, captured}: true,
		{processing, fail}: true, {processing, canceling}: true,
		{authorized, reserved}: true, {authorized, captured}: true, {authorized, fail}: true, {authorized, canceling}: true,
		{canceling, canceled}: true, {canceling, captured}: true,
		{captured, partially}: true, {captured, full}: true,
		{partially, full}: true, {partially, captured}: true,
		{full, partially}: true, {full, captured}: true,
	}
	all := []payment.IntentState{
		open, reserving, reserved, processing, authorized, captured, partially, full, canceling, canceled, fail,
	}
	product(t, all, allowed)
}

func TestAttemptTransitions(t *testing.T) {
	t.Parallel()
	const (
		fresh, sent, action, pending = payment.AttemptNew, payment.AttemptSent, payment.AttemptActionRequired, payment.AttemptPending
		authorized, unknown          = payment.AttemptAuthorized, payment.AttemptUnknown
		captured, declined, closed   = payment.AttemptCaptured, payment.AttemptDeclined, payment.AttemptClosed
	)
	allowed := map[[2]payment.AttemptState]bool{
		{fresh, sent}: true, {fresh, captured}: true, {fresh, closed}: true,
		{declined, captured}: true, {closed, captured}: true,
	}
	for from, to := range map[payment.AttemptState][]payment.AttemptState{
		sent:       {fresh, action, pending, authorized, unknown, captured, declined, closed},
		action:     {pending, authorized, captured, declined, closed},
		pending:    {authorized, unknown, captured, declined, closed},
		authorized: {unknown, captured, declined, closed},
		unknown:    {fresh, action, pending, authorized, captured, declined, closed},
	} {
		for _, s := range to {
			allowed[[2]payment.AttemptState{from, s}] = true
		}
	}
	product(t, []payment.AttemptState{
		fresh, sent, action, pending, authorized, unknown, captured, declined, closed,
	}, allowed)
}

func TestRefundTransitions(t *testing.T) {
	t.Parallel()
	const (
		requested, sent, pending, unknown = payment.RefundRequested, payment.RefundSent, payment.RefundPending, payment.RefundUnknown
		succeeded, failed, reversed       = payment.RefundSucceeded, payment.RefundFailed, payment.RefundReversed
	)
	product(t, []payment.RefundState{requested, sent, pending, unknown, succeeded, failed, reversed},
		map[[2]payment.RefundState]bool{
			{requested, sent}: true, {requested, succeeded}: true, {requested, failed}: true,
			{sent, requested}: true, {sent, pending}: true, {sent, unknown}: true, {sent, succeeded}: true, {sent, failed}: true,
			{pending, unknown}: true, {pending, succeeded}: true, {pending, failed}: true,
			{unknown, requested}: true, {unknown, pending}: true, {unknown, succeeded}: true, {unknown, failed}: true,
			{succeeded, reversed}: true,
		})
}

func TestCaseTransitions(t *testing.T) {
	t.Parallel()
	const open, assigned, closed = payment.CaseOpen, payment.CaseAssigned, payment.CaseClosed
	product(t, []payment.CaseState{open, assigned, closed}, map[[2]payment.CaseState]bool{
		{open, assigned}: true, {open, closed}: true,
		{assigned, open}: true, {assigned, assigned}: true, {assigned, closed}: true,
	})
}

// product compares every pair of states, and states nobody knows, with what
// is allowed.
func product[S interface {
	~string
	To(next S) bool
}](t *testing.T, all []S, allowed map[[2]S]bool) {
	t.Helper()
	all = append(all, "", "nonsense")
	seen := 0
	for _, from := range all {
		for _, to := range all {
			require.Equal(t, allowed[[2]S{from, to}], from.To(to), "%q -> %q", from, to)
			if allowed[[2]S{from, to}] {
				seen++
			}
		}
	}
	require.Equal(t, len(allowed), seen, "every allowed pair was met")
}

func TestClassOf(t *testing.T) {
	t.Parallel()
	require.Empty(t, payment.ClassOf(nil))
	for _, c := range payment.Classes() {
		require.Equal(t, c, payment.ClassOf(payment.Fail(c, "x", nil)))
		require.ErrorIs(t, payment.Fail(c, "x", nil), c)
		require.Equal(t, c, payment.ClassOf(c), "a bare class is an error too")
	}
	require.Equal(t, payment.Unknown, payment.ClassOf(context.Canceled))
	require.Equal(t, payment.Unknown, payment.ClassOf(context.DeadlineExceeded))
	require.Equal(t, payment.Unknown, payment.ClassOf(io.ErrUnexpectedEOF))
	require.Equal(t, payment.Unknown, payment.ClassOf(fault.New(fault.Invalid, "x", "not a gateway's")))
}
