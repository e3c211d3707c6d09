package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/order"
)

// What each method makes of each state; a state that is not named refuses.
func TestEveryMethodInEveryState(t *testing.T) {
	t.Parallel()
	c := order.Cause{At: noon, By: "system"}
	for name, m := range map[string]struct {
		do   func(*order.Order) (order.Entry, error)
		want map[order.State]order.State
	}{
		"confirm": {
			func(o *order.Order) (order.Entry, error) { return o.Confirm(c) },
			map[order.State]order.State{order.StatePending: order.StateConfirmed},
		},
		"await": {
			func(o *order.Order) (order.Entry, error) { return o.Await(c, noon.Add(time.Hour)) },
			map[order.State]order.State{
				order.StatePending:   order.StatePending,
				order.StateConfirmed: order.StatePending,
			},
		},
		"pay": {
			func(o *order.Order) (order.Entry, error) { return o.Pay(c) },
			map[order.State]order.State{
				order.StatePending:   order.StateConfirmed,
				order.StateConfirmed: order.StateConfirmed,
				order.StateShipped:   order.StateShipped,
				order.StateCompleted: order.StateCompleted,
				order.StateCanceling: order.StateCanceling,
			},
		},
		"request cancel": {
			func(o *order.Order) (order.Entry, error) { return o.RequestCancel(c) },
			map[order.State]order.State{
				order.StatePending:   order.StateCanceling,
				order.StateConfirmed: order.StateCanceling,
			},
		},
		"take back": {
			func(o *order.Order) (order.Entry, error) { return o.TakeBack(c) },
			map[order.State]order.State{order.StateShipped: order.StateCanceling},
		},
		"cancel": {
			func(o *order.Order) (order.Entry, error) { return o.Cancel(c) },
			map[order.State]order.State{
				order.StatePending:   order.StateCanceled,
				order.StateConfirmed: order.StateCanceled,
				order.StateCanceling: order.StateCanceled,
			},
		},
		"resume": {
			func(o *order.Order) (order.Entry, error) { return o.Resume(c) },
			map[order.State]order.State{order.StateCanceling: order.StateConfirmed},
		},
		"ship": {
			func(o *order.Order) (order.Entry, error) { return o.Ship(c, order.Parcel{}, noon.Add(time.Hour)) },
			map[order.State]order.State{order.StateConfirmed: order.StateShipped},
		},
		"complete": {
			func(o *order.Order) (order.Entry, error) {
				_, err := o.Complete(c)
				if o.State == order.StateShipped {
					require.Equal(t, "order.unpaid", fault.CodeOf(err))
				}
				paid := *o
				paid.Payment = order.PaymentPaid
				e, err := paid.Complete(c)
				if err == nil {
					*o = paid
				}
				return e, err
			},
			map[order.State]order.State{order.StateShipped: order.StateCompleted},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, from := range order.States() {
				o := newGroup(t).Orders[0]
				o.State = from
				before := o.Clone()
				e, err := m.do(&o)
				to, ok := m.want[from]
				if !ok {
					require.ErrorIs(t, err, fault.FailedPrecondition, "%s from %s", name, from)
					require.Equal(t, before, o, "a refused change changes nothing")
					continue
				}
				require.NoError(t, err, "%s from %s", name, from)
				require.Equal(t, to, o.State)
				require.Equal(t, before.State, e.From)
				require.Equal(t, to, e.To)
				require.Equal(t, o.Payment, e.PaymentTo)
				require.Equal(t, before.Steps+1, e.Seq)
				require.Equal(t, e.Seq, o.Steps)
				require.Equal(t, noon, o.UpdatedAt)
				switch {
				case to == order.StatePending && from == order.StateConfirmed:
					require.Equal(t, noon.Add(time.Hour), o.Deadline)
				case to == from, to == order.StateShipped:
				case to == order.StateCanceling:
					require.Equal(t, noon, o.Deadline, "a worker ends what the caller cannot")
				default:
					require.True(t, o.Deadline.IsZero())
				}
			}
		})
	}
}

func TestEveryPairOfPaymentStates(t *testing.T) {
	t.Parallel()
	allowed := map[[2]order.PaymentState]bool{
		{order.PaymentUnpaid, order.PaymentPaid}:                         true,
		{order.PaymentPaid, order.PaymentPartiallyRefunded}:              true,
		{order.PaymentPaid, order.PaymentRefunded}:                       true,
		{order.PaymentPartiallyRefunded, order.PaymentPartiallyRefunded}: true,
		{order.PaymentPartiallyRefunded, order.PaymentRefunded}:          true,
		{order.PaymentPartiallyRefunded, order.PaymentPaid}:              true,
		{order.PaymentRefunded, order.PaymentPartiallyRefunded}:          true,
		{order.PaymentRefunded, order.PaymentPaid}:                       true,
	}
	for _, from := range order.PaymentStates() {
		for _, to := range order.PaymentStates() {
			require.Equal(t, allowed[[2]order.PaymentState{from, to}], from.To(to), "%s -> %s", from, to)
		}
	}
	require.False(t, order.PaymentState("odd").To(order.PaymentPaid))
}

// TestEveryPairOfStates writes the table of an order's states down a second time.
func TestEveryPairOfStates(t *testing.T) {
	t.Parallel()
	allowed := map[[2]order.State]bool{
		{order.StatePending, order.StateConfirmed}:   true,
		{order.StatePending, order.StateCanceling}:   true,
		{order.StatePending, order.StateCanceled}:    true,
		{order.StateConfirmed, order.StatePending}:   true,
		{order.StateConfirmed, order.StateShipped}:   true,
		{order.StateConfirmed, order.StateCanceling}: true,
		{order.StateConfirmed, order.StateCanceled}:  true,
		{order.StateShipped, order.StateCompleted}:   true,
		{order.StateShipped, order.StateCanceling}:   true,
		{order.StateCanceling, order.StateCanceled}:  true,
		{order.StateCanceling, order.StateConfirmed}: true,
	}
	require.Len(t, order.States(), 6)
	for _, from := range order.States() {
		for _, to := range order.States() {
			require.Equal(t, allowed[[2]order.State{from, to}], from.To(to), "%s -> %s", from, to)
		}
	}
}

func TestACauseIsBoundedAndItsTimeWhole(t *testing.T) {
	t.Parallel()
	o := newGroup(t).Orders[0]
	for _, bad := range []order.Cause{{Reason: string(make([]byte, order.MaxReason+1))}, {Reason: "\xff"}, {By: "\xff"}} {
		_, err := o.Cancel(bad)
		require.ErrorIs(t, err, fault.Invalid)
	}
	e, err := o.Pay(order.Cause{At: noon.Add(time.Nanosecond).In(time.FixedZone("x", 3600))})
	require.NoError(t, err)
	require.Equal(t, noon, e.At)
	require.Equal(t, noon, o.UpdatedAt)
}

func TestFinalStatesLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, from := range order.States() {
		leads := false
		for _, to := range order.States() {
			leads = leads || from.To(to)
		}
		require.Equal(t, !from.Final(), leads, "%s", from)
	}
	require.False(t, order.State("odd").To(order.StatePending))
}

func TestRefundsAddUpAndComeBack(t *testing.T) {
	t.Parallel()
	c := order.Cause{At: noon}
	o := newGroup(t).Orders[0]
	part, all := money.New(100, "USD"), o.Total
	_, err := o.Refund(c, part)
	require.ErrorIs(t, err, fault.FailedPrecondition, "nothing was paid")
	require.True(t, o.Refundable().IsZero())

	e, err := o.Pay(c)
	require.NoError(t, err)
	require.Equal(t, all, e.Amount)
	_, err = o.Pay(c)
	require.ErrorIs(t, err, fault.FailedPrecondition, "paid once")

	for _, bad := range []money.Money{money.Zero("USD"), money.New(-1, "USD"), money.New(1, "EUR")} {
		_, err = o.Refund(c, bad)
		require.ErrorIs(t, err, fault.Invalid)
	}
	_, err = o.Refund(c, part)
	require.NoError(t, err)
	require.Equal(t, order.PaymentPartiallyRefunded, o.Payment)
	_, err = o.Refund(c, all)
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, part, o.Refunded)

	_, err = o.Refund(c, o.Refundable())
	require.NoError(t, err)
	require.Equal(t, order.PaymentRefunded, o.Payment)
	require.True(t, o.Refundable().IsZero())

	e, err = o.ReturnRefund(c, part)
	require.NoError(t, err)
	require.True(t, e.Returned)
	require.Equal(t, order.PaymentPartiallyRefunded, o.Payment)
	_, err = o.ReturnRefund(c, all)
	require.ErrorIs(t, err, fault.Exhausted, "more than was refunded")
	_, err = o.ReturnRefund(c, o.Refunded)
	require.NoError(t, err)
	require.Equal(t, order.PaymentPaid, o.Payment)
}

func TestDeadlinesOnlyMoveOn(t *testing.T) {
	t.Parallel()
	c := order.Cause{At: noon}
	g := newGroup(t)
	o := &g.Orders[0]
	payBy, ok := g.PayBy()
	require.True(t, ok)
	_, err := o.Prolong(c, payBy)
	require.ErrorIs(t, err, fault.Invalid)
	e, err := o.Prolong(c, payBy.Add(time.Second))
	require.NoError(t, err)
	require.Equal(t, e.From, e.To)
	still, _ := g.PayBy()
	require.Equal(t, payBy, still, "the other order is still the first")
	_, err = o.Pay(c)
	require.NoError(t, err)
	_, err = o.Prolong(c, payBy.Add(time.Hour))
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = g.Orders[1].Pay(c)
	require.NoError(t, err)
	_, ok = g.PayBy()
	require.False(t, ok)
}
