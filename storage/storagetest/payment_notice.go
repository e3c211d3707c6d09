package storagetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

func paymentNoticeCases() []Case {
	return []Case{
		{Name: "insert, update and get return the same notice", Run: noticeRoundTrip},
		{Name: "a repeated notice is refused and leaves the unit usable", Run: noticeRepeated},
		{Name: "of N concurrent deliveries of one notice one is stored", Run: noticeRace, Apart: true},
		{Name: "a stale update is refused", Run: noticeStale},
		{Name: "pages go newest first, without the raw body", Run: noticePages},
		{Name: "a stored notice is claimed once", Run: noticeClaim, Apart: true},
	}
}

func newNotice() payment.Notice {
	return payment.Notice{
		ID: payment.NoticeID(newID()), Gateway: "fakepay", Key: "evt_1", Kind: payment.MessagePayment, Number: "PA" + newID(),
		Says: "captured", ProviderRef: "pay_1", Amount: money.New(1000, "CNY"), Code: "c", Advice: payment.AdviceNever,
		Raw: []byte("{\"name\":\"安\"}\x00\xff"), State: payment.NoticeStored, CreatedAt: noon(), UpdatedAt: noon(),
		NextAt: later(1),
	}
}

func insertNotice(t T, s storage.Stores, n payment.Notice) payment.Notice {
	require.NoError(t, s.PaymentNotices.Insert(t.Context(), &n))
	return n
}

func noticeRoundTrip(t T, s storage.Stores) {
	n := insertNotice(t, s, newNotice())
	require.EqualValues(t, 1, n.Version)
	got, err := s.PaymentNotices.Get(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, n, got)
	got.Raw[0] = 'X'
	n.State, n.NextAt, n.UpdatedAt, n.Raw = payment.NoticeApplied, time.Time{}, later(5), nil
	require.NoError(t, s.PaymentNotices.Update(t.Context(), &n))
	require.EqualValues(t, 2, n.Version)
	got, err = s.PaymentNotices.Get(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, n, got, "the raw body was erased")
	_, err = s.PaymentNotices.Get(t.Context(), payment.NoticeID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func noticeRepeated(t T, s storage.Stores) {
	first := insertNotice(t, s, newNotice())
	next := newNotice()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := first
		again.Version, again.Says = 0, "closed"
		require.ErrorIs(t, s.PaymentNotices.Insert(ctx, &again), fault.AlreadyExists)
		return s.PaymentNotices.Insert(ctx, &next)
	}))
	got, err := s.PaymentNotices.Get(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, first, got)
}

func noticeRace(t T, s storage.Stores) {
	n := newNotice()
	errs := together(t.Context(), 12, func(ctx context.Context, _ int) error {
		mine := n.Clone()
		return s.PaymentNotices.Insert(ctx, &mine)
	})
	require.Equal(t, 1, winners(t, errs, fault.AlreadyExists))
}

func noticeStale(t T, s storage.Stores) {
	n := insertNotice(t, s, newNotice())
	old := n.Clone()
	require.NoError(t, s.PaymentNotices.Update(t.Context(), &n))
	require.ErrorIs(t, s.PaymentNotices.Update(t.Context(), &old), fault.Conflict)
	none := newNotice()
	require.ErrorIs(t, s.PaymentNotices.Update(t.Context(), &none), fault.NotFound)
}

func noticePages(t T, s storage.Stores) {
	number := "PA" + newID()
	var want []payment.NoticeID
	for i := range 5 {
		n := newNotice()
		n.Number, n.CreatedAt = number, later(-i)
		want = append(want, insertNotice(t, s, n).ID)
	}
	q := payment.NoticeQuery{Number: number, Gateway: "fakepay", State: payment.NoticeStored}
	var got []payment.NoticeID
	req := page.Request{Limit: 2}
	for {
		p, err := s.PaymentNotices.List(t.Context(), q, req)
		require.NoError(t, err)
		for _, n := range p.Items {
			require.Nil(t, n.Raw)
			got = append(got, n.ID)
		}
		late := newNotice()
		late.Number, late.CreatedAt = number, later(9)
		insertNotice(t, s, late)
		if req.After = p.Next; p.Next == "" {
			break
		}
	}
	require.Equal(t, want, got)
	_, err := s.PaymentNotices.List(t.Context(), q, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}

func noticeClaim(t T, s storage.Stores) {
	base := longAgo()
	due, notYet := newNotice(), newNotice()
	due.NextAt, notYet.NextAt = base, base.Add(time.Second)
	due = insertNotice(t, s, due)
	insertNotice(t, s, notYet)
	for _, want := range [][]payment.NoticeID{{due.ID}, nil} {
		got, err := s.PaymentNotices.Claim(t.Context(), base, never(), 10)
		require.NoError(t, err)
		require.ElementsMatch(t, want, got)
	}
}
