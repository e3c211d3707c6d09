package checkout_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// act is something that is done to a group of two orders.
type act func(s *shop, p checkout.Placed) error

const tea, silk = 0, 1

func named(p checkout.Placed, parts []int) checkout.CancelInput {
	in := checkout.CancelInput{Group: p.Group.ID}
	for _, i := range parts {
		in.Orders = append(in.Orders, p.Group.Orders[i].ID)
	}
	return in
}

func cancels(parts ...int) act {
	return func(s *shop, p checkout.Placed) error {
		_, err := s.checkout.Cancel(s.Context(), ref.Staff("ann"), named(p, parts))
		return err
	}
}

func takesBack(parts ...int) act {
	return func(s *shop, p checkout.Placed) error {
		_, err := s.checkout.TakeBack(s.Context(), ref.Staff("ann"), named(p, parts))
		return err
	}
}

func ships(i int) act {
	return func(s *shop, p checkout.Placed) error { return s.ship(p.Group, i) }
}

func retries(gateway string) act {
	return func(s *shop, p checkout.Placed) error {
		last, _ := p.Intent.Last()
		_, err := s.payments.Retry(s.Context(), ref.Staff("ann"),
			payment.RetryInput{Intent: p.Intent.ID, After: last.ID, Gateway: gateway})
		return err
	}
}

func prolongs(s *shop, p checkout.Placed) error {
	_, err := s.checkout.Prolong(s.Context(), ref.Staff("ann"),
		checkout.ProlongInput{Group: p.Group.ID, Until: s.clock.Now().Add(2 * time.Hour)})
	return err
}

func sweeps(s *shop, _ checkout.Placed) error {
	if _, err := s.payments.Sweep(s.Context(), 50); err != nil {
		return err
	}
	_, err := s.checkout.FinishDue(s.Context(), 50)
	return err
}

// pays is the buyer's payment with its notice.
func pays(s *shop, p checkout.Placed) error {
	last, _ := p.Intent.Last()
	if last.Gateway == "cod" {
		_, err := s.payments.Notify(s.Context(), "cod", s.cod.Received(offlinepay.Receipt{
			Number: last.Number, Amount: last.Amount, Reference: "slip", Staff: "courier",
		}))
		return err
	}
	if s.bank.Approve(s.Context(), last.Number) != nil {
		return nil //nolint:nilerr // the payment was closed before, and nothing is told
	}
	raw, err := s.bank.Notice(last.Number)
	if err != nil {
		return err
	}
	_, err = s.payments.Notify(s.Context(), "fakepay", raw)
	return err
}

// pair is what may be done to a group at the same moment. Empty is the stand of
// both orders at the end, where the pair leaves more than one.
type pair struct {
	name, gateway string
	before        []act
	at            [2]act
	end           string
}

var pairs = []pair{
	{"all, all", "fakepay", nil, [2]act{cancels(), cancels()}, "canceled"},
	{"part, part", "fakepay", nil, [2]act{cancels(tea), cancels(silk)}, "canceled"},
	{"part, part on delivery", "cod", nil, [2]act{cancels(tea), cancels(silk)}, "canceled"},
	{"part, itself", "fakepay", nil, [2]act{cancels(tea), cancels(tea)}, ""},
	{"part, itself on delivery", "cod", nil, [2]act{cancels(tea), cancels(tea)}, ""},
	{"part, all", "fakepay", nil, [2]act{cancels(tea), cancels()}, "canceled"},
	{"part, all on delivery", "cod", nil, [2]act{cancels(tea), cancels()}, "canceled"},
	{"back, back", "cod", []act{ships(tea), ships(silk)}, [2]act{takesBack(tea), takesBack(silk)}, "canceled"},
	{"back, other", "cod", []act{ships(tea)}, [2]act{takesBack(tea), cancels(silk)}, "canceled"},
	{"back, paid", "cod", []act{ships(tea), ships(silk)}, [2]act{takesBack(tea), pays}, ""},
	{"part, paid", "fakepay", nil, [2]act{cancels(tea), pays}, ""},
	{"part, paid on delivery", "cod", nil, [2]act{cancels(tea), pays}, ""},
	{"all, paid", "fakepay", nil, [2]act{cancels(), pays}, "canceled"},
	{"all, paid on delivery", "cod", nil, [2]act{cancels(), pays}, ""},
	{"part, another way", "fakepay", nil, [2]act{cancels(tea), retries("cod")}, ""},
	{"all, another way", "cod", nil, [2]act{cancels(), retries("fakepay")}, ""},
	{"shipped, another way", "cod", nil, [2]act{ships(tea), retries("fakepay")}, ""},
	{"shipped, part", "cod", nil, [2]act{ships(tea), cancels(tea)}, ""},
	{"shipped, other", "cod", nil, [2]act{ships(tea), cancels(silk)}, ""},
	{"prolonged, paid", "fakepay", nil, [2]act{prolongs, pays}, "confirmed"},
	{"prolonged, another way", "cod", nil, [2]act{prolongs, retries("fakepay")}, ""},
	{"prolonged, part", "fakepay", nil, [2]act{prolongs, cancels(tea)}, ""},
	{"worker, part", "fakepay", nil, [2]act{sweeps, cancels(tea)}, ""},
	{"parts of what is paid", "fakepay", []act{pays}, [2]act{cancels(tea), cancels(silk)}, "canceled"},
}

// Whatever two people do to a group at the same moment, on any backend: what
// either is told makes sense, nothing is left being canceled, and the books,
// the bank and the stock agree.
func TestTwoAtOnceOnOneGroup(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.receive(map[ref.SKUID]ref.Quantity{"tea": 990, "silk": 990})
		rounds := 4
		if testing.Short() {
			rounds = 2
		}
		for i, pair := range pairs {
			for round := range rounds {
				who := ref.Member(ref.MemberID(fmt.Sprintf("m-%d-%d", i, round)))
				choice := s.fill(who, map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1})
				choice.Gateway = pair.gateway
				s.bank.Plan(fakepay.Ask)
				p := s.place(who, choice, "k")
				for _, do := range pair.before {
					require.NoError(s, do(s, p), pair.name)
				}
				var wg sync.WaitGroup
				var errs [2]error
				for j, do := range pair.at {
					wg.Go(func() { errs[j] = do(s, p) })
				}
				wg.Wait()
				for _, err := range errs {
					if err != nil {
						require.ErrorIs(s, err, fault.FailedPrecondition, pair.name)
						require.NotContains(s, err.Error(), "doomed", pair.name)
					}
				}
				s.settle()
				g := s.group(p.Group.ID)
				for _, o := range states(g) {
					require.NotContains(s, o, "canceling", pair.name)
					if pair.end != "" {
						require.True(s, strings.HasPrefix(o, pair.end), "%s: %v", pair.name, states(g))
					}
				}
			}
		}
		s.clock.Advance(3 * time.Hour) // what nobody paid is closed
		s.settle()
		s.sound()
	})
}

// between calls fn once, ahead of the first call of a port's method.
func between(stores storage.Stores, name string, fn *func()) storage.Stores {
	return storage.Intercept(stores, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == name && *fn != nil {
			do := *fn
			*fn = nil
			do()
		}
		return next(ctx)
	})
}

// The other merchant cancels between what the first one read and what is
// written of it: neither request saw that nothing would be left.
func TestPartsAreCanceledCrosswise(t *testing.T) {
	t.Parallel()
	for _, gateway := range []string{"cod", "fakepay"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			var other func()
			s := newShop(t, between(memory.New().Stores(), "Orders.Update", &other))
			choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1})
			choice.Gateway = gateway
			s.bank.Plan(fakepay.Ask)
			p := s.place(buyer(), choice, "k")
			other = func() {
				done := make(chan struct{})
				go func() { // outside of the unit that stands here
					defer close(done)
					_, err := s.checkout.Cancel(context.WithoutCancel(t.Context()), ref.Merchant("silk-road"),
						checkout.CancelInput{Group: p.Group.ID})
					if err != nil {
						t.Error(err)
					}
				}()
				<-done
			}
			_, err := s.checkout.Cancel(t.Context(), ref.Merchant("tea-house"), checkout.CancelInput{Group: p.Group.ID})
			require.NoError(t, err)
			s.settle()
			require.Equal(t, []string{"canceled/unpaid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
			require.EqualValues(t, 10, s.level("tea").Available())
			s.sound()
		})
	}
}

// The rest of a group costs nothing: it is confirmed when the part that cost
// something is canceled.
func TestTheFreeRestOfAGroupStays(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.deals.off = map[ref.SKUID]int64{"tea": 1250}
		s.deals.delivery = 500
		s.bank.Plan(fakepay.Ask)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k")
		require.True(s, p.Group.Orders[tea].Total.IsZero())
		_, err := s.checkout.Cancel(s.Context(), ref.Merchant("silk-road"), checkout.CancelInput{Group: p.Group.ID})
		require.NoError(s, err)
		s.settle()
		require.Equal(s, []string{"confirmed/paid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
		require.Equal(s, payment.IntentCaptured, s.intent(p.Group).State)
		s.sound()
	})
}

// The bank's notice comes between the click and the unit that cancels: the
// order is canceled as one that is paid.
func TestPaidBetweenTheClickAndTheUnit(t *testing.T) {
	t.Parallel()
	var notice func()
	s := newShop(t, between(memory.New().Stores(), "Units.Do", &notice))
	s.bank.Plan(fakepay.Ask)
	p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k")
	notice = func() {
		if err := pays(s, p); err != nil {
			t.Error(err)
		}
	}
	out, err := s.checkout.Cancel(t.Context(), buyer(), checkout.CancelInput{Group: p.Group.ID})
	require.NoError(t, err)
	require.Len(t, out.Refunds, 2)
	s.settle()
	require.Equal(t, []string{"canceled/refunded", "canceled/refunded"}, states(s.group(p.Group.ID)))
	require.Zero(t, s.bank.Net("USD"))
	s.sound()
}

type inside struct{}

// A guest cancels and is signed in meanwhile: the cancellation took effect, and
// says so.
func TestCanceledByWhoIsSignedInMeanwhile(t *testing.T) {
	t.Parallel()
	var adopt func()
	s := newShop(t, storage.Intercept(memory.New().Stores(),
		func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			if c.Name() != "Units.Do" || ctx.Value(inside{}) != nil {
				return next(ctx)
			}
			err := next(context.WithValue(ctx, inside{}, true))
			if do := adopt; do != nil {
				adopt = nil
				do()
			}
			return err
		}))
	guest := ref.Guest("token")
	s.bank.Plan(fakepay.Ask)
	p := s.place(guest, s.fill(guest, map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), "k")
	adopt = func() {
		n, err := s.checkout.Adopt(t.Context(), buyer(), guest)
		if err != nil || n != 1 {
			t.Error(n, err)
		}
	}
	out, err := s.checkout.Cancel(t.Context(), guest, checkout.CancelInput{Group: p.Group.ID})
	require.NoError(t, err)
	require.Equal(t, ref.MemberID("bo"), out.Group.Member)
	require.Equal(t, []string{"canceled/unpaid", "canceled/unpaid"}, states(s.group(p.Group.ID)))
	s.sound()
}

// Placing counts the uses of promotions before it touches the stock; so does
// whoever gives both back, or the two would wait for each other.
func TestUsesAreGivenBackBeforeTheStock(t *testing.T) {
	t.Parallel()
	var freed []string
	s := newShop(t, storage.Intercept(memory.New().Stores(),
		func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			if c.Name() == "Inventory.Settle" {
				if owners, ok := c.Args[0].([]string); ok {
					kind, _, _ := strings.Cut(owners[0], "/")
					freed = append(freed, kind)
				}
			}
			return next(ctx)
		}))
	s.limit(5)
	for _, plan := range []fakepay.Plan{fakepay.Ask, fakepay.Approve} { // closed with its payment, and given back
		s.bank.Plan(plan)
		p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1}), string(plan))
		freed = nil
		_, err := s.checkout.Cancel(t.Context(), buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.NoError(t, err)
		require.NotEmpty(t, freed)
		require.Equal(t, "use", freed[0])
		require.NotContains(t, freed[1:], "use")
	}
	s.sound()
}
