package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

func TestWhoGaveAnOrderUp(t *testing.T) {
	t.Parallel()
	type step struct {
		from, to order.State
		by       ref.Scope
	}
	bo, tea, ann := ref.Member("bo"), ref.Merchant("tea-house"), ref.Staff("ann")
	asked := func(by ref.Scope) step { return step{order.StateConfirmed, order.StateCanceling, by} }
	ended := step{order.StateCanceling, order.StateCanceled, ref.System()}
	for name, c := range map[string]struct {
		steps []step
		want  bool
	}{
		"the buyer asked":            {[]step{asked(bo)}, true},
		"a guest asked":              {[]step{asked(ref.Guest("token")), ended}, true},
		"the merchant asked":         {[]step{asked(tea), ended}, false},
		"the shop asked":             {[]step{asked(ann), ended}, false},
		"the buyer, at once":         {[]step{{order.StatePending, order.StateCanceled, bo}}, true},
		"the time to pay was over":   {[]step{{order.StatePending, order.StateCanceled, ref.System()}}, false},
		"the buyer did not take it":  {[]step{{order.StateShipped, order.StateCanceling, ann}, ended}, true},
		"the money came late":        {[]step{asked(bo), {order.StateCanceling, order.StateConfirmed, ref.System()}}, false},
		"first one, then the other":  {[]step{asked(bo), {order.StateCanceling, order.StateConfirmed, ann}, asked(tea), ended}, false},
		"the refund came afterwards": {[]step{asked(bo), ended, {order.StateCanceled, order.StateCanceled, ref.System()}}, true},
		"it stands":                  {[]step{{order.StatePending, order.StateConfirmed, bo}}, false},
	} {
		history := []order.Entry{{Order: "other", From: order.StateConfirmed, To: order.StateCanceling, Cause: order.Cause{By: bo.String()}}}
		for _, s := range c.steps {
			history = append(history, order.Entry{Order: "o", From: s.from, To: s.to, Cause: order.Cause{By: s.by.String()}})
		}
		require.Equal(t, c.want, order.GivenUp(history, "o"), name)
		require.Equal(t, name == "the buyer did not take it", order.Refused(history), name)
	}
	require.False(t, order.GivenUp(nil, "o"))
}
