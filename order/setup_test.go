package order_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const (
	teaHouse = ref.MerchantID("tea-house")
	potter   = ref.MerchantID("potter")
	rival    = ref.MerchantID("rival")
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

// exclusive is a price without tax at 20 %.
func exclusive(list int64) order.Amounts {
	return order.Amounts{
		List: usd(list), Discount: usd(0), Net: usd(list), Tax: usd(list / 5), Gross: usd(list + list/5), RatePPM: 200_000,
	}
}

func newLine(id string, unit int64, n ref.Quantity) order.Line {
	return order.Line{
		ID: order.LineID(id), SKU: ref.SKUID("sku-" + id), Product: "p-1", Code: "TEA", Title: "Tea",
		Quantity: n, UnitPrice: usd(unit), Amounts: exclusive(unit * int64(n)),
	}
}

// placeInput is a group of two merchants: 2 x 10.00 + 5.00 delivery and
// 1 x 30.00 with 3.00 off, 20 % tax on top.
func placeInput(id string) order.PlaceInput {
	less := newLine("b1", 3_000, 1)
	less.Amounts = order.Amounts{
		List: usd(3_000), Discount: usd(300), Net: usd(2_700), Tax: usd(540), Gross: usd(3_240), RatePPM: 200_000,
		Adjustments: []order.Adjustment{{
			Promotion: "spring", Version: 2, Amount: usd(300),
			Bearers: []order.Bearer{{Party: "platform", Amount: usd(100)}, {Party: "merchant:potter", Amount: usd(200)}},
		}},
	}
	return order.PlaceInput{
		ID: order.GroupID(id), Member: "ann", Channel: "en", Currency: "USD", Locale: "en-US", Source: "web",
		Cart: ref.CartID("cart-" + id), CartVersion: 3, Quote: "hash", Intent: ref.IntentID("pay-" + id),
		PayBy: noon.Add(30 * time.Minute),
		Orders: []order.PartInput{
			{
				ID: order.ID(id + "-a"), Merchant: teaHouse, Lines: []order.Line{newLine("a1", 1_000, 2)},
				Shipping: order.Shipping{Method: "standard", Label: "shipping.standard", Amounts: exclusive(500)},
			},
			{
				ID: order.ID(id + "-b"), Merchant: potter, Lines: []order.Line{less},
				Shipping: order.Shipping{Amounts: exclusive(0)},
			},
		},
	}
}

func newGroup(t *testing.T) order.Group {
	t.Helper()
	g, _, err := order.New(placeInput("g1"), order.Cause{At: noon, By: "member:ann"})
	require.NoError(t, err)
	return g
}

// recorder notes the events of units that were committed or not.
type recorder struct {
	mu      sync.Mutex
	records []event.Record
}

func (r *recorder) Append(_ context.Context, records ...event.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range records {
		if err := rec.Validate(); err != nil {
			return err
		}
	}
	r.records = append(r.records, records...)
	return nil
}

// take returns the names noted since the last call.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, rec := range r.records {
		names = append(names, rec.Name)
	}
	r.records = nil
	return names
}

type shop struct {
	*order.Service
	book   *order.Book
	stores storage.Stores
	clock  *clock.Manual
	log    *recorder
}

func setup(t *testing.T) shop {
	t.Helper()
	s := shop{stores: memory.New().Stores(), clock: clock.NewManual(noon), log: &recorder{}}
	var err error
	s.book, err = order.NewBook(order.BookConfig{
		Store: s.stores.Orders, Personal: s.stores.OrderPersonals, Claims: s.stores.Claims, Events: s.log,
	})
	require.NoError(t, err)
	s.Service, err = order.NewService(order.Config{
		Store: s.stores.Orders, Personal: s.stores.OrderPersonals, Book: s.book, Units: s.stores.Units,
		Clock: s.clock, IDs: uid.NewSequence("note"),
	})
	require.NoError(t, err)
	return s
}

func home() address.Address {
	return address.Address{
		Name: "Ann Smith", Phone: "+12125550123", Country: "US", Region: "NY", City: "New York",
		Line1: "1 Main Street", PostalCode: "10001",
	}
}

// place stores a group; pay also pays it.
func (s shop) place(t *testing.T, in order.PlaceInput) order.Group {
	t.Helper()
	g, entries, err := order.New(in, order.Cause{At: s.clock.Now(), By: "member:ann"})
	require.NoError(t, err)
	require.NoError(t, s.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		return s.book.Place(ctx, &g, entries, order.Personal{ShipTo: home(), BillTo: home(), Email: "ann@example.com"})
	}))
	return g
}

func (s shop) pay(t *testing.T, g *order.Group) {
	t.Helper()
	require.NoError(t, s.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		orders, err := g.Select()
		if err != nil {
			return err
		}
		var entries []order.Entry
		for _, o := range orders {
			e, err := o.Pay(order.Cause{At: s.clock.Now(), By: "system"})
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return s.book.Record(ctx, g, orders, entries)
	}))
}

func target(g *order.Group, i int) order.Target {
	return order.Target{Group: g.ID, Order: g.Orders[i].ID}
}
