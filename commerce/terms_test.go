package commerce_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
)

// till is a shop that is paid by card, by transfer and on delivery.
type till struct {
	*testing.T
	m        *commerce.Marketplace
	clock    *clock.Manual
	bank     *fakepay.Bank
	transfer *offlinepay.Gateway
	cod      *offlinepay.Gateway
	deals    []ref.GroupID
}

const (
	byCard     = "fakepay"
	byTransfer = "transfer"
	onDelivery = "cod"

	days = 24 * time.Hour
	pile = 100 // pieces to begin with
)

func eachTill(t *testing.T, fn func(c *till)) {
	t.Helper()
	onEach(t, func(t *testing.T, cfg commerce.Config) {
		t.Helper()
		fn(newTill(t, cfg))
	})
}

func newTill(t *testing.T, cfg commerce.Config) *till {
	t.Helper()
	c := &till{T: t, clock: clock.NewManual(time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC))}
	var err error
	c.bank, err = fakepay.Open(t.Context(), fakepay.Config{Plan: fakepay.Ask, Clock: c.clock})
	require.NoError(t, err)
	offline := func(kind offlinepay.Kind, least int64) *offlinepay.Gateway {
		gw, err := offlinepay.New(offlinepay.Config{
			Kind: kind, Secrets: [][]byte{[]byte("a secret of the staff's pages")}, Clock: c.clock, Min: least,
		})
		require.NoError(t, err)
		return gw
	}
	c.transfer, c.cod = offline(offlinepay.Transfer, 0), offline(offlinepay.CashOnDelivery, 1000)
	cfg.Clock, cfg.Gateways = c.clock, []payment.Gateway{c.bank.Gateway(), c.transfer, c.cod}
	c.m, err = commerce.New(cfg)
	require.NoError(t, err)
	stock(t, c.m)
	require.NoError(t, c.m.Stock.Receive(t.Context(), staff(), inventory.CountInput{
		Counts: []inventory.Count{{SKU: "tea-100g", Location: "main", Quantity: pile - 5}},
	}))
	return c
}

// deal is one purchase of one piece.
type deal struct {
	*till
	buyer ref.Scope
	group ref.GroupID
}

func (c *till) buy(gateway string) *deal {
	c.Helper()
	d := &deal{till: c, buyer: ref.Guest("g" + strconv.Itoa(len(c.deals)))}
	choice, _ := fill(c.T, c.m, d.buyer, 1)
	choice.Gateway = gateway
	q, err := c.m.Checkout.Quote(c.Context(), d.buyer, choice)
	require.NoError(c, err)
	p, err := c.m.Checkout.Place(c.Context(), d.buyer, checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: "k"})
	require.NoError(c, err)
	d.group = p.Group.ID
	c.deals = append(c.deals, d.group)
	return d
}

func (d *deal) look() (order.Order, payment.Intent) {
	d.Helper()
	g, err := d.m.Orders.Get(d.Context(), staff(), d.group)
	require.NoError(d, err)
	in, err := d.m.Payments.Get(d.Context(), staff(), g.Intent)
	require.NoError(d, err)
	return g.Orders[0], in
}

func (d *deal) retry(gateway string) error {
	d.Helper()
	_, in := d.look()
	last, _ := in.Last()
	_, err := d.m.Payments.Retry(d.Context(), d.buyer, payment.RetryInput{Intent: in.ID, After: last.ID, Gateway: gateway})
	return err
}

func (d *deal) ship() error {
	o, _ := d.look()
	_, err := d.m.Orders.Ship(d.Context(), staff(), order.ShipInput{Target: order.Target{Group: o.Group, Order: o.ID}})
	return err
}

// pay pays the newest attempt, or refuses to.
func (d *deal) pay(pays bool) {
	d.Helper()
	_, in := d.look()
	a, _ := in.Last()
	var raw payment.RawRequest
	if a.Gateway == byCard {
		decide := d.bank.Decline
		if pays {
			decide = d.bank.Approve
		}
		require.NoError(d, decide(d.Context(), a.Number))
		var err error
		raw, err = d.bank.Notice(a.Number)
		require.NoError(d, err)
	} else {
		gw := map[string]*offlinepay.Gateway{byTransfer: d.transfer, onDelivery: d.cod}[a.Gateway]
		say := gw.Refused
		if pays {
			say = gw.Received
		}
		raw = say(offlinepay.Receipt{Number: a.Number, Amount: a.Amount, Reference: "slip " + a.Number, Staff: "ann"})
	}
	_, err := d.m.Payments.Notify(d.Context(), a.Gateway, raw)
	require.NoError(d, err)
}

func (d *deal) later(by time.Duration) {
	d.Helper()
	d.clock.Advance(by)
	require.NoError(d, d.m.Drain(d.Context()))
}

func (d *deal) cases() []payment.CaseState {
	d.Helper()
	_, in := d.look()
	p, err := d.m.Payments.Cases(d.Context(), staff(), payment.CaseQuery{Intent: in.ID}, page.Request{})
	require.NoError(d, err)
	var out []payment.CaseState
	for _, c := range p.Items {
		require.Equal(d, payment.CaseUncollected, c.Reason)
		out = append(out, c.State)
	}
	return out
}

// sound requires that every invariant holds and that so many pieces are left.
func (c *till) sound(left ref.Quantity) {
	c.Helper()
	require.Empty(c, verify(c.T, c.m))
	c.left(left)
}

// confirmed counts the orders that are, or were when they ended, to be
// fulfilled.
func (c *till) confirmed() int {
	c.Helper()
	n := 0
	for _, id := range c.deals {
		history, err := c.m.Orders.History(c.Context(), staff(), id)
		require.NoError(c, err)
		for _, e := range history {
			switch {
			case e.From == order.StatePending && e.To == order.StateConfirmed:
				n++
			case e.From == order.StateConfirmed && e.To == order.StatePending:
				n--
			}
		}
	}
	return n
}

func (c *till) left(left ref.Quantity) {
	c.Helper()
	have, err := c.m.Stock.Available(c.Context(), []ref.SKUID{"tea-100g"})
	require.NoError(c, err)
	require.Equal(c, left, have["tea-100g"])
}

// TestAnotherWayToPay changes from each way to pay to each, and then pays or
// does not.
func TestAnotherWayToPay(t *testing.T) {
	t.Parallel()
	ways := []string{byCard, byTransfer, onDelivery}
	// How long there is to pay after the change, an hour after half of the
	// first way's time; zero for ever.
	left := map[string]map[string]time.Duration{
		byCard:     {byCard: 20 * time.Minute, byTransfer: 7*days - 10*time.Minute, onDelivery: 0},
		byTransfer: {byCard: 7*days - 10*time.Minute, byTransfer: 7*days - 10*time.Minute, onDelivery: 0},
		onDelivery: {byCard: 30 * time.Minute, byTransfer: 7 * days, onDelivery: 0},
	}
	eachTill(t, func(c *till) {
		rest := ref.Quantity(pile)
		for _, from := range ways {
			for _, to := range ways {
				for _, declined := range []bool{false, true} {
					for _, pays := range []bool{true, false} {
						c.Logf("from %s (declined: %t) to %s (pays: %t)", from, declined, to, pays)
						d := c.buy(from)
						d.later(10 * time.Minute)
						want := left[from][to]
						if declined {
							d.pay(false)
							if from == onDelivery && to != onDelivery {
								want = 7 * days // from the refusal on
							}
						}
						require.NoError(c, d.retry(to))
						o, in := d.look()
						a, _ := in.Last()
						require.Equal(c, to, a.Gateway)
						require.Equal(c, payment.IntentProcessing, in.State)
						require.Equal(c, in.PayBy, a.ExpiresAt)
						if pays { // it stands the same before either end
							c.sound(rest - 1)
						}
						if to == onDelivery {
							require.Equal(c, order.StateConfirmed, o.State)
							require.True(c, in.PayBy.IsZero())
							require.NoError(c, d.ship())
						} else {
							require.Equal(c, order.StatePending, o.State)
							require.Equal(c, want, in.PayBy.Sub(c.clock.Now()))
							require.Equal(c, in.PayBy, o.Deadline)
							require.ErrorIs(c, d.ship(), fault.FailedPrecondition, "nobody has paid")
						}
						if pays {
							d.pay(true)
							if to != onDelivery {
								require.NoError(c, d.ship())
							}
							o, _ = d.look()
							require.Equal(c, order.StateShipped, o.State)
							require.Equal(c, order.PaymentPaid, o.Payment)
							require.NotContains(c, d.cases(), payment.CaseOpen)
							rest--
							c.left(rest)
							continue
						}
						if to == onDelivery { // the buyer does not open
							d.pay(false)
							_, err := d.m.Checkout.TakeBack(c.Context(), staff(), checkout.CancelInput{Group: d.group})
							require.NoError(c, err)
						} else {
							d.later(want)
						}
						o, in = d.look()
						require.Equal(c, order.StateCanceled, o.State)
						require.Equal(c, payment.IntentCanceled, in.State)
						require.NotContains(c, d.cases(), payment.CaseOpen)
						c.left(rest)
					}
				}
			}
		}
		require.NoError(c, c.m.Drain(c.Context()))
		c.sound(rest)
		rows, err := c.m.Listing.List(c.Context(), listing.Query{
			Channel: commerce.DefaultChannel, Currency: "USD", Sort: listing.Newest,
		}, page.Request{})
		require.NoError(c, err)
		require.EqualValues(c, c.confirmed(), rows.Items[0].Sold, "each order is counted once, however often it was confirmed")
	})
}

// TestRefusedAtTheDoor: the order does not complete by itself, a person is
// told, and staff take the goods back.
func TestRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	eachTill(t, func(c *till) {
		d := c.buy(onDelivery)
		require.NoError(c, d.ship())
		require.Equal(c, "payment.on_delivery", fault.CodeOf(d.retry(byCard)), "the courier asks for it")
		_, in := d.look()
		_, err := c.m.Payments.Cancel(c.Context(), d.buyer, in.ID, payment.CancelBuyer)
		require.Equal(c, "payment.on_delivery", fault.CodeOf(err))
		d.later(30 * days)
		o, _ := d.look()
		require.Equal(c, order.StateShipped, o.State, "the courier has said nothing")
		_, err = c.m.Orders.Complete(c.Context(), d.buyer, order.Target{Group: o.Group, Order: o.ID})
		require.Equal(c, "order.unpaid", fault.CodeOf(err))

		d.pay(false)
		require.Equal(c, []payment.CaseState{payment.CaseOpen}, d.cases())
		d.later(60 * days)
		o, in = d.look()
		require.Equal(c, order.StateShipped, o.State)
		require.Equal(c, payment.IntentReserved, in.State)
		c.sound(pile - 1)
		cancel := checkout.CancelInput{Group: d.group, Reason: "refused"}
		_, err = c.m.Checkout.Cancel(c.Context(), d.buyer, cancel)
		require.Equal(c, "order.not_cancellable", fault.CodeOf(err))
		_, err = c.m.Checkout.TakeBack(c.Context(), d.buyer, cancel)
		require.ErrorIs(c, err, fault.PermissionDenied)
		for range 2 {
			out, err := c.m.Checkout.TakeBack(c.Context(), staff(), cancel)
			require.NoError(c, err)
			require.Equal(c, order.StateCanceled, out.Group.Orders[0].State)
			require.False(c, out.Pending)
		}
		require.Equal(c, []payment.CaseState{payment.CaseClosed}, d.cases())
		c.sound(pile)

		// Where the courier still waits, that is closed first.
		other := c.buy(onDelivery)
		require.NoError(c, other.ship())
		_, err = c.m.Checkout.TakeBack(c.Context(), staff(), checkout.CancelInput{Group: other.group})
		require.NoError(c, err)
		o, in = other.look()
		require.Equal(c, order.StateCanceled, o.State)
		require.Equal(c, payment.IntentCanceled, in.State)
		c.sound(pile)

		// Who refused and pays by card after all is done with.
		third := c.buy(onDelivery)
		require.NoError(c, third.ship())
		third.pay(false)
		require.NoError(c, third.retry(byCard))
		third.later(30 * days)
		third.pay(true)
		require.Equal(c, []payment.CaseState{payment.CaseClosed}, third.cases())
		_, err = c.m.Checkout.TakeBack(c.Context(), staff(), checkout.CancelInput{Group: third.group})
		require.Equal(c, "order.not_cancellable", fault.CodeOf(err))
		third.later(30 * days)
		o, _ = third.look()
		require.Equal(c, order.StateCompleted, o.State)
		c.sound(pile - 1)
	})
}

// TestRefusedBeforeItIsShipped: the buyer has time for another choice.
func TestRefusedBeforeItIsShipped(t *testing.T) {
	t.Parallel()
	eachTill(t, func(c *till) {
		d := c.buy(onDelivery)
		d.pay(false)
		o, in := d.look()
		require.Equal(c, order.StatePending, o.State)
		require.Equal(c, c.clock.Now().Add(7*days), in.PayBy)
		require.ErrorIs(c, d.ship(), fault.FailedPrecondition)
		require.Equal(c, []payment.CaseState{payment.CaseOpen}, d.cases())
		c.sound(pile - 1)
		require.NoError(c, d.retry(onDelivery))
		require.Equal(c, []payment.CaseState{payment.CaseClosed}, d.cases())
		o, _ = d.look()
		require.Equal(c, order.StateConfirmed, o.State)
		d.pay(false)
		d.later(7 * days)
		o, _ = d.look()
		require.Equal(c, order.StateCanceled, o.State)
		c.sound(pile)
	})
}
