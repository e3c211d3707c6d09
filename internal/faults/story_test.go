package faults_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/faultpoint"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

// step is what somebody does with a shop. It is tried again after an error and
// after a crash, the way a client does: with the same keys, or after a look at
// what is there.
type step func(s *shop) error

// story is what happens in a shop, from its opening on.
type story struct {
	name  string
	slow  bool // passwords are hashed in it
	steps func(ctx context.Context) []step
}

func (y story) String() string { return y.name }

// stories are all there are, the purchase first: a point is tested in the
// first one that passes it.
func stories() []story {
	return []story{
		{name: "purchase", steps: purchase},
		{name: "upkeep", steps: upkeep},
		{name: "promotions", steps: promotions},
		{name: "coupons", steps: coupons},
		{name: "shelves", steps: shelves},
		{name: "searches", steps: searches},
		{name: "members", slow: true, steps: members},
		{name: "employees", slow: true, steps: employees},
	}
}

// wound is one fault of a run.
type wound struct {
	point  string
	n      int
	effect faultpoint.Effect
}

func (x wound) String() string { return fmt.Sprintf("%s/%d/%s", x.point, x.n, x.effect) }

// rehearse runs a story without faults. It returns how often each point is
// passed, and how it ends.
func rehearse(t *testing.T, stores storage.Stores, y story) (map[string]int, outcome) {
	t.Helper()
	w := newWorld(t, stores)
	w.play(y)
	w.rest()
	w.verified()
	return w.points.Hits(), w.outcome()
}

// suffer runs a story with faults and requires that the shop recovers: that
// nothing is under way, every invariant holds, and that it all came as if
// nothing had happened. It returns the points whose fault did not happen
// because an earlier one changed the way.
func suffer(t *testing.T, stores storage.Stores, y story, want outcome, wounds ...wound) []string {
	t.Helper()
	w := newWorld(t, stores)
	w.points.OnDelay = func() { w.clock.Advance(2 * time.Minute) }
	var points []string
	for _, x := range wounds {
		require.NoError(t, w.points.Arm(x.point, x.n, x.effect))
		points = append(points, x.point)
	}
	w.play(y)
	w.rest()
	w.verified()
	require.Equal(t, want, w.outcome())
	fired := w.points.Fired()
	return slices.DeleteFunc(points, func(p string) bool { return slices.Contains(fired, p) })
}

// play takes a story to its end, in as many processes as it takes.
func (w *world) play(y story) {
	w.Helper()
	s := w.start()
	for i, step := range y.steps(w.Context()) {
		var err error
		for range 2 * inOneRun {
			fired := len(w.points.Fired())
			err = step(s)
			crashed := s.process.Crashed()
			if err == nil && !crashed {
				break
			}
			require.True(w, crashed || transient(err), "%s, step %d: a client cannot know that it may try again: %+v", y, i, err)
			require.True(w, crashed || len(w.points.Fired()) > fired || errors.Is(err, fault.Conflict) || errors.Is(err, fault.Unavailable),
				"%s, step %d failed without a fault: %+v", y, i, err)
			if crashed {
				s = w.start()
				w.clock.Advance(time.Minute) // until it runs again; the leases of the dead are over
			} else {
				w.clock.Advance(soon)
			}
		}
		require.NoError(w, err, "%s, step %d", y, i)
	}
}

// transient reports whether a client can tell from an error that the same call
// again may succeed.
func transient(err error) bool {
	return errors.Is(err, fault.Unavailable) || errors.Is(err, fault.Indeterminate) || errors.Is(err, fault.Conflict)
}

// outcome is what a story leaves behind, without ids and times.
type outcome struct {
	Orders    []string
	Stock     map[ref.SKUID]string
	Bank      string
	Refunds   []string
	Cases     []string
	Announced map[string]int // events of orders, by name
	Members   []string
	Employees []string
	Catalogue []string
	Offers    []string
	Coupons   []string
}

func (w *world) outcome() outcome {
	w.Helper()
	ctx, s, every := w.Context(), w.sound(), page.Request{Limit: page.MaxLimit}
	out := outcome{Stock: map[ref.SKUID]string{}, Announced: map[string]int{}}
	var kept int64 // of what buyers paid

	orders, err := s.Orders.List(ctx, ref.System(), order.Query{}, every)
	require.NoError(w, err)
	for _, o := range orders.Items {
		out.Orders = append(out.Orders, fmt.Sprintf("%s%s %s: %s %s %s-%s", o.Member, o.Guest, o.Merchant, o.State, o.Payment, o.Total, o.Refunded))
		require.True(w, o.State.Final(), "order %s is %s", o.Number, o.State)
		if o.Payment != order.PaymentUnpaid {
			kept += o.Total.Minor() - o.Refunded.Minor()
		}
	}
	slices.Sort(out.Orders)

	intents, err := s.Payments.List(ctx, ref.System(), payment.Query{}, every)
	require.NoError(w, err)
	for i := range intents.Items {
		in := &intents.Items[i]
		require.True(w, in.State.Paid() || !in.State.Alive(), "intent %s is %s", in.Number, in.State)
		refunds, err := s.Payments.RefundsOf(ctx, ref.System(), in.ID)
		require.NoError(w, err)
		for _, r := range refunds {
			out.Refunds = append(out.Refunds, fmt.Sprintf("%s %s %s", r.Reason, r.Amount, r.State))
		}
	}
	slices.Sort(out.Refunds)
	require.Equal(w, kept, w.bank.Net("USD"), "the bank has what the orders were paid")
	var taken int64
	for _, p := range w.bank.Payments() {
		taken += p.Taken
	}
	out.Bank = fmt.Sprintf("%d taken, %d given back", taken, len(w.bank.Refunds()))

	levels, err := s.Stock.Levels(ctx, ref.System(), []ref.SKUID{tea, cup})
	require.NoError(w, err)
	for _, l := range levels {
		out.Stock[l.SKU] = fmt.Sprintf("%d on hand, %d promised", l.OnHand, l.Reserved)
	}

	cases, err := s.Payments.Cases(ctx, ref.System(), payment.CaseQuery{}, every)
	require.NoError(w, err)
	for _, c := range cases.Items {
		out.Cases = append(out.Cases, fmt.Sprintf("%s %s", c.Reason, c.State))
	}
	for shard := range event.Shards {
		records, err := w.stores.Events.Read(ctx, event.ShardKey{Topic: order.Topic, Shard: shard}, 0, 1000)
		require.NoError(w, err)
		for _, r := range records {
			out.Announced[r.Name]++
			_, err := w.stores.Claims.Holder(ctx, "mail", r.ID)
			require.NoError(w, err, "%s took effect", r.Name)
		}
	}
	w.people(s, &out)
	w.goods(s, &out)
	w.offers(s, &out)
	w.given(s, &out)
	return out
}

func (w *world) people(s *shop, out *outcome) {
	w.Helper()
	all, err := s.Members.List(w.Context(), ref.System(), member.Query{}, page.Request{})
	require.NoError(w, err)
	for _, m := range all.Items {
		book, err := s.Members.Addresses(w.Context(), ref.System(), m.ID)
		require.NoError(w, err)
		out.Members = append(out.Members, fmt.Sprintf("%s: %s, %d addresses", m.Name, m.State, len(book.Entries)))
	}
	employees, err := s.Staff.List(w.Context(), ref.System(), page.Request{})
	require.NoError(w, err)
	for _, e := range employees.Items {
		out.Employees = append(out.Employees, fmt.Sprintf("%s: %s %v", e.Login, e.State, e.Roles))
	}
}

func (w *world) goods(s *shop, out *outcome) {
	w.Helper()
	ctx := w.Context()
	note := func(format string, args ...any) { out.Catalogue = append(out.Catalogue, fmt.Sprintf(format, args...)) }
	products, err := s.Catalog.Products(ctx, ref.System(), catalog.ProductQuery{}, page.Request{})
	require.NoError(w, err)
	for _, p := range products.Items {
		note("product %s: %s, brand %q, category %q", p.ID, p.Title.In(ref.English), p.Brand, p.Category)
	}
	tree, err := s.Catalog.CategoryTree(ctx, "", 9)
	require.NoError(w, err)
	for _, n := range tree {
		note("category %s below %q, %d below it", n.ID, n.Parent, len(n.Children))
	}
	brands, err := s.Catalog.Brands(ctx, page.Request{})
	require.NoError(w, err)
	for _, b := range brands.Items {
		note("brand %s: %s", b.ID, b.Name.In(ref.English))
	}
	prices, err := s.Prices.List(ctx, ref.System(), pricing.Query{Channel: channel}, page.Request{})
	require.NoError(w, err)
	for _, p := range prices.Items {
		note("price of %s: %s", p.SKU, p.Unit)
	}
	merchants, err := s.Merchants.List(ctx, ref.System(), merchant.Query{}, page.Request{})
	require.NoError(w, err)
	for _, m := range merchants.Items {
		note("merchant %s is %s", m.ID, m.State)
	}
	slices.Sort(out.Catalogue)
}

// received tells from the stock ledger whether a delivery was entered.
func (s *shop) received(sku ref.SKUID, document string) (bool, error) {
	p, err := s.Stock.Ledger(s.w.Context(), staff(), inventory.LedgerQuery{SKU: sku}, page.Request{})
	return slices.ContainsFunc(p.Items, func(m inventory.Movement) bool { return m.Ref == document }), err
}
