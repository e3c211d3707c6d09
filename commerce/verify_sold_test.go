package commerce_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
)

// sold is a shop that sold something, and what it sold.
type sold struct {
	*testing.T
	m      *commerce.Marketplace
	db     *bunstore.DB
	stores storage.Stores
	bank   *fakepay.Bank
	group  order.Group
	order  *order.Order
	intent payment.Intent
	last   payment.Attempt // of intent
}

// sell opens a shop whose bank treats payments in turn as planned, and buys.
func sell(t *testing.T, trouble fakepay.Trouble, plans ...fakepay.Plan) *sold {
	t.Helper()
	db := backendtest.SQLite().DB(t, nil)
	s := &sold{T: t, db: db, stores: db.Stores(), bank: fakepay.New()}
	s.bank.Plan(plans...)
	if trouble != "" {
		s.bank.Trouble(fakepay.CallPay, trouble)
	}
	var err error
	s.m, err = commerce.New(commerce.Config{Stores: s.stores, Gateways: []payment.Gateway{s.bank.Gateway()}})
	require.NoError(t, err)
	stock(t, s.m)
	s.group = buy(t, s.m, ref.Guest("g"), 1).Group
	require.NoError(t, s.m.Events.Drain(t.Context()))
	s.look()
	return s
}

func (s *sold) look() {
	s.Helper()
	var err error
	s.group, err = s.m.Orders.Get(s.Context(), staff(), s.group.ID)
	require.NoError(s, err)
	s.order = &s.group.Orders[0]
	s.intent, err = s.m.Payments.Get(s.Context(), staff(), s.group.Intent)
	require.NoError(s, err)
	s.last, _ = s.intent.Last()
}

// pay stores the intent as fn leaves it, with a history that tells of it.
func (s *sold) pay(history []payment.Event, fn func(in *payment.Intent)) {
	s.Helper()
	fn(&s.intent)
	for i := range history {
		e := &history[i]
		e.ID, e.Intent, e.Version = payment.EventID("planted-"+strconv.Itoa(i)), s.intent.ID, s.intent.Version+1
		e.Kind, e.Amount, e.At = payment.EventMoved, s.intent.Payable, s.intent.UpdatedAt
	}
	require.NoError(s, s.stores.Payments.Update(s.Context(), &s.intent, history...))
	records, err := payment.Announced(history, nil)
	require.NoError(s, err)
	s.announce(records...)
}

// step stores the order as fn leaves it, with the entry for it.
func (s *sold) step(fn func(order.Cause) (order.Entry, error)) {
	s.Helper()
	e, err := fn(order.Cause{At: s.order.UpdatedAt, By: "system"})
	require.NoError(s, err)
	require.NoError(s, s.stores.Orders.Update(s.Context(), []*order.Order{s.order}, []order.Entry{e}))
	records, err := order.Announced(&s.group, []order.Entry{e})
	require.NoError(s, err)
	s.announce(records[1:]...) // that it was placed is known
}

func (s *sold) unit(fn func(ctx context.Context) error) {
	s.Helper()
	require.NoError(s, s.stores.Units.Do(s.Context(), fn))
}

func (s *sold) settle(to inventory.State) {
	s.Helper()
	s.unit(func(ctx context.Context) error {
		_, err := s.stores.Inventory.Settle(ctx, []string{string(s.order.ID)}, to, s.order.UpdatedAt)
		return err
	})
}

// redeem uses a promotion of which there is one use.
func (s *sold) redeem() {
	s.Helper()
	s.unit(func(ctx context.Context) error {
		return s.stores.PromoUses.Redeem(ctx, []campaign.Redemption{{
			Group: s.group.ID, Promotion: "p", Version: 1, Amount: money.Zero("USD"), Limits: promo.Limits{Uses: 1},
			State: campaign.Held, At: s.group.PlacedAt,
		}})
	})
	require.Empty(s, verify(s.T, s.m))
}

// give gives a member a coupon of a template "t" that is bounded.
func (s *sold) give() {
	s.Helper()
	at := s.group.PlacedAt
	require.NoError(s, s.stores.CouponTemplates.Insert(s.Context(), &coupon.Template{
		ID: "t", State: coupon.Active, CreatedAt: at, UpdatedAt: at,
		Terms: coupon.Terms{Promotion: "p", Name: "Five off", Way: coupon.ByHand, Total: 3, PerMember: 2},
	}))
	_, err := s.m.Coupons.Issue(s.Context(), ref.System(), coupon.IssueInput{Template: "t", Members: []ref.MemberID{"di"}})
	require.NoError(s, err)
	require.Empty(s, verify(s.T, s.m))
}

// tie gives a member a coupon that the group holds, and returns it.
func (s *sold) tie() string {
	s.Helper()
	s.give()
	found, err := s.m.Coupons.List(s.Context(), staff(), coupon.Query{Member: "di"}, page.Request{})
	require.NoError(s, err)
	require.Len(s, found.Items, 1)
	id := found.Items[0].ID
	s.unit(func(ctx context.Context) error {
		ok, err := s.stores.Coupons.Hold(ctx, coupon.Holding{
			Group: s.group.ID, Member: "di", IDs: []ref.CouponID{id}, At: found.Items[0].ClaimedAt,
		})
		require.True(s, ok)
		return err
	})
	require.Empty(s, verify(s.T, s.m))
	return string(id)
}

// cancel cancels the group. It does not know of any promotion, so that nothing
// that was held for one is released.
func (s *sold) cancel() {
	s.Helper()
	_, err := s.m.Checkout.Cancel(s.Context(), staff(), checkout.CancelInput{Group: s.group.ID})
	require.NoError(s, err)
	require.NoError(s, s.m.Events.Drain(s.Context()))
	s.look()
	require.Equal(s, order.StateCanceled, s.order.State)
}

// forget is stock that never came back.
func (s *sold) forget() {
	s.Helper()
	s.sql("DELETE FROM stock_log WHERE kind = 'return'")
	s.sql("UPDATE stock SET on_hand = on_hand - 1")
}

// announce writes events past the shop, and gives them their positions.
func (s *sold) announce(recs ...event.Record) {
	s.Helper()
	s.unit(func(ctx context.Context) error { return s.stores.Events.Append(ctx, recs...) })
	_ = s.m.Events.Drain(s.Context()) // the list does not know what was never placed
}

// sql changes what no store would write.
func (s *sold) sql(query string, args ...any) {
	s.Helper()
	res, err := s.db.SQL().ExecContext(s.Context(), query, args...)
	require.NoError(s, err)
	n, err := res.RowsAffected()
	require.NoError(s, err)
	require.Positive(s, n)
}

// plant breaks one invariant and returns the object that breaks it.
type plant struct {
	invariant, name string
	open            func(t *testing.T) *sold
	violate         func(s *sold) (object string)
}

func paid(t *testing.T) *sold { t.Helper(); return sell(t, "", fakepay.Approve) }

// canceled is a shop whose buyer paid, and canceled.
func canceled(t *testing.T) *sold {
	t.Helper()
	s := paid(t)
	s.cancel()
	return s
}

func unpaid(t *testing.T) *sold  { t.Helper(); return sell(t, "", fakepay.Ask) }
func unknown(t *testing.T) *sold { t.Helper(); return sell(t, fakepay.LostAfter, fakepay.Approve) }

// second is a shop whose buyer paid at the second try.
func second(t *testing.T) *sold {
	t.Helper()
	s := sell(t, "", fakepay.Refuse, fakepay.Approve)
	_, err := s.m.Payments.Retry(t.Context(), ref.Guest("g"), payment.RetryInput{
		Intent: s.intent.ID, After: s.last.ID, Gateway: "fakepay",
	})
	require.NoError(t, err)
	require.NoError(t, s.m.Events.Drain(t.Context()))
	s.look()
	return s
}
