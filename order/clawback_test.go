package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

func entry(promotion ref.PromotionID, bearers ...order.Bearer) order.ClawBack {
	c := order.ClawBack{Promotion: promotion, Version: 1, Amount: usd(0), Bearers: bearers}
	for _, b := range bearers {
		c.Amount = usd(c.Amount.Minor() + b.Amount.Minor())
	}
	return c
}

func by(party string, minor int64) order.Bearer {
	return order.Bearer{Party: party, Amount: usd(minor)}
}

// What is kept back may be given back, by whom it was and of what it was, beside
// what pieces are worth, and nothing more.
func TestClawBacksOfAnOrderNeverFallBelowNothing(t *testing.T) {
	t.Parallel()
	c := order.Cause{At: noon, By: "system"}
	g := newGroup(t)
	o := &g.Orders[0]
	_, err := o.Pay(c)
	require.NoError(t, err)
	l := o.Lines[0]
	require.Greater(t, int64(l.Quantity), int64(1))
	pieces := []order.RefundedUnits{{Line: l.ID, SKU: l.SKU, Quantity: 1, Worth: order.Worth{Gross: usd(300)}}}
	first, err := o.RefundUnits(c, order.UnitRefund{
		Key: "1", Lines: pieces, Amount: usd(200), ClawBacks: []order.ClawBack{entry("p", by("platform", 60), by("merchant:m", 40))},
	}, nil)
	require.NoError(t, err)
	history := []order.Entry{first}

	pieces[0].Before = 1
	for name, r := range map[string]order.UnitRefund{
		"more than was kept":            {Amount: usd(0), ClawBacks: []order.ClawBack{entry("p", by("platform", -61))}},
		"by another bearer":             {Amount: usd(0), ClawBacks: []order.ClawBack{entry("p", by("merchant:n", -1))}},
		"of another promotion":          {Amount: usd(0), ClawBacks: []order.ClawBack{entry("q", by("platform", -1))}},
		"by nobody":                     {Amount: usd(0), ClawBacks: []order.ClawBack{{Promotion: "p", Amount: usd(-1)}}},
		"not what the bearers give":     {Amount: usd(0), ClawBacks: []order.ClawBack{{Promotion: "p", Amount: usd(-1), Bearers: []order.Bearer{by("platform", -2)}}}},
		"nothing by a bearer":           {Amount: usd(0), ClawBacks: []order.ClawBack{entry("p", by("platform", -1), by("merchant:m", 0))}},
		"one bearer twice":              {Amount: usd(0), ClawBacks: []order.ClawBack{entry("p", by("platform", -50), by("platform", -50))}},
		"more than pieces and the rest": {Lines: pieces, Amount: usd(401), ClawBacks: []order.ClawBack{entry("p", by("platform", -60), by("merchant:m", -40))}},
		"more than is kept of pieces":   {Amount: usd(1), ClawBacks: []order.ClawBack{entry("p", by("platform", 1))}},
		"a charge":                      {Amount: usd(-1), ClawBacks: []order.ClawBack{entry("p", by("platform", 1))}},
	} {
		before := o.Clone()
		_, err := o.RefundUnits(c, r, history)
		require.ErrorIs(t, err, fault.Exhausted, name)
		require.Equal(t, "order.over_refund", fault.CodeOf(err), name)
		require.Equal(t, before, *o, name)
	}
	_, err = o.RefundUnits(c, order.UnitRefund{Amount: usd(0)}, history)
	require.ErrorIs(t, err, fault.Invalid)

	shift, err := o.RefundUnits(c, order.UnitRefund{
		Key: "2", Amount: usd(0), ClawBacks: []order.ClawBack{entry("p", by("platform", -20), by("merchant:m", 20))},
	}, history)
	require.NoError(t, err, "only the bearers change")
	history = append(history, shift)
	kept, err := order.KeptBack(history, o.ID)
	require.NoError(t, err)
	require.Equal(t, []order.ClawBack{entry("p", by("merchant:m", 60), by("platform", 40))}, kept)
	none, err := order.KeptBack(history, "another")
	require.NoError(t, err)
	require.Empty(t, none)

	last, err := o.RefundUnits(c, order.UnitRefund{
		Key: "3", Lines: pieces, Amount: usd(400), ClawBacks: []order.ClawBack{entry("p", by("platform", -40), by("merchant:m", -60))},
	}, history)
	require.NoError(t, err)
	kept, err = order.KeptBack(append(history, last), o.ID)
	require.NoError(t, err)
	require.Empty(t, kept)
}
