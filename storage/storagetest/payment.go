package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

func paymentCases() []Case {
	return []Case{
		{Name: "insert, update and get return the same intent with its attempts", Run: intentRoundTrip},
		{Name: "an intent without attempts is whole", Run: intentBare},
		{Name: "a second insert of an id or a number is refused and leaves nothing", Run: intentDuplicate},
		{Name: "a stale update is refused and changes nothing", Run: intentStale},
		{Name: "of N concurrent updates of one version one wins", Run: intentLostUpdate, Apart: true},
		{Name: "an update never writes what refunds hold", Run: intentKeepsHolds},
		{Name: "an intent is found by the number of any attempt", Run: intentByAttempt},
		{Name: "pages go newest first and are stable under inserts", Run: intentPages},
		{Name: "a due intent is claimed once, by one of N, past what others hold", Run: intentClaims, Apart: true, Skip: noWaiting},
		{Name: "the history is kept in order and never twice", Run: intentHistory},
		{Name: "N reads beside updates find an intent as one of them left it", Run: intentWhole, Apart: true},
	}
}

// later is the n-th second after noon.
func later(n int) time.Time { return noon().Add(time.Duration(n) * time.Second) }

func newAttempt(seq int, state payment.AttemptState) payment.Attempt {
	a := payment.Attempt{
		ID: payment.AttemptID(newID()), Seq: seq, Gateway: "fakepay", State: state, Amount: money.New(1000, "CNY"),
		Instruction: payment.Instruction{
			Method: "qr", Description: "茶 & Co", ReturnURL: "https://shop.example/back?a=1&b=2", Locale: "zh-CN",
			ManualCapture: true, Params: map[string]string{"openid": "o'1"},
		},
		ExpiresAt: later(900), ProviderRef: "pay_1", Action: payment.Action{
			Kind: payment.ActionQR, URL: "weixin://pay?x=<1>", Params: map[string]string{"k": "v"},
		},
		Code: "code", Advice: payment.AdviceLater, Late: true, Conflict: "USD 1", Alerted: true, Evidence: "e",
		Sends: 2, Asks: 3, CreatedAt: noon(), SentAt: later(1), CallBy: later(2),
	}
	a.Number = "PA" + string(a.ID)
	if state == payment.AttemptCaptured {
		a.CapturedAt = later(3)
	}
	return a
}

func newIntent(attempts ...payment.Attempt) payment.Intent {
	in := payment.Intent{
		ID: payment.IntentID(newID()), Group: ref.GroupID(newID()), Member: "m-1", Guest: "g-key", Quote: "q#1",
		State: payment.IntentProcessing, Payable: money.New(1000, "CNY"), Refunded: money.Zero("CNY"),
		Tenders:  []payment.Tender{{Seq: 1, Kind: payment.TenderExternal, Amount: money.New(1000, "CNY")}},
		Attempts: attempts, PayBy: later(900), Reason: payment.CancelBuyer, CancelingAt: later(5), CreatedAt: noon(),
		UpdatedAt: noon(),
	}
	in.Number = "PI" + string(in.ID)
	return in
}

func insertIntent(t T, s storage.Stores, in payment.Intent) payment.Intent {
	require.NoError(t, s.Payments.Insert(t.Context(), &in))
	return in
}

func getIntent(t T, s storage.Stores, id payment.IntentID) payment.Intent {
	in, err := s.Payments.Get(t.Context(), id)
	require.NoError(t, err)
	return in
}

func intentRoundTrip(t T, s storage.Stores) {
	in := newIntent(newAttempt(1, payment.AttemptUnknown))
	require.NoError(t, s.Payments.Insert(t.Context(), &in))
	require.EqualValues(t, 1, in.Version)
	got := getIntent(t, s, in.ID)
	require.Equal(t, in, got)
	got.Attempts[0].Instruction.Params["openid"] = "spoilt"
	got.Attempts[0].Action.Params["k"] = "spoilt"
	got.Tenders[0].Seq = 9
	require.Equal(t, in, getIntent(t, s, in.ID), "what is handed out is a copy")

	a := &in.Attempts[0]
	a.State, a.ProviderRef, a.Action, a.Code, a.Advice = payment.AttemptCaptured, "pay_2", payment.Action{}, "", ""
	a.Counted, a.Late, a.Conflict, a.Alerted, a.Evidence = true, false, "", false, "e2"
	a.Sends, a.Asks, a.SentAt, a.CallBy, a.CapturedAt = 3, 0, later(4), later(5), later(6)
	in.Attempts = append(in.Attempts, newAttempt(2, payment.AttemptDeclined))
	in.State, in.PayBy, in.Reason, in.CancelingAt = payment.IntentPartiallyRefunded, time.Time{}, "", time.Time{}
	in.Refunded, in.NextAt, in.UpdatedAt = money.New(400, "CNY"), later(7), later(8)
	require.NoError(t, s.Payments.Update(t.Context(), &in))
	require.EqualValues(t, 2, in.Version)
	require.Equal(t, in, getIntent(t, s, in.ID))
	_, err := s.Payments.Get(t.Context(), payment.IntentID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
}

func intentBare(t T, s storage.Stores) {
	in := newIntent()
	in.Payable, in.Tenders, in.PayBy = money.Zero("CNY"), nil, time.Time{}
	in = insertIntent(t, s, in)
	require.Equal(t, in, getIntent(t, s, in.ID))
	in.State = payment.IntentCaptured
	require.NoError(t, s.Payments.Update(t.Context(), &in))
	require.Equal(t, in, getIntent(t, s, in.ID))
}

func intentDuplicate(t T, s storage.Stores) {
	first := insertIntent(t, s, newIntent(newAttempt(1, payment.AttemptSent)))
	sameID, sameNumber, fine := newIntent(newAttempt(1, payment.AttemptSent)), newIntent(newAttempt(1, payment.AttemptSent)), newIntent()
	sameID.ID = first.ID
	sameNumber.Attempts[0].Number = first.Attempts[0].Number
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.ErrorIs(t, s.Payments.Insert(ctx, &sameID), fault.AlreadyExists)
		require.ErrorIs(t, s.Payments.Insert(ctx, &sameNumber), fault.AlreadyExists)
		require.Zero(t, sameNumber.Version, "the argument is unchanged on error")
		return s.Payments.Insert(ctx, &fine)
	}))
	_, err := s.Payments.Get(t.Context(), sameNumber.ID)
	require.ErrorIs(t, err, fault.NotFound)
	require.Equal(t, first, getIntent(t, s, first.ID))
	getIntent(t, s, fine.ID)
}

func intentStale(t T, s storage.Stores) {
	in := insertIntent(t, s, newIntent(newAttempt(1, payment.AttemptSent)))
	old := in.Clone()
	in.State = payment.IntentReserved
	require.NoError(t, s.Payments.Update(t.Context(), &in))
	old.State = payment.IntentCanceling
	old.Attempts[0].State = payment.AttemptUnknown
	before := old.Clone()
	require.ErrorIs(t, s.Payments.Update(t.Context(), &old), fault.Conflict)
	require.Equal(t, before, old, "the argument is unchanged on error")
	require.Equal(t, in, getIntent(t, s, in.ID))
	none := newIntent()
	require.ErrorIs(t, s.Payments.Update(t.Context(), &none), fault.NotFound)
}

func intentLostUpdate(t T, s storage.Stores) {
	in := insertIntent(t, s, newIntent(newAttempt(1, payment.AttemptSent)))
	errs := together(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := in.Clone()
		mine.Attempts[0].Code = strconv.Itoa(i)
		return s.Payments.Update(ctx, &mine)
	})
	require.Equal(t, 1, winners(t, errs, fault.Conflict))
	got := getIntent(t, s, in.ID)
	require.EqualValues(t, 2, got.Version)
	require.NoError(t, errs[slices.Index([]string{"0", "1", "2", "3", "4", "5", "6", "7"}, got.Attempts[0].Code)])
}

// winners counts the nil errors and requires the others to be of one kind.
func winners(t T, errs []error, others fault.Kind) int {
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.True(t, errors.Is(err, others), "%v", err)
		}
	}
	return won
}

func intentKeepsHolds(t T, s storage.Stores) {
	in := insertIntent(t, s, paidIntent())
	r := newRefund(in, 300)
	insertRefund(t, s, &r)
	require.NoError(t, s.Payments.Update(t.Context(), &in))
	require.Zero(t, in.Attempts[0].Refunding, "the caller's copy knows nothing of it")
	require.EqualValues(t, 300, getIntent(t, s, in.ID).Attempts[0].Refunding)
}

func intentByAttempt(t T, s storage.Stores) {
	in := insertIntent(t, s, newIntent(newAttempt(1, payment.AttemptDeclined), newAttempt(2, payment.AttemptSent)))
	for _, a := range in.Attempts {
		got, err := s.Payments.ByAttempt(t.Context(), a.Number)
		require.NoError(t, err)
		require.Equal(t, in, got)
	}
	_, err := s.Payments.ByAttempt(t.Context(), "PA"+newID())
	require.ErrorIs(t, err, fault.NotFound)
}

func intentPages(t T, s storage.Stores) {
	group := ref.GroupID(newID())
	var all []payment.Intent
	for i := range 7 {
		in := newIntent(newAttempt(1, payment.AttemptSent))
		in.Group, in.CreatedAt = group, later(i/2)
		all = append(all, insertIntent(t, s, in))
	}
	slices.SortFunc(all, func(a, b payment.Intent) int { // newest first, then the greater id
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	var want []payment.IntentID
	for _, in := range all {
		want = append(want, in.ID)
	}
	var got []payment.IntentID
	req := page.Request{Limit: 3}
	for {
		p, err := s.Payments.List(t.Context(), payment.Query{Group: group, State: payment.IntentProcessing}, req)
		require.NoError(t, err)
		for _, in := range p.Items {
			require.Len(t, in.Attempts, 1)
			got = append(got, in.ID)
		}
		late := newIntent()
		late.Group, late.CreatedAt = group, later(100)
		insertIntent(t, s, late)
		if req.After = p.Next; p.Next == "" {
			break
		}
	}
	require.Equal(t, want, got)
	other := newIntent()
	insertIntent(t, s, other)
	some, err := s.Payments.List(t.Context(), payment.Query{
		Groups: []ref.GroupID{other.Group, group, "none"}, State: payment.IntentProcessing,
	}, page.Request{Limit: page.MaxLimit})
	require.NoError(t, err)
	seen := map[ref.GroupID]bool{}
	for _, in := range some.Items {
		seen[in.Group] = true
	}
	require.Equal(t, map[ref.GroupID]bool{other.Group: true, group: true}, seen)
	none, err := s.Payments.List(t.Context(), payment.Query{Groups: []ref.GroupID{}}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, none.Items)
	p, err := s.Payments.List(t.Context(), payment.Query{Group: group, State: payment.IntentFailed}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, p.Items)
	_, err = s.Payments.List(t.Context(), payment.Query{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}

// longAgo is before everything that is due in other cases; never is when a
// claim ends that no case waits for.
func longAgo() time.Time { return noon().AddDate(-30, 0, 0) }
func never() time.Time   { return noon().AddDate(1000, 0, 0) }

// intentClaims is one case, for claims meet whatever is due.
func intentClaims(t T, s storage.Stores) {
	intentClaim(t, s)
	intentClaimRace(t, s)
	intentClaimSkips(t, s)
}

func intentClaim(t T, s storage.Stores) {
	base := longAgo()
	var mine []payment.IntentID
	for i := range 3 {
		in := newIntent(newAttempt(1, payment.AttemptUnknown))
		in.NextAt = base.Add(time.Duration(i) * time.Second)
		mine = append(mine, insertIntent(t, s, in).ID)
	}
	until := base.AddDate(1, 0, 0)
	got, err := s.Payments.Claim(t.Context(), base.Add(time.Second), until, 1)
	require.NoError(t, err)
	require.Equal(t, mine[:1], got, "what is due longest comes first")
	got, err = s.Payments.Claim(t.Context(), base.Add(time.Second), until, 10)
	require.NoError(t, err)
	require.Equal(t, mine[1:2], got, "due now, and not claimed")
	got, err = s.Payments.Claim(t.Context(), base.Add(time.Second), until, 10)
	require.NoError(t, err)
	require.Empty(t, got)
	in := getIntent(t, s, mine[0])
	require.Equal(t, until, in.NextAt)
	require.EqualValues(t, 1, in.Version, "a claim is no change")
	got, err = s.Payments.Claim(t.Context(), until, never(), 10)
	require.NoError(t, err)
	require.ElementsMatch(t, mine, got, "a claim ends")
}

func intentClaimRace(t T, s storage.Stores) {
	base := longAgo()
	want := map[payment.IntentID]bool{}
	for range 20 {
		in := newIntent()
		in.NextAt = base
		want[insertIntent(t, s, in).ID] = true
	}
	got := make([][]payment.IntentID, 8)
	for _, err := range together(t.Context(), 8, func(ctx context.Context, i int) error {
		for {
			ids, err := s.Payments.Claim(ctx, base, never(), 3)
			if err != nil || len(ids) == 0 {
				return err
			}
			got[i] = append(got[i], ids...)
		}
	}) {
		require.NoError(t, err)
	}
	all := slices.Concat(got...)
	require.Len(t, all, len(want))
	for _, id := range all {
		require.True(t, want[id])
		delete(want, id)
	}
}

func intentClaimSkips(t T, s storage.Stores) {
	base := longAgo()
	held, free := newIntent(), newIntent()
	held.NextAt, free.NextAt = base, base
	held, free = insertIntent(t, s, held), insertIntent(t, s, free)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		if err := s.Payments.Update(ctx, &held); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		ids, err := s.Payments.Claim(short, base, never(), 10)
		if errors.Is(err, fault.Canceled) || errors.Is(err, fault.Unavailable) {
			return nil // a backend with one writer waits for it
		}
		require.NoError(t, err)
		require.Equal(t, []payment.IntentID{free.ID}, ids)
		return nil
	}))
}

func intentHistory(t T, s storage.Stores) {
	a, b := payment.IntentID(newID()), payment.IntentID(newID())
	event := func(in payment.IntentID, n int) payment.Event {
		return payment.Event{
			ID: payment.EventID(newID()), Intent: in, Of: payment.OfAttempt, Object: "x", Version: int64(n + 1),
			Kind: payment.EventMoved, From: "sent", To: "unknown", Source: payment.SourceQuery, Evidence: "ev",
			ProviderRef: "ref", Amount: money.New(-5, "nonsense"), Code: "code", At: later(n),
		}
	}
	a2, a1, b1 := event(a, 2), event(a, 1), event(b, 1)
	require.NoError(t, s.Payments.Append(t.Context(), a2, b1, a1))
	require.NoError(t, s.Payments.Append(t.Context()))
	got, err := s.Payments.History(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, []payment.Event{a1, a2}, got)
	got, err = s.Payments.History(t.Context(), b, a, b)
	require.NoError(t, err)
	want := []payment.Event{a1, a2, b1}
	if b < a {
		want = []payment.Event{b1, a1, a2}
	}
	require.Equal(t, want, got)
	require.ErrorIs(t, s.Payments.Append(t.Context(), event(a, 3), a1), fault.AlreadyExists)
	got, err = s.Payments.History(t.Context())
	require.NoError(t, err)
	require.Empty(t, got)
}
