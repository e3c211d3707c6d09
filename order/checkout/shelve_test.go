package checkout_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func TestPiecesThatAreNotShippedGoBackOnTheShelf(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		in := pieces(1)
		s.refund(ref.Merchant("tea-house"), in)
		require.EqualValues(s, 8, s.level("tea").OnHand)
		require.True(s, s.refund(ref.Merchant("tea-house"), in).Replayed)
		require.EqualValues(s, 8, s.level("tea").OnHand, "one key, one effect")
		delivery := pieces(1)
		delivery.Lines, delivery.Delivery = nil, true
		s.refund(ref.Staff("ann"), delivery)
		require.EqualValues(s, 8, s.level("tea").OnHand)
		s.sound()

		require.NoError(s, s.ship(p.Group, 0))
		s.refund(ref.Staff("ann"), pieces(1))
		require.EqualValues(s, 8, s.level("tea").OnHand, "it is with the buyer")
		s.sound()
		s.receive(map[ref.SKUID]ref.Quantity{"tea": 1}) // and now it is here
		s.sound()
	})
}

// An order of pieces from two places, some of them refunded, is canceled:
// every place has what it gave.
func TestWhatWasRefundedDoesNotComeBackTwice(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		require.NoError(s, s.stock.Adjust(s.Context(), ref.Staff("ann"), inventory.CountInput{Counts: []inventory.Count{
			{SKU: "tea", Location: "main", Quantity: -8}, {SKU: "tea", Location: "annex", Quantity: 2},
		}}))
		levels := func() []inventory.Level {
			l, err := s.stock.Levels(s.Context(), ref.Staff("ann"), []ref.SKUID{"tea"})
			require.NoError(s, err)
			return l
		}
		before := levels()
		p, pieces := s.sale()
		s.refund(ref.Staff("ann"), pieces(1))
		s.refund(ref.Staff("ann"), pieces(1))
		s.sound()
		s.cancel(ref.Merchant("tea-house"), checkout.CancelInput{Group: p.Group.ID})
		s.settle()
		require.Equal(s, []string{"canceled/refunded", "confirmed/paid"}, states(s.group(p.Group.ID)))
		require.Equal(s, before, levels())
		s.sound()
	})
}

func TestAllPiecesAreRefundedAndThenTheOrderIsCanceled(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		s.refund(ref.Staff("ann"), pieces(3))
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		s.settle()
		require.EqualValues(s, 10, s.level("tea").OnHand)
		require.EqualValues(s, 10, s.level("silk").OnHand)
		s.sound()
	})
}

// refundBeside pays a piece back and does something else at the same moment.
func (s *shop) refundBeside(in checkout.RefundInput, other func() error) (refund, second error) {
	s.Helper()
	var wg sync.WaitGroup
	wg.Go(func() { _, refund = s.checkout.Refund(s.Context(), ref.Staff("ann"), in) })
	wg.Go(func() { second = other() })
	wg.Wait()
	return refund, second
}

func TestAPieceIsRefundedWhileItsOrderIsShippedOrCanceled(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		for i := range 4 {
			who := ref.Member(ref.MemberID(fmt.Sprint("b", i)))
			p := s.place(who, s.fill(who, map[ref.SKUID]ref.Quantity{"tea": 2}), fmt.Sprint("k", i))
			o := p.Group.Orders[0]
			before := s.level("tea").OnHand
			in := checkout.RefundInput{
				Group: p.Group.ID, Order: o.ID, Key: "r", Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: 1}},
			}
			if i%2 == 0 {
				refund, ship := s.refundBeside(in, func() error { return s.ship(p.Group, 0) })
				require.NoError(s, refund)
				if ship != nil {
					require.ErrorIs(s, ship, fault.Conflict)
				}
				history, err := s.orders.History(s.Context(), ref.Staff("ann"), p.Group.ID)
				require.NoError(s, err)
				back := ref.Quantity(0)
				for _, e := range history {
					if e.Units != nil && e.To == order.StateConfirmed {
						back++
					}
				}
				require.Equal(s, before+back, s.level("tea").OnHand)
			} else {
				refund, cancel := s.refundBeside(in, func() error {
					_, err := s.checkout.Cancel(s.Context(), who, checkout.CancelInput{Group: p.Group.ID})
					return err
				})
				require.NoError(s, cancel)
				if refund != nil {
					require.Equal(s, "order.not_refundable", fault.CodeOf(refund))
				}
				require.Equal(s, before+2, s.level("tea").OnHand)
			}
		}
		s.settle()
		s.sound()
	})
}

// The order leaves the house after the refund was drafted and before it is
// written.
func TestARefundThatTheCarrierOvertakesMovesNoStock(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		var between func()
		s := newShop(t, storage.Intercept(stores, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			if fn := between; c.Name() == "Orders.History" && fn != nil {
				between = nil
				fn()
			}
			return next(ctx)
		}))
		p, pieces := s.sale()
		between = func() { require.NoError(t, s.ship(p.Group, 0)) }
		s.refund(ref.Staff("ann"), pieces(1))
		require.EqualValues(t, 7, s.level("tea").OnHand)
		s.sound()
	})
}

// violations are those of orders, by name.
func (s *shop) violations() (out []string) {
	s.Helper()
	for v, err := range s.checkout.Verify(s.Context(), s.orders) {
		require.NoError(s, err)
		out = append(out, v.Invariant+" "+v.Object)
	}
	return out
}

func TestVerifyFindsStockThatDidNotComeBackOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		times     int
		does      func(s *shop, g order.Group, pieces func(n ref.Quantity) checkout.RefundInput)
		invariant string
	}{
		"canceled, and nothing back": {0, func(s *shop, g order.Group, _ func(n ref.Quantity) checkout.RefundInput) {
			s.cancel(ref.Merchant("tea-house"), checkout.CancelInput{Group: g.ID})
		}, "I7"},
		"canceled, and back twice": {2, func(s *shop, g order.Group, _ func(n ref.Quantity) checkout.RefundInput) {
			s.cancel(ref.Merchant("tea-house"), checkout.CancelInput{Group: g.ID})
		}, "I22"},
		"refunded, and nothing back": {0, func(s *shop, _ order.Group, pieces func(n ref.Quantity) checkout.RefundInput) {
			s.refund(ref.Staff("ann"), pieces(1))
		}, "I22"},
		"refunded, and back twice": {2, func(s *shop, _ order.Group, pieces func(n ref.Quantity) checkout.RefundInput) {
			s.refund(ref.Staff("ann"), pieces(1))
		}, "I22"},
		"shipped, and back all the same": {1, func(s *shop, g order.Group, _ func(n ref.Quantity) checkout.RefundInput) {
			require.NoError(s, s.ship(g, 0))
			require.NoError(s, s.stores.Units.Do(s.Context(), func(ctx context.Context) error {
				return s.stock.Return(ctx, inventory.Back{Owner: string(g.Orders[0].ID), SKU: "tea", Quantity: 1})
			}))
		}, "I22"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStores(t, func(t *testing.T, stores storage.Stores) {
				t.Helper()
				s := newShop(t, storage.Intercept(stores, returning(c.times)))
				p, pieces := s.sale()
				require.Empty(t, s.violations())
				c.does(s, p.Group, pieces)
				s.settle()
				require.Equal(t, []string{c.invariant + " " + string(p.Group.Orders[0].ID)}, s.violations())
			})
		})
	}
}

// returning is a store that puts back what comes back as often as it says.
func returning(times int) func(context.Context, storage.Call, func(context.Context) error) error {
	return func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		n := 1
		if c.Name() == "Inventory.Apply" {
			if changes, ok := c.Args[0].([]inventory.Change); ok && changes[0].Kind == inventory.KindReturn {
				n = times
			}
		}
		for range n {
			if err := next(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// mute is a store of stock that lacks the optional powers.
type mute struct{ inventory.Store }

func TestVerifyDoesWithoutAStoreThatTellsWhatCameBack(t *testing.T) {
	t.Parallel()
	stores := memory.New().Stores()
	stores.Inventory = mute{stores.Inventory}
	s := newShop(t, stores)
	p, pieces := s.sale()
	s.refund(ref.Staff("ann"), pieces(1))
	s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
	require.Empty(t, s.violations())
	require.EqualValues(t, 10, s.level("tea").OnHand)
}
