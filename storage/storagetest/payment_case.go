package storagetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

func paymentCaseCases() []Case {
	return []Case{
		{Name: "insert, update and get return the same case", Run: caseRoundTrip},
		{Name: "a matter is opened once and leaves the unit usable", Run: caseRepeated},
		{Name: "a stale update is refused", Run: caseStale},
		{Name: "pages go oldest first", Run: casePages},
	}
}

func newCase() payment.Case {
	return payment.Case{
		ID: payment.CaseID(newID()), Reason: payment.CaseStuck, Intent: payment.IntentID(newID()), Attempt: "a", Refund: "r",
		Notice: "n", Amount: money.New(7, "nonsense"), Code: "c", State: payment.CaseOpen, OpenedAt: noon(), UpdatedAt: noon(),
	}
}

func insertCase(t T, s storage.Stores, c payment.Case) payment.Case {
	require.NoError(t, s.PaymentCases.Insert(t.Context(), &c))
	return c
}

func caseRoundTrip(t T, s storage.Stores) {
	c := insertCase(t, s, newCase())
	require.EqualValues(t, 1, c.Version)
	got, err := s.PaymentCases.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)
	c.State, c.Assignee, c.Resolution, c.ClosedAt, c.UpdatedAt = payment.CaseClosed, "ann", "好", later(1), later(1)
	require.NoError(t, s.PaymentCases.Update(t.Context(), &c))
	got, err = s.PaymentCases.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)
	_, err = s.PaymentCases.Get(t.Context(), payment.CaseID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func caseRepeated(t T, s storage.Stores) {
	first := insertCase(t, s, newCase())
	next := newCase()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newCase()
		again.ID = first.ID
		require.ErrorIs(t, s.PaymentCases.Insert(ctx, &again), fault.AlreadyExists)
		return s.PaymentCases.Insert(ctx, &next)
	}))
	got, err := s.PaymentCases.Get(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, first, got)
}

func caseStale(t T, s storage.Stores) {
	c := insertCase(t, s, newCase())
	old := c
	require.NoError(t, s.PaymentCases.Update(t.Context(), &c))
	require.ErrorIs(t, s.PaymentCases.Update(t.Context(), &old), fault.Conflict)
	none := newCase()
	require.ErrorIs(t, s.PaymentCases.Update(t.Context(), &none), fault.NotFound)
}

func casePages(t T, s storage.Stores) {
	assignee := ref.StaffID(newID())
	var want []payment.CaseID
	for i := range 5 {
		c := newCase()
		c.Assignee, c.State, c.OpenedAt = assignee, payment.CaseAssigned, later(i)
		want = append(want, insertCase(t, s, c).ID)
	}
	q := payment.CaseQuery{Assignee: assignee, State: payment.CaseAssigned}
	var got []payment.CaseID
	req := page.Request{Limit: 2}
	for {
		p, err := s.PaymentCases.List(t.Context(), q, req)
		require.NoError(t, err)
		for _, c := range p.Items {
			got = append(got, c.ID)
		}
		early := newCase()
		early.Assignee, early.State, early.OpenedAt = assignee, payment.CaseAssigned, later(-9)
		insertCase(t, s, early)
		if req.After = p.Next; p.Next == "" {
			break
		}
	}
	require.Equal(t, want, got)
	one := insertCase(t, s, newCase())
	p, err := s.PaymentCases.List(t.Context(), payment.CaseQuery{Intent: one.Intent}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, []payment.Case{one}, p.Items)
	_, err = s.PaymentCases.List(t.Context(), q, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}
