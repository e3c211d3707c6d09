package storagetest

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

func extremeCases() []Case {
	return []Case{
		{Name: "claims, keyed calls, leases and counters take any text", Run: portTexts},
		{Name: "cursors and their topics take any text", Run: cursorTexts, Apart: true},
		{Name: "stock takes any text", Run: inventoryTexts},
		{Name: "stock reaches the ends of its type", Run: inventoryEnds, Apart: true},
		{Name: "cursors reach the last position and fence", Run: cursorEnds, Apart: true},
		{Name: "prices take any text and the largest amount", Run: priceExtremes},
		{Name: "payments take any text and the largest amount", Run: paymentExtremes, Apart: true},
	}
}

// hard is text that some backends fold, cut, refuse or take for syntax.
func hard() string { return "\U0001F469\u200d\U0001F680 e\u0301 'x' \\ % _ ?0 $1 ;-- 茶 " + newID() }

func largest() money.Money { return money.New(money.MaxMinor, "CNY") }

func portTexts(t T, s storage.Stores) {
	kind, key, subject := hard(), hard(), hard()
	holder, won, err := s.Claims.Claim(t.Context(), kind, key, subject)
	require.NoError(t, err)
	require.True(t, won)
	require.Equal(t, subject, holder)
	holder, err = s.Claims.Holder(t.Context(), kind, key)
	require.NoError(t, err)
	require.Equal(t, subject, holder)

	call, answer := uow.Call{Scope: hard(), Key: hard(), Hash: hard(), ExpiresAt: noon().Add(time.Hour)}, uow.Answer{Resource: hard()}
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		if _, err := s.Idempotency.Begin(ctx, call); err != nil {
			return err
		}
		if err := s.Idempotency.Complete(ctx, call, answer); err != nil {
			return err
		}
		got, err := s.Idempotency.Begin(ctx, call)
		require.NoError(t, err)
		require.Equal(t, answer.Resource, got.Resource)
		return nil
	}))

	name, owner := hard(), hard()
	leases := acquire(t, s, owner, noon(), name)
	require.Len(t, leases, 1)
	require.Equal(t, name, leases[0].Name)
	require.Equal(t, owner, leases[0].Owner)

	attempts, err := s.SignInAttempts.Count(t.Context(), []string{name}, noon(), time.Minute)
	require.NoError(t, err)
	require.Equal(t, name, attempts[0].Key)
}

func cursorTexts(t T, s storage.Stores) {
	consumer, topic := hard(), hard()
	cursors, err := s.Cursors.Open(t.Context(), consumer, topic, false)
	require.NoError(t, err)
	require.Len(t, cursors, event.Shards)
	require.Equal(t, event.Cursor{Consumer: consumer, Topic: topic}, cursors[0])
	ok, err := s.Cursors.Advance(t.Context(), cursors[0], 1<<62)
	require.NoError(t, err)
	require.True(t, ok)
	taken, err := s.Cursors.Take(t.Context(), consumer, cursors[0].Key(), 1<<61)
	require.NoError(t, err)
	require.Equal(t, event.Cursor{Consumer: consumer, Topic: topic, Position: 1 << 62, Fence: 1 << 61}, taken)
}

// cursorEnds moves a cursor to the last position there can be, and back, and
// has it taken with the last fence.
func cursorEnds(t T, s storage.Stores) {
	consumer, topic := newID(), newID()
	cursors, err := s.Cursors.Open(t.Context(), consumer, topic, false)
	require.NoError(t, err)
	cur := cursors[0]
	for _, end := range []int64{math.MaxInt64, math.MaxInt64 - 1, 0} {
		ok, err := s.Cursors.Advance(t.Context(), cur, end)
		require.NoError(t, err)
		require.True(t, ok)
		cur.Position = end
		all, err := s.Cursors.All(t.Context(), topic)
		require.NoError(t, err)
		require.Contains(t, all, cur)
	}
	for _, fence := range []int64{math.MaxInt64 - 1, math.MaxInt64} {
		cur.Fence = fence
		taken, err := s.Cursors.Take(t.Context(), consumer, cur.Key(), fence)
		require.NoError(t, err)
		require.Equal(t, cur, taken)
		_, err = s.Cursors.Take(t.Context(), consumer, cur.Key(), fence-1)
		require.ErrorIs(t, err, fault.Conflict)
		_, err = s.Cursors.Take(t.Context(), consumer, cur.Key(), math.MinInt64)
		require.ErrorIs(t, err, fault.Conflict)
	}
}

// inventoryEnds fills a level to the last piece that can be counted, promises
// all of it, and takes it away again.
func inventoryEnds(t T, s storage.Stores) {
	c, sku, owner := stockCase{t, s}, newSKU(), newID()
	change := func(n ref.Quantity) inventory.Change {
		return inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindAdjust, Delta: n, Ref: "count"}
	}
	full := inventory.Level{SKU: sku, Location: "main", OnHand: math.MaxInt64}
	c.receive(sku, math.MaxInt64)
	require.Equal(t, full, c.level(sku))
	require.ErrorIs(t, c.apply(change(1)), fault.Exhausted, "one more than can be counted")
	require.ErrorIs(t, c.apply(change(math.MinInt64)), fault.Exhausted)
	require.Equal(t, full, c.level(sku))
	short, err := c.reserve(t.Context(), held(owner, sku, math.MaxInt64))
	require.NoError(t, err)
	require.Empty(t, short)
	full.Reserved = math.MaxInt64
	require.Equal(t, full, c.level(sku))
	short, err = c.reserve(t.Context(), held(newID(), sku, 1))
	require.NoError(t, err)
	require.Len(t, short, 1)
	require.Zero(t, short[0].Have)
	got, err := s.Inventory.Reservations(t.Context(), []string{owner})
	require.NoError(t, err)
	require.Equal(t, []inventory.Reservation{held(owner, sku, math.MaxInt64)}, got)
	c.sound(sku)
	_, err = c.settle(t.Context(), inventory.Committed, owner)
	require.NoError(t, err)
	require.Zero(t, c.level(sku).OnHand)
	c.receive(sku, math.MaxInt64-1)
	require.NoError(t, c.apply(change(1)))
	require.NoError(t, c.apply(change(-math.MaxInt64)))
	require.Zero(t, c.level(sku).OnHand)
	p, err := s.Inventory.Ledger(t.Context(), inventory.LedgerQuery{SKU: sku}, page.Request{})
	require.NoError(t, err)
	var moved []ref.Quantity
	for _, m := range p.Items {
		moved = append(moved, m.OnHand)
	}
	require.Equal(t, []ref.Quantity{math.MaxInt64, 0, -math.MaxInt64, math.MaxInt64 - 1, 1, -math.MaxInt64}, moved)
	c.sound(sku)
}

func inventoryTexts(t T, s storage.Stores) {
	c, owner := stockCase{t, s}, hard()
	skus := []ref.SKUID{ref.SKUID(hard()), ref.SKUID(hard())}
	for _, sku := range skus {
		require.NoError(t, c.apply(inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindReceive, Delta: 3, Ref: owner}))
	}
	_, err := c.reserve(t.Context(), held(owner, skus[1], 2), held(owner, skus[0], 2))
	require.NoError(t, err)
	slices.Sort(skus)
	rs := []inventory.Reservation{held(owner, skus[0], 2), held(owner, skus[1], 2)}
	got, err := s.Inventory.Reservations(t.Context(), []string{owner, newID()})
	require.NoError(t, err)
	require.Equal(t, rs, got, "by owner and SKU")
	want := []inventory.Level{
		{SKU: skus[0], Location: "main", OnHand: 3, Reserved: 2}, {SKU: skus[1], Location: "main", OnHand: 3, Reserved: 2},
	}
	levels, err := s.Inventory.Levels(t.Context(), []ref.SKUID{skus[1], skus[0]})
	require.NoError(t, err)
	require.Equal(t, want, levels, "by SKU")
	moved, err := c.settle(t.Context(), inventory.Released, owner)
	require.NoError(t, err)
	for i := range rs {
		rs[i].State = inventory.Released
	}
	require.Equal(t, rs, moved, "by owner and SKU")
	c.sound(skus...)
}

func priceExtremes(t T, s storage.Stores) {
	channel := ref.ChannelID("渠道-" + newID())
	p := newPrice(channel, ref.SKUID(hard()), money.MaxMinor)
	putPrices(t, s, p)
	want := *p
	got, err := s.Prices.Remove(t.Context(), []pricing.Key{p.Key})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, want.Key, got[0].Key)
	require.Equal(t, want.Unit, got[0].Unit)
}

func paymentExtremes(t T, s storage.Stores) {
	paid := newAttempt(1, payment.AttemptCaptured)
	paid.Amount = largest()
	in := newIntent(paid)
	in.Payable, in.Tenders[0].Amount = largest(), largest()
	in.Member, in.Quote = ref.MemberID(hard()), hard()
	in = insertIntent(t, s, in)
	require.Equal(t, in, getIntent(t, s, in.ID))

	r := newRefund(in, money.MaxMinor)
	r.Key = hard()
	insertRefund(t, s, &r)
	got, err := s.PaymentRefunds.ByKey(t.Context(), in.ID, r.Key)
	require.NoError(t, err)
	require.Equal(t, r, got)

	n := newNotice()
	n.ProviderRef, n.Amount = hard(), largest()
	n = insertNotice(t, s, n)
	stored, err := s.PaymentNotices.Get(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, n, stored)

	c := newCase()
	c.Code, c.Amount = hard(), largest()
	c = insertCase(t, s, c)
	opened, err := s.PaymentCases.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, opened)
	require.Equal(t, payment.CaseOpen, opened.State)
}
