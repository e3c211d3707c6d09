package faults_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// gate holds the answer to Pay back until told, can lose it, and can go dark.
type gate struct {
	payment.Gateway
	entered chan struct{}
	release chan struct{}
	mute    bool         // the answer to Pay is lost, and no other
	dark    *atomic.Bool // every answer is lost
	drop    bool         // while it is dark, Pay does not even arrive
}

func (g *gate) Unwrap() payment.Gateway { return g.Gateway }

func (g *gate) through(call func() (payment.Outcome, error)) (payment.Outcome, error) {
	if g.dark.Load() {
		return payment.Outcome{}, payment.Fail(payment.Unknown, "lost", nil)
	}
	return call()
}

func (g *gate) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	var out payment.Outcome
	var err error
	if !g.drop || !g.dark.Load() {
		out, err = g.Gateway.Pay(ctx, req)
	}
	g.entered <- struct{}{}
	<-g.release
	if g.mute {
		return payment.Outcome{}, payment.Fail(payment.Unknown, "lost", nil)
	}
	return g.through(func() (payment.Outcome, error) { return out, err })
}

func (g *gate) Query(ctx context.Context, r payment.AttemptRef) (payment.Outcome, error) {
	return g.through(func() (payment.Outcome, error) { return g.Gateway.Query(ctx, r) })
}

func (g *gate) Cancel(ctx context.Context, r payment.AttemptRef) (payment.Outcome, error) {
	return g.through(func() (payment.Outcome, error) { return g.Gateway.Cancel(ctx, r) })
}

// truth is what the bank did, and whether it says so: in its answer, only
// where it is asked or of its own accord, or not before it is all over.
type truth string

const (
	paid         truth = "paid"
	declined     truth = "declined"
	lostPaid     truth = "answer-lost-paid"
	lostDeclined truth = "answer-lost-declined"
	unknownPaid  truth = "unknown-paid"
	unknownNever truth = "unknown-never-arrived"
)

func (x truth) lost() bool     { return x == lostPaid || x == lostDeclined }
func (x truth) dark() bool     { return x == unknownPaid || x == unknownNever }
func (x truth) paid() bool     { return x == paid || x == lostPaid || x == unknownPaid }
func (x truth) declined() bool { return x == declined || x == lostDeclined }

func permutations(of []string) [][]string {
	if len(of) <= 1 {
		return [][]string{slices.Clone(of)}
	}
	var out [][]string
	for i := range of {
		for _, p := range permutations(slices.Concat(of[:i], of[i+1:])) {
			out = append(out, append([]string{of[i]}, p...))
		}
	}
	return out
}

// TestAllOrders lets the answer, the notice, a query, the buyer's cancellation
// of everything or of one merchant's part, and the expiry come in each of their
// 120 orders, for each truth, and requires that money and goods agree.
func TestAllOrders(t *testing.T) {
	t.Parallel()
	orders := permutations([]string{"answer", "notice", "query", "cancel", "expiry"})
	require.Len(t, orders, 120)
	for _, x := range []truth{paid, declined, lostPaid, lostDeclined, unknownPaid, unknownNever} {
		for _, part := range []bool{false, true} {
			for i, o := range orders {
				if testing.Short() && i%40 != 0 {
					continue
				}
				name := string(x) + "/all/"
				if part {
					name = string(x) + "/part/"
				}
				t.Run(name+strings.Join(o, "-"), func(t *testing.T) {
					t.Parallel()
					inOrder(t, x, part, o)
				})
			}
		}
	}
}

func inOrder(t *testing.T, x truth, part bool, steps []string) {
	t.Helper()
	w := newWorld(t, inMemory().Open(t))
	g := &gate{entered: make(chan struct{}, 8), release: make(chan struct{}), dark: &atomic.Bool{}, drop: x == unknownNever, mute: x.lost()}
	g.dark.Store(x.dark())
	w.way = func(next payment.Gateway) payment.Gateway { through := *g; through.Gateway = next; return &through }
	plan := fakepay.Approve
	if x.declined() {
		plan = fakepay.Refuse
	}
	w.bank.Plan(plan)
	s, ctx := w.start(), t.Context()

	b := &buyer{scope: ref.Member("bo"), key: "bo-1"}
	require.NoError(t, b.wish(ctx, cart.Item{SKU: tea, Quantity: 2}, cart.Item{SKU: cup, Quantity: 1})(s))
	require.NoError(t, b.quote(ctx)(s))
	placed := make(chan error, 1)
	go func() { placed <- b.place(ctx)(s) }()
	<-g.entered
	intents, err := s.Payments.List(ctx, ref.System(), payment.Query{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, intents.Items, 1)
	intent := intents.Items[0]
	group, err := s.Orders.Get(ctx, b.scope, intent.Group)
	require.NoError(t, err)
	cancel := checkout.CancelInput{Group: group.ID, Reason: "changed_mind"}
	for i := range group.Orders {
		if part && group.Orders[i].Merchant == "pottery" {
			cancel.Orders = []order.ID{group.Orders[i].ID}
		}
	}
	notice := func() {
		a, _ := intent.Last()
		for range 2 {
			raw, err := w.bank.Notice(a.Number)
			require.NoError(t, err)
			_, err = s.Payments.Notify(ctx, "fakepay", raw)
			require.NoError(t, err)
		}
	}
	for _, step := range steps {
		switch step {
		case "answer":
			close(g.release)
			require.NoError(t, <-placed)
		case "notice":
			if !x.dark() { // a bank that is not there sends nothing
				notice()
			}
		case "query":
			_, err := s.Payments.Query(ctx, b.scope, intent.ID)
			require.NoError(t, err)
		case "cancel":
			_, err := s.Checkout.Cancel(ctx, b.scope, cancel)
			require.NoError(t, err)
		case "expiry":
			w.clock.Advance(31 * time.Minute)
			require.NoError(t, s.Drain(ctx))
		}
		w.verified()
		if x.dark() {
			w.lies(0, 2, 1)
		}
	}
	g.dark.Store(false)
	if x != unknownNever {
		notice()
	}
	w.settle(s)
	w.verified()
	w.agreed(s, x, part)
}

// lies requires what lies in the warehouse: so many pieces of tea sold, and so
// many of tea and of cups promised.
func (w *world) lies(soldTea, tea2, cup2 ref.Quantity) {
	w.Helper()
	levels, err := w.stores.Inventory.Levels(w.Context(), []ref.SKUID{tea, cup})
	require.NoError(w, err)
	for _, l := range levels {
		onHand, promised := ref.Quantity(stocked), cup2
		if l.SKU == tea {
			onHand, promised = stocked-soldTea, tea2
		}
		require.Equal(w, onHand, l.OnHand, "%s on hand", l.SKU)
		require.Equal(w, promised, l.Reserved, "%s promised", l.SKU)
	}
}

// settle lets time go by until the payment is over, and then much more.
func (w *world) settle(s *shop) {
	w.Helper()
	over := false
	for range maxRest {
		w.clock.Advance(5 * time.Minute)
		require.NoError(w, s.Drain(w.Context()))
		if over = w.over(s); over {
			break
		}
	}
	require.True(w, over, "something is always left to do")
	w.clock.Advance(maxRest * 5 * time.Minute)
	require.NoError(w, s.Drain(w.Context()))
}

// over reports whether nothing is left to do about a payment.
func (w *world) over(s *shop) bool {
	w.Helper()
	intents, err := s.Payments.List(w.Context(), ref.System(), payment.Query{}, page.Request{})
	require.NoError(w, err)
	return !slices.ContainsFunc(intents.Items, func(in payment.Intent) bool { return !in.NextAt.IsZero() })
}

// agreed requires that the buyer has paid for what the buyer gets, and gets
// what was paid: everything canceled, or the tea.
func (w *world) agreed(s *shop, x truth, part bool) {
	w.Helper()
	orders, err := s.Orders.List(w.Context(), ref.System(), order.Query{}, page.Request{})
	require.NoError(w, err)
	require.Len(w, orders.Items, 2)
	gets := part && x.paid()
	net, sold := int64(0), ref.Quantity(0)
	for i := range orders.Items {
		o := &orders.Items[i]
		if !gets || o.Merchant == "pottery" {
			require.Equal(w, order.StateCanceled, o.State, o.Merchant)
			require.True(w, o.Payment == order.PaymentUnpaid || o.Payment == order.PaymentRefunded, "%s is canceled and %s", o.Merchant, o.Payment)
			continue
		}
		require.Equal(w, order.StateConfirmed, o.State)
		require.Equal(w, order.PaymentPaid, o.Payment)
		require.True(w, o.Refunded.IsZero())
		net, sold = net+o.Total.Minor(), 2
	}
	require.Equal(w, net, w.bank.Net("USD"), "the bank keeps what was bought")
	w.lies(sold, 0, 0)
	require.True(w, w.over(s), "nothing is left to do")
}
