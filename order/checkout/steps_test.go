package checkout_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// interrupter calls do ahead of a call of the stores that others may come before:
// of one outside of a unit, or in one that has not written a row yet, for which
// others would wait.
type interrupter struct {
	do   func()
	left atomic.Int64 // calls up to that one; none where it is over
}

func (i *interrupter) intercept(ctx context.Context, c storage.Call, next func(context.Context) error) error {
	wrote, within := ctx.Value(inside{}).(*bool)
	if i.left.Load() > 0 && (!within || !*wrote) && i.left.Add(-1) == 0 {
		i.do()
	}
	switch {
	case c.Name() == "Units.Do" && !within:
		ctx = context.WithValue(ctx, inside{}, new(bool))
	case within && !reads(c.Method):
		*wrote = true
	}
	return next(ctx)
}

func reads(method string) bool {
	return slices.ContainsFunc([]string{"Get", "By", "History", "List"}, func(p string) bool { return strings.HasPrefix(method, p) })
}

// refunds pays pieces of a part back, by a call of its own.
func refunds(i int, withdrawn bool) act {
	return func(s *shop, p checkout.Placed) error {
		o := p.Group.Orders[i]
		_, err := s.checkout.Refund(s.Context(), ref.Staff("ann"), checkout.RefundInput{
			Group: p.Group.ID, Order: o.ID, Key: fmt.Sprintf("%d %v", i, withdrawn), Withdrawn: withdrawn,
			Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: 1}},
		})
		return err
	}
}

// apologizes gives 3.00 back that is for no goods, of a part or, with -1, of
// the group.
func apologizes(i int) act {
	return func(s *shop, p checkout.Placed) error {
		key := "sorry"
		if i >= 0 {
			key = checkout.RefundKey(p.Group.Orders[i].ID, key)
		}
		_, err := s.payments.Refund(s.Context(), ref.Staff("ann"), payment.RefundInput{
			Intent: p.Intent.ID, Key: key, Reason: payment.ReasonGoodwill, Amount: usd(300),
		})
		return err
	}
}

// wholeDeal keeps 5.00 back of who keeps one of both goods, and looks at what it
// is asked.
func (s *shop) wholeDeal(in checkout.ClawBackInput) []order.ClawBack {
	kept, due := 0, int64(0)
	for _, o := range in.Group.Orders {
		l := o.Lines[0]
		if n := in.Kept[l.ID] + in.Withdrawn[l.ID]; n > l.Quantity {
			s.Errorf("of %d pieces of %s %d are kept or withdrawn", l.Quantity, l.SKU, n)
		} else if n > 0 {
			kept++
		}
	}
	if kept == 1 {
		due = 500
	}
	for _, b := range in.Before {
		due -= b.Amount.Minor()
	}
	if due = min(due, in.Refund.Minor()); due == 0 {
		return nil
	}
	return claw("platform", due)
}

// paidPairs are pairs that are done to what is paid.
var paidPairs = []pair{
	{"refund, refund", "fakepay", []act{pays}, [2]act{refunds(tea, false), refunds(tea, true)}, "confirmed"},
	{"refund, itself", "fakepay", []act{pays}, [2]act{refunds(tea, true), refunds(tea, true)}, "confirmed"},
	{"refund, other", "fakepay", []act{pays}, [2]act{refunds(tea, false), refunds(silk, true)}, "confirmed"},
	{"refund, part", "fakepay", []act{pays}, [2]act{refunds(tea, true), cancels(tea)}, ""},
	{"refund, other part", "fakepay", []act{pays}, [2]act{refunds(tea, true), cancels(silk)}, ""},
	{"refund, all", "fakepay", []act{pays}, [2]act{refunds(tea, true), cancels()}, "canceled"},
	{"refund, shipped", "fakepay", []act{pays}, [2]act{refunds(tea, true), ships(tea)}, ""},
	{"goodwill, refund", "fakepay", []act{pays}, [2]act{apologizes(tea), refunds(tea, false)}, "confirmed"},
	{"goodwill, part", "fakepay", []act{pays}, [2]act{apologizes(-1), cancels(silk)}, ""},
	{"worker, refund", "fakepay", []act{pays, apologizes(tea)}, [2]act{sweeps, refunds(tea, true)}, "confirmed"},
	{"worker, paid part", "fakepay", []act{pays, apologizes(-1)}, [2]act{sweeps, cancels(silk)}, ""},
	{"worker, all", "fakepay", []act{pays, apologizes(-1)}, [2]act{sweeps, cancels()}, "canceled"},
}

// What is done to a group while something else is done to it, and at whatever
// step that is: both come out as if one had come after the other.
func TestOneBetweenTheStepsOfTheOther(t *testing.T) {
	t.Parallel()
	// Tea that comes to less than the silk, as much, and more.
	for price, deal := range map[int64]bool{1250: true, 10000: false, 30000: false} {
		for _, pair := range pairs {
			stepwise(t, pair, price, deal)
		}
	}
	for _, pair := range paidPairs {
		stepwise(t, pair, 1250, true)
	}
}

// stepwise does each of a pair ahead of every step of the other.
func stepwise(t *testing.T, pair pair, price int64, deal bool) {
	t.Helper()
	for first := range pair.at {
		t.Run(fmt.Sprintf("%s/%d/%d", pair.name, first, price), func(t *testing.T) {
			t.Parallel()
			for step := 1; ; step++ {
				between := &interrupter{}
				s := newShop(t, storage.Intercept(memory.New().Stores(), between.intercept))
				s.shelf.reprice("tea", price)
				if deal {
					s.deals.off, s.deals.claws = map[ref.SKUID]int64{"tea": 100, "silk": 1000}, s.wholeDeal
				}
				if !s.interrupted(between, pair, first, step) {
					require.Greater(t, step, 2)
					return
				}
			}
		})
	}
}

// interrupted does one of a pair with the other ahead of a step of it, and
// reports whether it has so many.
func (s *shop) interrupted(between *interrupter, pair pair, first, step int) bool {
	s.Helper()
	choice := s.fill(ref.Member("m"), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1})
	choice.Gateway = pair.gateway
	s.bank.Plan(fakepay.Ask)
	p := s.place(ref.Member("m"), choice, "k")
	for _, do := range pair.before {
		require.NoError(s, do(s, p))
	}
	does := func(i int) {
		if err := pair.at[i](s, p); err != nil && !errors.Is(err, fault.FailedPrecondition) {
			s.Errorf("%d, with the other ahead of step %d: %v", i, step, err)
		}
	}
	between.do = func() { does(1 - first) }
	between.left.Store(int64(step))
	does(first)
	more := between.left.Swap(0) <= 0
	if !more {
		does(1 - first)
	}
	s.settle()
	now := states(s.group(p.Group.ID))
	for _, o := range now {
		require.NotContains(s, o, "canceling", "step %d", step)
		require.True(s, strings.HasPrefix(o, pair.end), "step %d: %v", step, now)
	}
	s.sound()
	return more && !s.Failed()
}

// What is under way is no violation, however much of it happens while the books
// are looked at.
func TestVerifyWhileTheShopGoesOn(t *testing.T) {
	t.Parallel()
	flows := map[string][]act{
		"fakepay": {pays, apologizes(tea), refunds(tea, true), sweeps, cancels(silk), sweeps, refunds(tea, false), ships(tea)},
		"cod":     {ships(silk), cancels(tea), sweeps, pays, takesBack(silk), sweeps},
	}
	for gateway, flow := range flows {
		for gap := 1; gap <= 12; gap++ {
			t.Run(fmt.Sprintf("%s/%d", gateway, gap), func(t *testing.T) {
				t.Parallel()
				between := &interrupter{}
				s := newShop(t, storage.Intercept(memory.New().Stores(), between.intercept))
				s.deals.off, s.deals.claws = map[ref.SKUID]int64{"tea": 100, "silk": 1000}, s.wholeDeal
				choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1})
				choice.Gateway = gateway
				s.bank.Plan(fakepay.Ask)
				p := s.place(buyer(), choice, "k")
				left := slices.Clone(flow)
				between.do = func() {
					if len(left) == 0 {
						return
					}
					do := left[0]
					left = left[1:]
					_ = do(s, p) // what of it is refused does not matter
					between.left.Store(int64(gap))
				}
				for len(left) > 0 {
					between.left.Store(int64(gap))
					s.sound()
				}
			})
		}
	}
}
