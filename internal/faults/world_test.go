package faults_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/internal/faultpoint"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

const (
	channel = commerce.DefaultChannel
	tea     = ref.SKUID("tea-100g")
	cup     = ref.SKUID("cup")
)

// world is what outlives a process of the shop: stores, bank and time.
type world struct {
	*testing.T
	stores storage.Stores
	bank   *fakepay.Bank
	clock  *clock.Manual
	ids    uid.Generator
}

// shop is one process.
type shop struct {
	*commerce.Marketplace
	w      *world
	points *faultpoint.Set
}

func newWorld(t *testing.T, stores storage.Stores) *world {
	t.Helper()
	w := &world{T: t, stores: stores, ids: uid.NewV7(nil), clock: clock.NewManual(time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC))}
	var err error
	w.bank, err = fakepay.Open(t.Context(), fakepay.Config{Plan: fakepay.Ask, Clock: w.clock})
	require.NoError(t, err)
	return w
}

// backends opens each kind of store, empty.
func backends() map[string]func(t *testing.T) storage.Stores {
	sql := func(t *testing.T, url string) storage.Stores {
		t.Helper()
		db, err := bunstore.Open(t.Context(), url, nil)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		require.NoError(t, db.Migrate(t.Context()))
		return db.Stores()
	}
	return map[string]func(t *testing.T) storage.Stores{
		"memory": func(*testing.T) storage.Stores { return memory.New().Stores() },
		"sqlite": func(t *testing.T) storage.Stores {
			t.Helper()
			return sql(t, "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
		},
		"postgres": func(t *testing.T) storage.Stores { t.Helper(); return sql(t, pgtest.URL(t)) },
	}
}

// start starts a process over the world; points may be nil.
func (w *world) start(points *faultpoint.Set) *shop {
	w.Helper()
	if points == nil {
		points = faultpoint.New()
	}
	gateway, ok := w.bank.Gateway().(faultpoint.Full)
	require.True(w, ok)
	m, err := commerce.New(commerce.Config{
		Stores: points.Stores(w.stores), Gateways: []payment.Gateway{points.Gateway(gateway)}, Clock: w.clock,
		Events: commerce.EventsConfig{Consumers: []outbox.Consumer{{
			Name: "test.mail", Topics: []string{"order"},
			React: points.Reaction(func(ctx context.Context, r event.Record) error {
				// Exactly once: a second run would find its mark.
				_, fresh, err := w.stores.Claims.Claim(ctx, "mail", r.ID, w.ids.New())
				if err == nil && !fresh {
					err = fault.New(fault.Internal, "test.twice", "the reaction took effect before").With("event", r.ID)
				}
				return err
			}),
		}}},
	})
	require.NoError(w, err)
	return &shop{m, w, points}
}

func staff() ref.Scope { return ref.Staff("ann") }

// fill gives the shop two merchants with one product each.
func (s *shop) fill(pieces ref.Quantity) {
	for sku, by := range goods() {
		require.NoError(s.w, s.offer(sku, by))
		require.NoError(s.w, s.receive(sku, pieces))
	}
	require.NoError(s.w, s.Drain(s.w.Context()))
}

func goods() map[ref.SKUID]ref.MerchantID {
	return map[ref.SKUID]ref.MerchantID{tea: "tea-house", cup: "pottery"}
}

// offer registers a merchant with a product, or finishes what it began.
func (s *shop) offer(sku ref.SKUID, by ref.MerchantID) error {
	ctx := s.w.Context()
	_, err := s.Merchants.Register(ctx, staff(), merchant.RegisterInput{ID: by, Name: string(by)})
	if err != nil && !errors.Is(err, fault.AlreadyExists) {
		return err
	}
	_, err = s.Catalog.CreateProduct(ctx, staff(), catalog.CreateInput{
		ID: ref.ProductID("of-" + by), Merchant: by, Publish: []ref.ChannelID{channel},
		ProductInput: catalog.ProductInput{
			Title: catalog.Text{ref.English: string(sku)}, SKUs: []catalog.SKUInput{{ID: sku, Code: string(sku)}},
		},
	})
	if err != nil && !errors.Is(err, fault.AlreadyExists) {
		return err
	}
	_, err = s.Prices.Set(ctx, staff(), []pricing.SetInput{{SKU: sku, Channel: channel, Unit: money.New(1250, "USD")}})
	return err
}

func (s *shop) receive(sku ref.SKUID, pieces ref.Quantity) error {
	return s.Stock.Receive(s.w.Context(), staff(), inventory.CountInput{
		Counts: []inventory.Count{{SKU: sku, Location: "main", Quantity: pieces}},
	})
}

// wish puts pieces into the buyer's cart, once, and returns the choice.
func (s *shop) wish(ctx context.Context, who ref.Scope, items ...cart.Item) (checkout.Choice, error) {
	c, err := s.Carts.Open(ctx, who, channel)
	if err != nil {
		return checkout.Choice{}, err
	}
	if len(c.Lines) == 0 { // the first try may have done it
		if c, err = s.Carts.Add(ctx, who, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: items}); err != nil {
			return checkout.Choice{}, err
		}
	}
	return checkout.Choice{Cart: c.ID, Gateway: "fakepay", ShipTo: home()}, nil
}

func home() address.Address {
	return address.Address{
		Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
		Line1: "1 Main St", PostalCode: "90001",
	}
}

// quote prices a choice.
func (s *shop) quote(ctx context.Context, who ref.Scope, choice checkout.Choice, key string) (checkout.PlaceInput, error) {
	q, err := s.Checkout.Quote(ctx, who, choice)
	if err == nil && !q.Ready {
		err = fault.New(fault.FailedPrecondition, "test.not_ready", fmt.Sprint(q.Problems))
	}
	return checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: key}, err
}

// work lets the workers of a sound process do what is due until nothing is.
func (w *world) work() {
	w.Helper()
	s := w.start(nil)
	for range 12 {
		_, err := w.bank.Deliver(w.Context(), func(ctx context.Context, raw payment.RawRequest) (payment.Reply, error) {
			return s.Payments.Notify(ctx, "fakepay", raw)
		})
		require.NoError(w, err)
		require.NoError(w, s.Drain(w.Context()))
		w.clock.Advance(7 * time.Minute)
	}
}

// sound requires that every invariant holds.
func (w *world) sound() {
	w.Helper()
	for v, err := range w.start(nil).Verify(w.Context()) {
		require.NoError(w, err)
		w.Errorf("violation: %+v", v)
	}
}

// terminal requires that nothing is under way, and that what the bank has is
// what the orders were paid.
func (w *world) terminal() {
	w.Helper()
	s, want := w.start(nil), int64(0)
	letters, err := w.stores.Letters.List(w.Context(), event.LetterQuery{}, page.Request{})
	require.NoError(w, err)
	require.Empty(w, letters.Items, "an event was set aside for good, or took effect twice")
	orders, err := s.Orders.List(w.Context(), ref.System(), order.Query{}, page.Request{Limit: page.MaxLimit})
	require.NoError(w, err)
	require.Empty(w, orders.Next)
	for _, o := range orders.Items {
		require.True(w, o.State.Final(), "order %s is %s", o.Number, o.State)
		if o.Payment != order.PaymentUnpaid {
			want += o.Total.Minor() - o.Refunded.Minor()
		}
	}
	require.Equal(w, want, w.bank.Net("USD"), "the bank has what the orders were paid")
	intents, err := s.Payments.List(w.Context(), ref.System(), payment.Query{}, page.Request{Limit: page.MaxLimit})
	require.NoError(w, err)
	for _, in := range intents.Items {
		require.Contains(w, []payment.IntentState{
			payment.IntentCaptured, payment.IntentPartiallyRefunded, payment.IntentRefunded, payment.IntentCanceled, payment.IntentFailed,
		}, in.State, "intent %s", in.Number)
	}
}

// again does a step as a client would: after an error once more, after a crash
// in the next process.
func again(s *shop, step func(s *shop) error) (*shop, error) {
	var err error
	for range 4 {
		if err = step(s); err == nil && !s.points.Crashed() {
			return s, nil
		}
		if s.points.Crashed() {
			s = s.w.start(nil)
			s.w.clock.Advance(time.Minute) // until somebody starts it again, and old leases are over
		}
		if errors.Is(err, fault.Conflict) || errors.Is(err, fault.Unavailable) {
			s.w.clock.Advance(3 * time.Second)
		}
	}
	return s, err
}
