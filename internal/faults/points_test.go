package faults_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/faultpoint"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// purchase is one story: a buyer browses, orders of two merchants, pays on the
// bank's page, cancels one part; the other is shipped, partly refunded and
// completed. A guest orders and never pays, another pays while the answer is
// out. Every step can be tried again.
func purchase(s *shop) (*shop, error) {
	ctx := s.w.Context()
	buyer, guest := ref.Member("bo"), ref.Guest("g-1")
	var bought, left checkout.Placed
	var choice, other checkout.Choice
	var buyerIn, guestIn checkout.PlaceInput
	find := func(g order.Group, by ref.MerchantID) order.ID {
		for _, o := range g.Orders {
			if o.Merchant == by {
				return o.ID
			}
		}
		return ""
	}
	steps := []func(s *shop) error{
		func(s *shop) error { return s.offer(cup, "pottery") },
		func(s *shop) error { return s.receive(cup, 1) },
		func(s *shop) error { return s.Drain(ctx) },
		func(s *shop) error { // browse
			_, err := s.Listing.List(ctx, listing.Query{Channel: channel, Currency: "USD", Sort: listing.Newest}, page.Request{})
			return err
		},
		func(s *shop) (err error) {
			choice, err = s.wish(ctx, buyer, cart.Item{SKU: tea, Quantity: 2}, cart.Item{SKU: cup, Quantity: 1})
			return err
		},
		func(s *shop) (err error) {
			buyerIn, err = s.quote(ctx, buyer, choice, "bo-1")
			return err
		},
		func(s *shop) (err error) {
			bought, err = s.Checkout.Place(ctx, buyer, buyerIn)
			return err
		},
		func(s *shop) error { return s.pay(bought.Intent) },
		func(s *shop) error { return s.notices() },
		func(s *shop) error { return s.Drain(ctx) },
		func(s *shop) error {
			_, err := s.Checkout.Cancel(ctx, buyer, checkout.CancelInput{
				Group: bought.Group.ID, Orders: []order.ID{find(bought.Group, "pottery")}, Reason: "changed_mind",
			})
			return err
		},
		func(s *shop) (err error) {
			other, err = s.wish(ctx, guest, cart.Item{SKU: tea, Quantity: 1})
			return err
		},
		func(s *shop) (err error) {
			guestIn, err = s.quote(ctx, guest, other, "g-1")
			return err
		},
		func(s *shop) (err error) {
			left, err = s.Checkout.Place(ctx, guest, guestIn)
			return err
		},
		func(s *shop) error { s.w.clock.Advance(time.Minute); return s.Drain(ctx) },
		func(s *shop) error {
			_, err := s.Orders.Ship(ctx, ref.Merchant("tea-house"), order.ShipInput{
				Target: order.Target{Group: bought.Group.ID, Order: find(bought.Group, "tea-house")},
				Parcel: order.Parcel{Carrier: "SF", Tracking: "1"},
			})
			return done(err)
		},
		func(s *shop) error {
			r, err := s.Payments.Refund(ctx, staff(), payment.RefundInput{
				Intent: bought.Intent.ID, Key: checkout.RefundKey(find(bought.Group, "tea-house"), "dent"),
				Reason: payment.ReasonGoodwill, Amount: money.New(100, "USD"),
			})
			if err != nil {
				return err
			}
			_, err = s.Payments.SendRefund(ctx, staff(), r.ID)
			return err
		},
		func(s *shop) error {
			_, err := s.Orders.Complete(ctx, buyer, order.Target{Group: bought.Group.ID, Order: find(bought.Group, "tea-house")})
			return done(err)
		},
		func(s *shop) error { s.w.clock.Advance(31 * time.Minute); return s.Drain(ctx) },
		func(s *shop) error { s.w.clock.Advance(time.Minute); return s.Drain(ctx) },
		func(s *shop) error { // what became of both
			_, err1 := s.Orders.Get(ctx, buyer, bought.Group.ID)
			_, err2 := s.Orders.History(ctx, buyer, bought.Group.ID)
			_, err3 := s.Payments.History(ctx, buyer, bought.Intent.ID)
			_, err4 := s.Orders.Get(ctx, guest, left.Group.ID)
			_, err5 := s.Orders.List(ctx, guest, order.Query{}, page.Request{})
			return errors.Join(err1, err2, err3, err4, err5)
		},
	}
	for i, step := range steps {
		var err error
		if s, err = again(s, step); err != nil {
			return s, fmt.Errorf("step %d: %w", i, err)
		}
	}
	return s, nil
}

// done takes a refusal because the first try was successful for a success.
func done(err error) error {
	if errors.Is(err, fault.FailedPrecondition) {
		return nil
	}
	return err
}

// pay is what the buyer does on the bank's page, as soon as the bank knows.
func (s *shop) pay(in payment.Intent) error {
	ctx := s.w.Context()
	in, err := s.Payments.Get(ctx, ref.System(), in.ID)
	if err != nil {
		return err
	}
	a := in.Attempts[len(in.Attempts)-1]
	if err := s.w.bank.Approve(ctx, a.Number); !errors.Is(err, fault.NotFound) {
		return err
	}
	// The request never arrived: the shop finds out and sends it again.
	s.w.clock.Advance(2 * time.Minute)
	if err := s.Drain(ctx); err != nil {
		return err
	}
	return s.w.bank.Approve(ctx, a.Number)
}

func (s *shop) notices() error {
	_, err := s.w.bank.Deliver(s.w.Context(), func(ctx context.Context, raw payment.RawRequest) (payment.Reply, error) {
		return s.Payments.Notify(ctx, "fakepay", raw)
	})
	return err
}

// rehearse runs the purchase without faults and returns the points it passes
// and how often.
func rehearse(t *testing.T, stores storage.Stores) map[string]int {
	t.Helper()
	w := newWorld(t, stores)
	w.start(nil).fill(10)
	s := w.start(faultpoint.New())
	_, err := purchase(s)
	require.NoError(t, err)
	hits := s.points.Hits()
	w.work()
	w.sound()
	w.terminal()
	return hits
}

// suffer runs the purchase with one fault and requires that the shop recovers.
func suffer(t *testing.T, stores storage.Stores, point string, n int, e faultpoint.Effect) {
	t.Helper()
	w := newWorld(t, stores)
	w.start(nil).fill(10)
	points := faultpoint.New()
	points.OnDelay = func() { w.clock.Advance(2 * time.Minute) }
	require.NoError(t, points.Arm(point, n, e))
	_, err := purchase(w.start(points))
	require.NoError(t, err)
	require.Equal(t, []string{point}, points.Fired(), "the fault happened")
	w.work()
	w.sound()
	w.terminal()
}

// beside is what no purchase calls: the shop's housekeeping, its people, and
// what staff look up. A method that is new belongs here or into the story.
func beside() []string {
	return []string{
		"AddressBooks.", "Brands.", "Categories.", "Members.", "SignInAttempts.", "Staff.",
		"Claims.Holder", "Cursors.All", "Cursors.Forget", "Events.Purge", "Inbox.", "Leases.List", "Leases.Sweep",
		"Inventory.Extend", "Inventory.Ledger", "Letters.", "Listings.GetMany", "Merchants.", "OrderPersonals.",
		"PaymentCases.", "PaymentNotices.List", "PaymentRefunds.ByKey", "PaymentRefunds.ByNumber", "Payments.List",
		"Prices.", "Products.", "gateway.Capture", "gateway.QueryRefund",
	}
}

// sides are the effects that every point has once.
func sides() []faultpoint.Effect {
	return []faultpoint.Effect{faultpoint.Error, faultpoint.Crash, faultpoint.Delay}
}

func TestEveryFaultPointOnceByErrorByCrashAndByDelay(t *testing.T) {
	t.Parallel()
	hits := rehearse(t, memory.New().Stores())
	var reached []string
	for _, p := range faultpoint.Points() {
		if hits[p] > 0 {
			reached = append(reached, p)
			continue
		}
		require.True(t, slices.ContainsFunc(beside(), func(b string) bool { return strings.HasPrefix(p, b) }),
			"a purchase does not pass %s: let it, or say that it is beside", p)
	}
	require.GreaterOrEqual(t, len(reached), 60)
	t.Logf("%d fault points, %d of them in a purchase", len(faultpoint.Points()), len(reached))
	if testing.Short() { // the race detector needs no point twice
		reached = slices.DeleteFunc(reached, func(p string) bool { return len(p)%4 != 0 })
	}
	for _, p := range reached {
		for _, e := range sides() {
			t.Run(fmt.Sprintf("%s/%s", p, e), func(t *testing.T) {
				t.Parallel()
				suffer(t, memory.New().Stores(), p, 1+(hits[p]-1)/2, e)
			})
		}
	}
}

// TestEveryCommit fails each commit of the purchase in turn, on databases.
func TestEveryCommit(t *testing.T) {
	t.Parallel()
	for name, open := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name != "memory" {
				t.Skip("a database takes its time")
			}
			hits := rehearse(t, open(t))
			step := 1
			if name != "memory" {
				step = 1 + hits["commit/before"]/8 // a database takes its time
			}
			for _, p := range []string{"commit/before", "commit/after"} {
				for n := 1; n <= hits[p]; n += step {
					for _, e := range []faultpoint.Effect{faultpoint.Error, faultpoint.Crash} {
						t.Run(fmt.Sprintf("%s/%d/%s", p, n, e), func(t *testing.T) {
							t.Parallel()
							suffer(t, open(t), p, n, e)
						})
					}
				}
			}
			t.Logf("%d commits", hits["commit/after"])
		})
	}
}
