package commerce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// counter is a shop with everything that bad input could damage.
type counter struct {
	*testing.T
	*commerce.Marketplace
	cfg    commerce.Config
	clock  *clock.Manual
	bank   *fakepay.Bank
	bo     ref.Scope
	eve    ref.Scope
	home   member.Entry // bo's
	choice checkout.Choice
	eves   checkout.Choice
	quote  checkout.Quote // of bo's choice
}

func newCounter(t *testing.T, cfg commerce.Config) *counter {
	t.Helper()
	c := &counter{T: t, clock: clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))}
	var err error
	c.bank, err = fakepay.Open(t.Context(), fakepay.Config{Clock: c.clock})
	require.NoError(t, err)
	cfg.Clock, cfg.Gateways, cfg.Cart.MaxQuantity = c.clock, []payment.Gateway{c.bank.Gateway()}, 4
	c.cfg = cfg
	c.Marketplace, err = commerce.New(cfg)
	require.NoError(t, err)
	stock(t, c.Marketplace)
	people := map[string]*ref.Scope{"bo": &c.bo, "eve": &c.eve}
	for name, scope := range people {
		m, err := c.Members.Register(t.Context(), staff(), member.RegisterInput{Email: name + "@example.com", Name: name})
		require.NoError(t, err)
		*scope = ref.Member(m.ID)
	}
	c.choice, c.quote = fill(t, c.Marketplace, c.bo, 2)
	c.eves, _ = fill(t, c.Marketplace, c.eve, 1)
	c.home, err = c.Members.AddAddress(t.Context(), c.bo, member.AddressInput{Member: c.bo.Member(), Address: c.choice.ShipTo})
	require.NoError(t, err)
	return c
}

// kept is all that is stored of carts, orders, payments, refunds, stock and
// addresses, how long the log of events is, and how many keys of calls are taken.
func (c *counter) kept() string {
	c.Helper()
	all := page.Request{Limit: page.MaxLimit}
	carts, err := c.cfg.Stores.Carts.List(c.Context(), cart.Query{}, all)
	require.NoError(c, err)
	orders, err := c.Orders.List(c.Context(), staff(), order.Query{}, all)
	require.NoError(c, err)
	payments, err := c.Payments.List(c.Context(), staff(), payment.Query{}, all)
	require.NoError(c, err)
	ledger, err := c.Stock.Ledger(c.Context(), staff(), inventory.LedgerQuery{}, all)
	require.NoError(c, err)
	book, err := c.Members.Addresses(c.Context(), c.bo, c.bo.Member())
	require.NoError(c, err)
	var refunds []payment.Refund
	for _, in := range payments.Items {
		of, err := c.Payments.RefundsOf(c.Context(), staff(), in.ID)
		require.NoError(c, err)
		refunds = append(refunds, of...)
	}
	text, err := json.Marshal([]any{
		carts.Items, orders.Items, payments.Items, refunds, ledger.Items, book, len(c.bank.Payments()), c.events(),
		c.calls(),
	})
	require.NoError(c, err)
	return string(text)
}

// events is how many events were ever written, by shard: all that wait get
// their positions first.
func (c *counter) events() string {
	c.Helper()
	require.NoError(c, c.Events.Drain(c.Context()))
	heads, err := c.cfg.Stores.Events.Heads(c.Context())
	require.NoError(c, err)
	return fmt.Sprint(heads) // maps are printed in the order of their keys
}

var errCounted = errors.New("they were only counted")

// calls is how many keys of calls are taken: as many as a unit could purge that
// is rolled back.
func (c *counter) calls() (n int) {
	c.Helper()
	err := c.cfg.Stores.Units.Do(c.Context(), func(ctx context.Context) (err error) {
		if n, err = c.cfg.Stores.Idempotency.Purge(ctx, c.clock.Now().AddDate(1, 0, 0), 1000); err != nil {
			return err
		}
		return errCounted
	})
	require.ErrorIs(c, err, errCounted)
	return n
}

func (c *counter) add(items ...cart.Item) error {
	_, err := c.Carts.Add(c.Context(), c.bo, cart.AddInput{Target: cart.Target{Cart: c.choice.Cart}, Items: items})
	return err
}

func (c *counter) change(who ref.Scope, line cart.LineID, n ref.Quantity) error {
	_, err := c.Carts.Change(c.Context(), who, cart.ChangeInput{
		Target: cart.Target{Cart: c.choice.Cart}, Line: line, Quantity: n,
	})
	return err
}

func (c *counter) place(who ref.Scope, change func(in *checkout.PlaceInput)) error {
	in := checkout.PlaceInput{Choice: c.choice, Quote: c.quote.ID, Key: "k"}
	change(&in)
	_, err := c.Checkout.Place(c.Context(), who, in)
	return err
}

// line is the id of the one line in bo's cart.
func (c *counter) line() cart.LineID {
	c.Helper()
	got, err := c.Carts.Get(c.Context(), c.bo, c.choice.Cart)
	require.NoError(c, err)
	return got.Lines[0].ID
}

type badInput struct {
	name string
	kind fault.Kind
	code string
	path string // of the field that is wrong, where one is
	do   func(c *counter) error
}

func badInputs() []badInput {
	huge, broken := strings.Repeat("x", 10<<20), "\xff\xfe"
	placing := func(change func(in *checkout.PlaceInput)) func(c *counter) error {
		return func(c *counter) error { return c.place(c.bo, change) }
	}
	adding := func(it cart.Item) func(c *counter) error { return func(c *counter) error { return c.add(it) } }
	home := func(change func(a *address.Address)) func(c *counter) error {
		return func(c *counter) error {
			a := c.choice.ShipTo
			change(&a)
			_, err := c.Members.AddAddress(c.Context(), c.bo, member.AddressInput{Member: c.bo.Member(), Address: a})
			return err
		}
	}
	return []badInput{
		{"an unknown SKU", fault.Invalid, "cart.items", "items[0].sku", adding(cart.Item{SKU: "none", Quantity: 1})},
		{"no SKU", fault.Invalid, "cart.items", "items[0].sku", adding(cart.Item{Quantity: 1})},
		{"a good SKU beside an unknown one", fault.Invalid, "cart.items", "items[1].sku", func(c *counter) error {
			return c.add(cart.Item{SKU: "tea-100g", Quantity: 1}, cart.Item{SKU: "none", Quantity: 1})
		}},
		{"a SKU of broken UTF-8", fault.Invalid, "cart.items", "items[0].sku", adding(cart.Item{SKU: ref.SKUID(broken), Quantity: 1})},
		{"a SKU of 10 MB", fault.Invalid, "cart.items", "items[0].sku", adding(cart.Item{SKU: ref.SKUID(huge), Quantity: 1})},
		{"a tag of 10 MB", fault.Invalid, "cart.items", "items[0].tag", adding(cart.Item{SKU: "tea-100g", Quantity: 1, Tag: huge})},
		{"no pieces", fault.Invalid, "cart.items", "items[0].quantity", adding(cart.Item{SKU: "tea-100g"})},
		{"fewer than no pieces", fault.Invalid, "cart.items", "items[0].quantity", adding(cart.Item{SKU: "tea-100g", Quantity: -1})},
		{"more pieces than there are numbers", fault.Invalid, "cart.items", "items[0].quantity", adding(cart.Item{SKU: "tea-100g", Quantity: 1 << 62})},
		{"more pieces than the cap", fault.Exhausted, "cart.quantity_cap", "", adding(cart.Item{SKU: "tea-100g", Quantity: 3})},
		{"a line of fewer than no pieces", fault.Invalid, "cart.items", "quantity", func(c *counter) error { return c.change(c.bo, c.line(), -1) }},
		{"a line above the cap", fault.Exhausted, "cart.quantity_cap", "", func(c *counter) error { return c.change(c.bo, c.line(), 5) }},
		{"an unknown line", fault.NotFound, "cart.line_not_found", "", func(c *counter) error { return c.change(c.bo, "none", 1) }},
		{"a foreign cart's line", fault.NotFound, "cart.not_found", "", func(c *counter) error { return c.change(c.eve, c.line(), 1) }},
		{"a foreign cart to quote", fault.NotFound, "cart.not_found", "", func(c *counter) error {
			_, err := c.Checkout.Quote(c.Context(), c.eve, c.choice)
			return err
		}},
		{"a foreign cart to order", fault.NotFound, "cart.not_found", "", func(c *counter) error {
			return c.place(c.eve, func(*checkout.PlaceInput) {})
		}},
		{"a cart that no store could keep", fault.NotFound, "cart.not_found", "", placing(func(in *checkout.PlaceInput) { in.Cart = "\x00" })},
		{"a foreign address", fault.NotFound, "member.not_found", "", func(c *counter) error {
			_, err := c.Members.Address(c.Context(), c.eve, c.bo.Member(), c.home.ID)
			return err
		}},
		{"another's address as the own", fault.NotFound, "member.address_not_found", "", func(c *counter) error {
			_, err := c.Members.ChangeAddress(c.Context(), c.eve, member.AddressInput{
				Member: c.eve.Member(), ID: c.home.ID, Address: c.choice.ShipTo,
			})
			return err
		}},
		{"a foreign address to remove", fault.NotFound, "member.not_found", "", func(c *counter) error {
			return c.Members.RemoveAddress(c.Context(), c.eve, c.bo.Member(), c.home.ID)
		}},
		{"an address without a street", fault.Invalid, "member.address", "address.line1", home(func(a *address.Address) { a.Line1 = "" })},
		{"an address of broken UTF-8", fault.Invalid, "member.address", "address.city", home(func(a *address.Address) { a.City = broken })},
		{"an address of 10 MB", fault.Invalid, "member.address", "address.name", home(func(a *address.Address) { a.Name = huge })},
		{"an address on no telephone", fault.Invalid, "member.address", "address.phone", home(func(a *address.Address) { a.Phone = "call me" })},
		{"an order to no street", fault.Invalid, "checkout.invalid", "ship_to.line1", placing(func(in *checkout.PlaceInput) { in.ShipTo.Line1 = "" })},
		{"an order with a remark of 10 MB", fault.Invalid, "checkout.invalid", "remark", placing(func(in *checkout.PlaceInput) { in.Remark = huge })},
		{"an order with a remark of broken UTF-8", fault.Invalid, "checkout.invalid", "remark", placing(func(in *checkout.PlaceInput) { in.Remark = broken })},
		{"an order by no way to pay", fault.Invalid, "checkout.not_ready", "gateway", placing(func(in *checkout.PlaceInput) { in.Gateway = "none" })},
		{"no key", fault.Invalid, "checkout.invalid", "key", placing(func(in *checkout.PlaceInput) { in.Key = "" })},
		{"a key of 10 MB", fault.Invalid, "checkout.invalid", "key", placing(func(in *checkout.PlaceInput) { in.Key = huge })},
		{"a key of broken UTF-8", fault.Invalid, "checkout.invalid", "key", placing(func(in *checkout.PlaceInput) { in.Key = broken })},
		{"no quote, for no way to pay was chosen", fault.Invalid, "checkout.not_ready", "gateway", placing(func(in *checkout.PlaceInput) { in.Quote, in.Gateway = "", "" })},
		{"no quote", fault.Invalid, "checkout.invalid", "quote", placing(func(in *checkout.PlaceInput) { in.Quote = "" })},
		{"a quote of 10 MB", fault.Invalid, "checkout.invalid", "quote", placing(func(in *checkout.PlaceInput) { in.Quote = huge })},
		{"another's quote", fault.Conflict, "checkout.quote_changed", "", func(c *counter) error {
			q, err := c.Checkout.Quote(c.Context(), c.eve, c.eves)
			require.NoError(c, err)
			return c.place(c.bo, func(in *checkout.PlaceInput) { in.Quote = q.ID })
		}},
		{"an expired quote", fault.Conflict, "checkout.quote_expired", "", func(c *counter) error {
			c.clock.Advance(15 * time.Minute)
			return c.place(c.bo, func(*checkout.PlaceInput) {})
		}},
	}
}

func TestBadInputIsRefusedAndWritesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, cfg commerce.Config) {
		t.Helper()
		c := newCounter(t, cfg)
		before := c.kept()
		for _, bad := range badInputs() {
			err := bad.do(c)
			require.ErrorIs(t, err, bad.kind, bad.name)
			require.Equal(t, bad.code, fault.CodeOf(err), bad.name)
			var f *fault.Fault
			require.ErrorAs(t, err, &f, bad.name)
			var paths []string
			for _, field := range f.Fields {
				paths = append(paths, field.Path)
			}
			if bad.path == "" {
				require.Empty(t, paths, bad.name)
			} else {
				require.Equal(t, []string{bad.path}, paths, bad.name)
			}
			require.Less(t, len(err.Error()), 1000, bad.name)
			require.Equal(t, before, c.kept(), bad.name)
		}
		c.submitTwice()
		require.Empty(t, verify(t, c.Marketplace))
	})
}

// submitTwice orders with the key that every refused call had, and again, and
// with another.
func (c *counter) submitTwice() {
	c.Helper()
	q, err := c.Checkout.Quote(c.Context(), c.bo, c.choice)
	require.NoError(c, err)
	in := checkout.PlaceInput{Choice: c.choice, Quote: q.ID, Key: "k"}
	first, err := c.Checkout.Place(c.Context(), c.bo, in)
	require.NoError(c, err)
	require.False(c, first.Replayed)
	require.Equal(c, 1, c.calls())
	again := func(key string) {
		in.Key = key
		again, err := c.Checkout.Place(c.Context(), c.bo, in)
		require.NoError(c, err)
		require.True(c, again.Replayed)
		require.Equal(c, first.Group.ID, again.Group.ID)
	}
	again("another") // which is remembered, too
	require.Equal(c, 2, c.calls())
	before, log := c.kept(), c.events()
	again("k")
	again("another")
	require.Equal(c, before, c.kept())
	require.NotEqual(c, "map[]", log, "what was ordered is in the log")
	require.Len(c, c.bank.Payments(), 1)
}
