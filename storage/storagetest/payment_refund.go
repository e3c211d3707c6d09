package storagetest

import (
	"context"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

func paymentRefundCases() []Case {
	return []Case{
		{Name: "insert, update and get return the same refund", Run: refundRoundTrip},
		{Name: "a refund holds its amount until it fails or comes back", Run: refundHolds},
		{Name: "more than what is left is refused and leaves nothing", Run: refundExceeds, Apart: true},
		{Name: "what was not captured cannot be refunded", Run: refundUncaptured},
		{Name: "a key is taken once per intent and leaves the unit usable", Run: refundKeys},
		{Name: "N concurrent refunds never exceed the capture", Run: refundRace, Apart: true},
		{Name: "N concurrent refunds of one key hold once", Run: refundKeyRace, Apart: true},
		{Name: "a stale update is refused and releases nothing", Run: refundStale, Apart: true},
		{Name: "refunds are written inside a unit only", Run: refundOutside, Apart: true},
		{Name: "a due refund is claimed once", Run: refundClaim, Apart: true},
	}
}

func paidIntent() payment.Intent {
	in := newIntent(newAttempt(1, payment.AttemptCaptured))
	in.State, in.Attempts[0].Counted = payment.IntentCaptured, true
	return in
}

func newRefund(in payment.Intent, minor int64) payment.Refund {
	id := newID()
	return payment.Refund{
		ID: payment.RefundID(id), Number: "PR" + id, Intent: in.ID, Key: "key of " + id, Reason: payment.ReasonReturned,
		Amount: money.New(minor, "CNY"), State: payment.RefundRequested, Legs: []payment.RefundLeg{{
			Seq: 1, Number: "PR" + id + "-1", Tender: 1, Attempt: in.Attempts[0].ID, Amount: money.New(minor, "CNY"),
			State: payment.RefundRequested,
		}},
		CreatedAt: noon(), UpdatedAt: noon(),
	}
}

// inUnit runs fn in a unit of its own.
func inUnit(t T, s storage.Stores, fn func(ctx context.Context) error) error {
	return s.Units.Do(t.Context(), fn)
}

func insertRefund(t T, s storage.Stores, r *payment.Refund) {
	require.NoError(t, inUnit(t, s, func(ctx context.Context) error { return s.PaymentRefunds.Insert(ctx, r) }))
}

func updateRefund(t T, s storage.Stores, r *payment.Refund) error {
	return inUnit(t, s, func(ctx context.Context) error { return s.PaymentRefunds.Update(ctx, r) })
}

func refundHeld(t T, s storage.Stores, in payment.Intent) int64 {
	return getIntent(t, s, in.ID).Attempts[0].Refunding
}

func refundRoundTrip(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	r := newRefund(in, 300)
	insertRefund(t, s, &r)
	require.EqualValues(t, 1, r.Version)
	l := &r.Legs[0]
	l.State, l.ProviderRef, l.Code, l.Conflict, l.Alerted, l.Evidence = payment.RefundUnknown, "ref", "c", "USD 1", true, "e"
	l.Sends, l.Asks, l.SentAt, l.CallBy = 1, 2, later(1), later(2)
	r.State, r.Manual, r.UpdatedAt, r.NextAt = payment.RefundUnknown, true, later(3), later(4)
	require.NoError(t, updateRefund(t, s, &r))
	require.EqualValues(t, 2, r.Version)
	got, err := s.PaymentRefunds.Get(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, r, got)
	got.Legs[0].Code = "spoilt"
	got, err = s.PaymentRefunds.ByKey(t.Context(), in.ID, r.Key)
	require.NoError(t, err)
	require.Equal(t, r, got)
	got, err = s.PaymentRefunds.ByNumber(t.Context(), r.Number)
	require.NoError(t, err)
	require.Equal(t, r, got)

	other := newRefund(in, 1)
	other.CreatedAt = later(-1)
	insertRefund(t, s, &other)
	all, err := s.PaymentRefunds.ByIntent(t.Context(), in.ID, in.ID)
	require.NoError(t, err)
	require.Equal(t, []payment.Refund{other, r}, all)

	_, err = s.PaymentRefunds.Get(t.Context(), payment.RefundID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.PaymentRefunds.ByKey(t.Context(), payment.IntentID(newID()), r.Key)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.PaymentRefunds.ByNumber(t.Context(), "PR"+newID())
	require.ErrorIs(t, err, fault.NotFound)
}

func refundHolds(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	a, b := newRefund(in, 300), newRefund(in, 700)
	insertRefund(t, s, &a)
	require.EqualValues(t, 300, refundHeld(t, s, in))
	insertRefund(t, s, &b)
	require.EqualValues(t, 1000, refundHeld(t, s, in))
	for _, state := range []payment.RefundState{payment.RefundSent, payment.RefundUnknown, payment.RefundSucceeded} {
		a.Legs[0].State, a.State = state, state
		require.NoError(t, updateRefund(t, s, &a))
		require.EqualValues(t, 1000, refundHeld(t, s, in))
	}
	b.Legs[0].State, b.State = payment.RefundFailed, payment.RefundFailed
	require.NoError(t, updateRefund(t, s, &b))
	require.EqualValues(t, 300, refundHeld(t, s, in))
	require.NoError(t, updateRefund(t, s, &b))
	require.EqualValues(t, 300, refundHeld(t, s, in), "released once")
	a.Legs[0].State, a.State = payment.RefundReversed, payment.RefundReversed
	require.NoError(t, updateRefund(t, s, &a))
	require.Zero(t, refundHeld(t, s, in))
}

func refundExceeds(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	fits, tooMuch := newRefund(in, 600), newRefund(in, 401)
	insertRefund(t, s, &fits)
	err := inUnit(t, s, func(ctx context.Context) error { return s.PaymentRefunds.Insert(ctx, &tooMuch) })
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, "payment.refund_exceeds", fault.CodeOf(err))
	require.Zero(t, tooMuch.Version, "the argument is unchanged on error")
	require.EqualValues(t, 600, refundHeld(t, s, in))
	rest := newRefund(in, 400)
	require.NoError(t, inUnit(t, s, func(ctx context.Context) error {
		require.ErrorIs(t, s.PaymentRefunds.Insert(ctx, &tooMuch), fault.Exhausted)
		return s.PaymentRefunds.Insert(ctx, &rest)
	}))
	_, err = s.PaymentRefunds.Get(t.Context(), tooMuch.ID)
	require.ErrorIs(t, err, fault.NotFound)
	require.EqualValues(t, 1000, refundHeld(t, s, in))
}

func refundUncaptured(t T, s storage.Stores) {
	in := insertIntent(t, s, newIntent(newAttempt(1, payment.AttemptAuthorized)))
	r := newRefund(in, 1)
	err := inUnit(t, s, func(ctx context.Context) error { return s.PaymentRefunds.Insert(ctx, &r) })
	require.ErrorIs(t, err, fault.Exhausted)
}

func refundKeys(t T, s storage.Stores) {
	in, other := insertIntent(t, s, paidIntent()), insertIntent(t, s, paidIntent())
	first, same, elsewhere, next := newRefund(in, 100), newRefund(in, 200), newRefund(other, 100), newRefund(in, 300)
	same.Key, elsewhere.Key = first.Key, first.Key
	insertRefund(t, s, &first)
	require.NoError(t, inUnit(t, s, func(ctx context.Context) error {
		require.ErrorIs(t, s.PaymentRefunds.Insert(ctx, &same), fault.AlreadyExists)
		require.NoError(t, s.PaymentRefunds.Insert(ctx, &elsewhere), "a key belongs to its intent")
		return s.PaymentRefunds.Insert(ctx, &next)
	}))
	require.EqualValues(t, 400, refundHeld(t, s, in))
}

func refundRace(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	refunds := make([]payment.Refund, 24)
	for i := range refunds {
		refunds[i] = newRefund(in, 100)
	}
	errs := together(t.Context(), len(refunds), func(ctx context.Context, i int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error { return s.PaymentRefunds.Insert(ctx, &refunds[i]) })
	})
	require.Equal(t, 10, winners(t, errs, fault.Exhausted))
	require.EqualValues(t, 1000, refundHeld(t, s, in))
}

func refundKeyRace(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	refunds := make([]payment.Refund, 12)
	for i := range refunds {
		refunds[i] = newRefund(in, 600)
		refunds[i].Key = "one key"
	}
	errs := together(t.Context(), len(refunds), func(ctx context.Context, i int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error { return s.PaymentRefunds.Insert(ctx, &refunds[i]) })
	})
	require.Equal(t, 1, winners(t, errs, fault.AlreadyExists))
	require.EqualValues(t, 600, refundHeld(t, s, in))
}

func refundStale(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	r := newRefund(in, 300)
	insertRefund(t, s, &r)
	errs := together(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := r.Clone()
		mine.Legs[0].State, mine.State, mine.Legs[0].Code = payment.RefundFailed, payment.RefundFailed, strconv.Itoa(i)
		return s.Units.Do(ctx, func(ctx context.Context) error { return s.PaymentRefunds.Update(ctx, &mine) })
	})
	require.Equal(t, 1, winners(t, errs, fault.Conflict))
	require.Zero(t, refundHeld(t, s, in), "released once")
	require.ErrorIs(t, updateRefund(t, s, &r), fault.Conflict)
	require.EqualValues(t, 1, r.Version)
	none := newRefund(in, 1)
	require.ErrorIs(t, updateRefund(t, s, &none), fault.NotFound)
}

func refundOutside(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	r := newRefund(in, 300)
	require.ErrorIs(t, s.PaymentRefunds.Insert(t.Context(), &r), fault.FailedPrecondition)
	require.ErrorIs(t, s.PaymentRefunds.Update(t.Context(), &r), fault.FailedPrecondition)
	require.Zero(t, refundHeld(t, s, in))
}

func refundClaim(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	base := longAgo()
	due, notYet := newRefund(in, 1), newRefund(in, 1)
	due.NextAt, notYet.NextAt = base, base.Add(time.Second)
	insertRefund(t, s, &due)
	insertRefund(t, s, &notYet)
	for _, want := range [][]payment.RefundID{{due.ID}, nil} {
		got, err := s.PaymentRefunds.Claim(t.Context(), base, never(), 10)
		require.NoError(t, err)
		require.ElementsMatch(t, want, got)
	}
}
