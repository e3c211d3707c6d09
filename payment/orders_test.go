package payment_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// gate stands between the shop and the bank: it holds the answer to Pay back
// until told, can lose it, and can go dark.
type gate struct {
	payment.Gateway
	entered chan struct{}
	release chan struct{}
	mute    bool        // the answer to Pay is lost, and no other
	dark    atomic.Bool // every answer is lost
	drop    bool        // Pay never arrives
}

func (g *gate) Unwrap() payment.Gateway { return g.Gateway }

func (g *gate) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	var out payment.Outcome
	var err error
	if !g.drop {
		out, err = g.Gateway.Pay(ctx, req)
	}
	g.entered <- struct{}{}
	<-g.release
	if g.mute || g.dark.Load() {
		return payment.Outcome{}, payment.Fail(payment.Unknown, "lost", nil)
	}
	return out, err
}

func (g *gate) Query(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	if g.dark.Load() {
		return payment.Outcome{}, payment.Fail(payment.Unknown, "lost", nil)
	}
	return g.Gateway.Query(ctx, ref)
}

func (g *gate) Cancel(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	if g.dark.Load() {
		return payment.Outcome{}, payment.Fail(payment.Unknown, "lost", nil)
	}
	return g.Gateway.Cancel(ctx, ref)
}

// The truths: what the bank did, and whether it says so: in its answer, only
// where it is asked or of its own accord, or not before it is all over.
const (
	truthPaid         = "paid"
	truthDeclined     = "declined"
	truthLostPaid     = "answer lost, paid"
	truthLostDeclined = "answer lost, declined"
	truthUnknownPaid  = "unknown, paid"
	truthUnknownNever = "unknown, never arrived"
)

func permutations(of []string) [][]string {
	if len(of) <= 1 {
		return [][]string{slices.Clone(of)}
	}
	var out [][]string
	for i := range of {
		rest := slices.Concat(of[:i], of[i+1:])
		for _, p := range permutations(rest) {
			out = append(out, append([]string{of[i]}, p...))
		}
	}
	return out
}

// TestAllOrders lets the answer, the notice, a query, the buyer's cancel and
// the expiry come in each of their 120 orders, for each truth, and compares
// the end with what the evidence demands.
func TestAllOrders(t *testing.T) {
	t.Parallel()
	orders := permutations([]string{"answer", "notice", "query", "cancel", "expiry"})
	require.Len(t, orders, 120)
	for _, truth := range []string{truthPaid, truthDeclined, truthLostPaid, truthLostDeclined, truthUnknownPaid, truthUnknownNever} {
		for _, order := range orders {
			t.Run(truth+"/"+strings.Join(order, "-"), func(t *testing.T) {
				t.Parallel()
				runOrder(t, truth, order)
			})
		}
	}
}

func runOrder(t *testing.T, truth string, order []string) {
	t.Helper()
	lost := truth == truthLostPaid || truth == truthLostDeclined
	declined := truth == truthDeclined || truth == truthLostDeclined
	g := &gate{entered: make(chan struct{}, 8), release: make(chan struct{}), mute: lost, drop: truth == truthUnknownNever}
	dark := truth == truthUnknownPaid || truth == truthUnknownNever
	g.dark.Store(dark)
	s := newShop(t)
	g.Gateway = s.bank.Gateway()
	s.cfg.Gateways = []payment.Gateway{g}
	var err error
	s.svc, err = payment.NewService(s.cfg)
	require.NoError(t, err)
	if declined {
		s.bank.Plan(fakepay.Refuse)
	}

	in := s.open(s.input())
	number := s.last(in).Number
	sent := make(chan error, 1)
	go func() {
		_, err := s.svc.Pay(t.Context(), in)
		sent <- err
	}()
	<-g.entered
	notice := func() {
		if dark {
			return // a bank that is not there sends nothing
		}
		for range 2 {
			raw, err := s.bank.Notice(number)
			require.NoError(t, err)
			s.notify(raw)
		}
	}
	for _, step := range order {
		switch step {
		case "answer":
			close(g.release)
			require.NoError(t, <-sent)
		case "notice":
			notice()
		case "query":
			_, err := s.svc.Query(t.Context(), buyer(), in.ID)
			require.NoError(t, err)
		case "cancel":
			_, err := s.svc.Cancel(t.Context(), buyer(), in.ID, payment.CancelBuyer)
			if err != nil {
				require.ErrorIs(t, err, fault.FailedPrecondition, "only what is paid cannot be canceled")
			}
		case "expiry":
			s.clock.Advance(31 * time.Minute)
			s.sweep()
		}
	}
	if dark {
		require.Equal(t, payment.IntentCanceling, s.get(in.ID).State, "nothing is certain: everything stays held")
		require.Empty(t, s.orders.of("g-1"))
	}
	g.dark.Store(false)
	if truth != truthUnknownNever {
		notice()
	}
	s.wait(20 * time.Minute)

	// The buyer's cancel decides only where it comes before what the bank says.
	at := func(step string) int { return slices.Index(order, step) }
	said := min(at("answer"), at("notice"), at("expiry"))
	switch {
	case dark:
		said = at("expiry")
	case lost:
		said = min(at("notice"), at("expiry"))
		if at("query") > at("answer") { // who still waits for the answer does not ask
			said = min(said, at("query"))
		}
	}
	in = s.get(in.ID)
	switch {
	case declined || truth == truthUnknownNever:
		require.Equal(t, payment.IntentCanceled, in.State)
		require.Equal(t, []string{"closed"}, s.orders.of("g-1"))
		require.Zero(t, s.bank.Net("USD"))
		require.Empty(t, s.refunds(in.ID))
	case at("cancel") < said:
		require.Equal(t, payment.IntentRefunded, in.State)
		require.Equal(t, []string{"refused", "refunded"}, s.orders.of("g-1"))
		require.Zero(t, s.bank.Net("USD"))
	default:
		require.Equal(t, payment.IntentCaptured, in.State)
		require.Equal(t, []string{"paid"}, s.orders.of("g-1"))
		require.EqualValues(t, 1000, s.bank.Net("USD"))
		require.Empty(t, s.refunds(in.ID))
	}
	require.True(t, in.NextAt.IsZero(), "nothing is left to do")
	for _, c := range s.cases() {
		require.Equal(t, payment.CaseStuck, c.Reason)
		require.True(t, dark, "a bank that answers gets nobody out of bed")
		require.Equal(t, payment.CaseClosed, c.State)
	}
	s.check()
}
