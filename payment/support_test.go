package payment_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// orders is a tiny subject: one flag per group.
type orders struct {
	mu      sync.Mutex
	refuse  bool  // does not want late money
	fail    error // of Captured
	shipped bool  // to be paid on delivery
	states  map[ref.GroupID][]string
}

func (o *orders) note(g ref.GroupID, what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.states[g] = append(o.states[g], what)
}

func (o *orders) Captured(_ context.Context, in payment.Intent) (bool, error) {
	if o.fail != nil {
		return false, o.fail
	}
	if o.refuse || in.Reason == payment.CancelBuyer {
		o.note(in.Group, "refused")
		return false, nil
	}
	o.note(in.Group, "paid")
	return true, nil
}

func (o *orders) Closed(_ context.Context, in payment.Intent) error {
	o.note(in.Group, "closed")
	return nil
}

// Await gives everything 90 days from the opening that is not paid on delivery.
func (o *orders) Await(_ context.Context, in payment.Intent, terms payment.Terms) (payment.Awaited, error) {
	if terms == payment.TermsOnDelivery || o.shipped {
		return payment.Awaited{}, nil
	}
	return payment.Awaited{PayBy: start().AddDate(0, 0, 90), Move: func(context.Context) error {
		o.note(in.Group, "awaits "+string(terms))
		return nil
	}}, nil
}

func (o *orders) Refunded(_ context.Context, in payment.Intent, _ payment.Refund) error {
	o.note(in.Group, "refunded")
	return nil
}

func (o *orders) of(g ref.GroupID) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.states[g])
}

// log keeps events that were appended, also of units that failed later.
type log struct {
	event.Appender
	mu      sync.Mutex
	records []event.Record
}

func (l *log) Append(ctx context.Context, recs ...event.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, recs...)
	return l.Appender.Append(ctx, recs...)
}

type shop struct {
	t      *testing.T
	svc    *payment.Service
	bank   *fakepay.Bank
	clock  *clock.Manual
	stores storage.Stores
	orders *orders
	log    *log
	cfg    payment.Config
}

func start() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

type option func(*fakepay.Config, *payment.Config)

func newShop(t *testing.T, opts ...option) *shop {
	t.Helper()
	c := clock.NewManual(start())
	s := &shop{t: t, clock: c, stores: memory.New().Stores(), orders: &orders{states: map[ref.GroupID][]string{}}}
	s.log = &log{Appender: s.stores.Events}
	bankCfg := fakepay.Config{Clock: c, CallTimeout: 5 * time.Second}
	s.cfg = payment.Config{
		Store: s.stores.Payments, Refunds: s.stores.PaymentRefunds, Notices: s.stores.PaymentNotices,
		Cases: s.stores.PaymentCases, Units: s.stores.Units, Events: s.log, Subject: s.orders, Clock: c,
	}
	for _, o := range opts {
		o(&bankCfg, &s.cfg)
	}
	var err error
	s.bank, err = fakepay.Open(t.Context(), bankCfg)
	require.NoError(t, err)
	if s.cfg.Gateways == nil {
		s.cfg.Gateways = []payment.Gateway{s.bank.Gateway()}
	}
	s.svc, err = payment.NewService(s.cfg)
	require.NoError(t, err)
	return s
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func staff() ref.Scope { return ref.Staff("ann") }

const ann = ref.MemberID("m-ann")

func buyer() ref.Scope { return ref.Member(ann) }

func (s *shop) input() payment.OpenInput {
	return payment.OpenInput{
		Group: "g-1", Member: ann, Quote: "q", Payable: usd(1000), Gateway: "fakepay",
		PayBy: s.clock.Now().Add(30 * time.Minute),
	}
}

// open opens an intent, as checkout does in its unit, and sends nothing.
func (s *shop) open(in payment.OpenInput) payment.Intent {
	s.t.Helper()
	draft, err := s.svc.Draft(in)
	require.NoError(s.t, err)
	var out payment.Intent
	require.NoError(s.t, s.stores.Units.Do(s.t.Context(), func(ctx context.Context) error {
		var err error
		out, err = s.svc.Open(ctx, draft)
		return err
	}))
	return out
}

func (s *shop) send(in payment.Intent) payment.Intent {
	s.t.Helper()
	out, err := s.svc.Pay(s.t.Context(), in)
	require.NoError(s.t, err)
	return out
}

// pay opens and sends.
func (s *shop) pay() payment.Intent { return s.send(s.open(s.input())) }

func (s *shop) get(id payment.IntentID) payment.Intent {
	s.t.Helper()
	in, err := s.svc.Get(s.t.Context(), staff(), id)
	require.NoError(s.t, err)
	return in
}

func (s *shop) last(in payment.Intent) payment.Attempt {
	s.t.Helper()
	a, ok := in.Last()
	require.True(s.t, ok)
	return a
}

func (s *shop) notify(raw payment.RawRequest) payment.Reply {
	s.t.Helper()
	r, err := s.svc.Notify(s.t.Context(), "fakepay", raw)
	require.NoError(s.t, err)
	return r
}

func (s *shop) deliver() {
	s.t.Helper()
	_, err := s.bank.Deliver(s.t.Context(), func(ctx context.Context, raw payment.RawRequest) (payment.Reply, error) {
		return s.svc.Notify(ctx, "fakepay", raw)
	})
	require.NoError(s.t, err)
}

// sweep sweeps until nothing is due now.
func (s *shop) sweep() {
	s.t.Helper()
	for range 50 {
		got, err := s.svc.Sweep(s.t.Context(), 0)
		require.NoError(s.t, err)
		if !got.Any() {
			return
		}
	}
	s.t.Fatal("the sweeper never comes to rest")
}

// wait moves the clock on in small steps and sweeps after each.
func (s *shop) wait(d time.Duration) {
	s.t.Helper()
	for step := 5 * time.Second; d > 0; d -= step {
		s.clock.Advance(min(step, d))
		s.sweep()
	}
}

func (s *shop) refunds(id payment.IntentID) []payment.Refund {
	s.t.Helper()
	out, err := s.svc.RefundsOf(s.t.Context(), staff(), id)
	require.NoError(s.t, err)
	return out
}

func (s *shop) cases() []payment.Case {
	s.t.Helper()
	p, err := s.stores.PaymentCases.List(s.t.Context(), payment.CaseQuery{}, page.Request{})
	require.NoError(s.t, err)
	return p.Items
}

// check runs the verifier: no invariant is broken.
func (s *shop) check() {
	s.t.Helper()
	for v, err := range s.svc.Verify(s.t.Context()) {
		require.NoError(s.t, err)
		s.t.Errorf("%s: %s: %s", v.Invariant, v.Object, v.Detail)
	}
	s.announced()
}

// announced requires that the log holds what the histories say, and no more.
func (s *shop) announced() {
	s.t.Helper()
	ctx := s.t.Context()
	all, err := s.stores.Payments.List(ctx, payment.Query{}, page.Request{Limit: page.MaxLimit})
	require.NoError(s.t, err)
	ids := make([]payment.IntentID, len(all.Items))
	for i := range all.Items {
		ids[i] = all.Items[i].ID
	}
	history, err := s.stores.Payments.History(ctx, ids...)
	require.NoError(s.t, err)
	refunds, err := s.stores.PaymentRefunds.ByIntent(ctx, ids...)
	require.NoError(s.t, err)
	want, err := payment.Announced(history, refunds)
	require.NoError(s.t, err)
	pending, err := s.stores.Events.Pending(ctx, payment.Topic)
	require.NoError(s.t, err)
	for _, shard := range pending {
		_, err := s.stores.Events.Sequence(ctx, shard, 1, 10_000)
		require.NoError(s.t, err)
	}
	heads, err := s.stores.Events.Heads(ctx, payment.Topic)
	require.NoError(s.t, err)
	var got []event.Record
	for shard := range heads {
		records, err := s.stores.Events.Read(ctx, shard, 0, 10_000)
		require.NoError(s.t, err)
		got = append(got, slices.DeleteFunc(records, func(r event.Record) bool { return !payment.Announces(r.Name) })...)
	}
	require.ElementsMatch(s.t, facts(s.t, want), facts(s.t, got))
}

// facts is what a row tells of each record.
func facts(t *testing.T, all []event.Record) []string {
	t.Helper()
	out := make([]string, len(all))
	for i, r := range all {
		var p struct{ Intent, Attempt, Refund, State string }
		require.NoError(t, json.Unmarshal(r.Payload, &p))
		out[i] = fmt.Sprintf("%s %+v at %s", r.Name, p, r.At)
	}
	return out
}

var errDown = errors.New("down")
