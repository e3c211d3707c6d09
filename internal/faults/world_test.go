package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/internal/faultpoint"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/storage"
)

const (
	channel = commerce.DefaultChannel
	tea     = ref.SKUID("tea-100g")
	cup     = ref.SKUID("cup")
	stocked = 10 // pieces of each to begin with

	mailTries = 5 // until an event is a dead letter
)

func opening() time.Time { return time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC) }

func staff() ref.Scope { return ref.Staff("ann") }

// filled are the backends, whose shops begin with what fill gives them.
func filled() backendtest.List { return backendtest.All().Filled("faults", fill) }

// databases are those of them that are none in memory.
func databases() backendtest.List { return backendtest.SQL().Filled("faults", fill) }

func inMemory() backendtest.Backend { return backendtest.Memory().Filled("faults", fill) }

// fill gives a shop two merchants with one product each.
func fill(ctx context.Context, stores storage.Stores) error {
	m, err := commerce.New(commerce.Config{
		Stores: stores, Gateways: []payment.Gateway{fakepay.New().Gateway()}, Clock: clock.NewManual(opening()),
		Promotions: commerce.PromotionsConfig{Templates: []promo.Template{}}, Search: commerce.SearchConfig{Open: openBlank},
	})
	if err != nil {
		return err
	}
	for sku, by := range map[ref.SKUID]ref.MerchantID{tea: "tea-house", cup: "pottery"} {
		_, err = m.Merchants.Register(ctx, staff(), merchant.RegisterInput{ID: by, Name: string(by)})
		if err != nil {
			return err
		}
		_, err = m.Catalog.CreateProduct(ctx, staff(), catalog.CreateInput{
			ID: ref.ProductID("of-" + by), Merchant: by, Publish: []ref.ChannelID{channel},
			ProductInput: catalog.ProductInput{
				Title: catalog.Text{ref.English: string(sku)}, SKUs: []catalog.SKUInput{{ID: sku, Code: string(sku)}},
			},
		})
		if err != nil {
			return err
		}
		_, err = m.Prices.Set(ctx, staff(), []pricing.SetInput{{SKU: sku, Channel: channel, Unit: money.New(1250, "USD")}})
		if err != nil {
			return err
		}
		err = m.Stock.Receive(ctx, staff(), inventory.CountInput{Counts: []inventory.Count{{SKU: sku, Location: "main", Quantity: stocked}}})
		if err != nil {
			return err
		}
	}
	return m.Drain(ctx)
}

// world is what outlives a process of the shop: stores, bank, time and what
// goes wrong.
type world struct {
	*testing.T
	stores   storage.Stores
	bank     *fakepay.Bank
	clock    *clock.Manual
	ids      uid.Generator
	points   *faultpoint.Set
	keeper   *shop // a process in which nothing fails
	mailDown bool  // the mail server does not answer
	// way, if set, stands between the shop and the bank.
	way func(payment.Gateway) payment.Gateway
}

func newWorld(t *testing.T, stores storage.Stores) *world {
	t.Helper()
	w := &world{T: t, stores: stores, ids: uid.NewV7(nil), clock: clock.NewManual(opening()), points: faultpoint.New()}
	var err error
	w.bank, err = fakepay.Open(t.Context(), fakepay.Config{Plan: fakepay.Ask, Clock: w.clock})
	require.NoError(t, err)
	return w
}

// shop is one process.
type shop struct {
	*commerce.Marketplace
	w       *world
	process *faultpoint.Process
	stores  storage.Stores
}

// start starts a process in which the points are armed.
func (w *world) start() *shop { return w.run(w.points.Start()) }

// sound returns a process in which nothing fails.
func (w *world) sound() *shop {
	w.Helper()
	if w.keeper == nil {
		w.keeper = w.run(faultpoint.New().Start())
	}
	return w.keeper
}

func (w *world) run(p *faultpoint.Process) *shop {
	w.Helper()
	full, ok := w.bank.Gateway().(faultpoint.Full)
	require.True(w, ok)
	var gateway payment.Gateway = p.Gateway(full)
	if w.way != nil {
		gateway = w.way(gateway)
	}
	stores := p.Stores(w.stores)
	m, err := commerce.New(commerce.Config{
		Stores: stores, Gateways: []payment.Gateway{gateway}, Clock: w.clock, Coupons: couponKeys(),
		Promotions: commerce.PromotionsConfig{Templates: []promo.Template{}}, // nobody stamps anything
		Search:     commerce.SearchConfig{Open: openBlank},
		Events: commerce.EventsConfig{Consumers: []outbox.Consumer{{
			Name: "test.mail", Topics: []string{order.Topic, merchant.Topic}, React: p.Reaction(w.mail),
			Retry: &outbox.Retry{Min: time.Second, Max: time.Minute, Tries: mailTries},
		}}},
	})
	require.NoError(w, err)
	return &shop{m, w, p, stores}
}

var errMailDown = fault.New(fault.Unavailable, "test.mail", "the mail server does not answer")

// mail takes effect in the unit that moves the cursor; a second run of one
// record would find the mark of the first.
func (w *world) mail(ctx context.Context, r event.Record) error {
	if w.mailDown {
		return errMailDown
	}
	_, fresh, err := w.stores.Claims.Claim(ctx, "mail", r.ID, w.ids.New())
	if err == nil && !fresh {
		err = fault.New(fault.Internal, "test.twice", "the reaction took effect before").With("event", r.ID)
	}
	return err
}

// notices lets the bank send what it has to say.
func (s *shop) notices() error {
	_, err := s.w.bank.Deliver(s.w.Context(), func(ctx context.Context, raw payment.RawRequest) (payment.Reply, error) {
		return s.Payments.Notify(ctx, "fakepay", raw)
	})
	return err
}

// maxRest bounds how many rounds a shop may take to come to rest.
const maxRest = 16

// rest lets the workers of a sound process do what is due, as time goes by,
// until nothing is under way. The time bounds how long a fault may be felt.
func (w *world) rest() {
	w.Helper()
	s := w.sound()
	for range maxRest {
		w.clock.Advance(5 * time.Minute)
		require.NoError(w, s.notices())
		require.NoError(w, s.Drain(w.Context()))
		if w.idle(s) {
			return
		}
	}
	w.Error("the shop never comes to rest")
}

// idle reports whether nothing is under way: no order, no payment, no event.
func (w *world) idle(s *shop) bool {
	w.Helper()
	intents, err := s.Payments.List(w.Context(), ref.System(), payment.Query{}, page.Request{Limit: page.MaxLimit})
	require.NoError(w, err)
	for i := range intents.Items {
		if !intents.Items[i].NextAt.IsZero() {
			return false
		}
	}
	orders, err := s.Orders.List(w.Context(), ref.System(), order.Query{}, page.Request{Limit: page.MaxLimit})
	require.NoError(w, err)
	for i := range orders.Items {
		if !orders.Items[i].State.Final() {
			return false
		}
	}
	pending, err := w.stores.Events.Pending(w.Context())
	require.NoError(w, err)
	if len(pending) > 0 {
		return false
	}
	letters, err := s.Events.Letters(w.Context(), event.LetterQuery{}, page.Request{})
	require.NoError(w, err)
	if len(letters.Items) > 0 {
		return false
	}
	lag, err := s.Events.Lag(w.Context())
	require.NoError(w, err)
	for _, l := range lag {
		if l.Records > 0 {
			return false
		}
	}
	return w.bank.Pending() == 0
}

// verified requires that every invariant holds.
func (w *world) verified() {
	w.Helper()
	for v, err := range w.sound().Verify(w.Context()) {
		require.NoError(w, err)
		w.Errorf("violation: %+v", v)
	}
}
