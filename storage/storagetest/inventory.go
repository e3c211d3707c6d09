package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/storage"
)

func inventoryCases() []Case {
	return []Case{
		{Name: "changes add up and are entered in the ledger", Run: inventoryApply},
		{Name: "a change below what is promised is refused as a whole", Run: inventoryApplyShort, Apart: true},
		{Name: "a reservation is all or nothing and names every shortage", Run: inventoryAllOrNothing},
		{Name: "a shortage leaves the unit usable", Run: inventoryShortUsable},
		{Name: "several owners reserve one SKU in one call", Run: inventoryManyOwners},
		{Name: "a second reservation of an owner is refused", Run: inventoryTwice, Apart: true},
		{Name: "commit takes the pieces away and release gives them back", Run: inventorySettle},
		{Name: "of commit, release and expiry one wins", Run: inventoryOneWinner, Apart: true},
		{Name: "of N buyers of the last unit one gets it", Run: inventoryLastUnit, Apart: true},
		{Name: "buyers of many SKUs in crossing order neither deadlock nor oversell", Run: inventoryCrossing, Apart: true},
		{Name: "pieces that come in while a buyer waits can be bought", Run: inventoryComesIn, Apart: true},
		{Name: "reservations follow from the ledger", Run: inventoryFounded},
		{Name: "what came back is told by owner, and more than was sold is found", Run: inventoryReturned, Apart: true},
		{Name: "a repair leaves alone what is sound", Run: inventoryRepair, Apart: true},
		{Name: "what runs in no unit is refused", Run: inventoryOutside, Apart: true},
		{Name: "expiry is found oldest first and can be taken off", Run: inventoryExpiry, Apart: true},
		{Name: "a unit that fails moves nothing", Run: inventoryRollback, Apart: true},
		{Name: "a thousand lines are one call", Run: inventoryThousand},
		{Name: "the ledger pages in its order", Run: inventoryLedger},
	}
}

type stockCase struct {
	T
	s storage.Stores
}

func (c stockCase) receive(sku ref.SKUID, n ref.Quantity) {
	c.Helper()
	require.NoError(c, c.apply(inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindReceive, Delta: n, Ref: "delivery"}))
}

func (c stockCase) apply(changes ...inventory.Change) error {
	return c.s.Units.Do(c.Context(), func(ctx context.Context) error { return c.s.Inventory.Apply(ctx, changes, noon()) })
}

func (c stockCase) reserve(ctx context.Context, rs ...inventory.Reservation) ([]inventory.Shortage, error) {
	var short []inventory.Shortage
	err := c.s.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		short, err = c.s.Inventory.Reserve(ctx, rs, noon())
		return err
	})
	return short, err
}

func (c stockCase) settle(ctx context.Context, to inventory.State, owners ...string) ([]inventory.Reservation, error) {
	var moved []inventory.Reservation
	err := c.s.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		moved, err = c.s.Inventory.Settle(ctx, owners, to, noon())
		return err
	})
	return moved, err
}

func (c stockCase) level(sku ref.SKUID) inventory.Level {
	c.Helper()
	levels, err := c.s.Inventory.Levels(c.Context(), []ref.SKUID{sku})
	require.NoError(c, err)
	if len(levels) == 0 {
		return inventory.Level{SKU: sku}
	}
	require.Len(c, levels, 1)
	return levels[0]
}

// sound checks that the levels of these SKUs follow from what they count.
func (c stockCase) sound(skus ...ref.SKUID) {
	c.Helper()
	a, ok := uow.As[inventory.Auditor](c.s.Inventory)
	if !ok {
		return
	}
	all, err := a.Audit(c.Context(), 1000)
	require.NoError(c, err)
	for _, m := range all {
		require.NotContains(c, skus, m.SKU, "%+v", m)
	}
}

func held(owner string, sku ref.SKUID, n ref.Quantity) inventory.Reservation {
	return inventory.Reservation{
		Owner: owner, SKU: sku, Location: "main", Quantity: n, State: inventory.Held, CreatedAt: noon(), UpdatedAt: noon(),
	}
}

func newSKU() ref.SKUID { return ref.SKUID(newID()) }

func inventoryApply(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 10)
	require.NoError(t, c.apply(
		inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindAdjust, Delta: -3, Ref: "count"},
		inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindAdjust, Delta: 1, Ref: "count"},
	))
	require.Equal(t, inventory.Level{SKU: sku, Location: "main", OnHand: 8}, c.level(sku))
	big := newSKU()
	c.receive(big, math.MaxInt64/2)
	require.EqualValues(t, math.MaxInt64/2, c.level(big).OnHand)
	c.sound(sku, big)
}

func inventoryApplyShort(t T, s storage.Stores) {
	c, a, b := stockCase{t, s}, newSKU(), newSKU()
	c.receive(a, 5)
	c.receive(b, 5)
	short, err := c.reserve(t.Context(), held(newID(), a, 4))
	require.NoError(t, err)
	require.Empty(t, short)
	err = c.apply(
		inventory.Change{SKU: b, Location: "main", Kind: inventory.KindAdjust, Delta: -1},
		inventory.Change{SKU: a, Location: "main", Kind: inventory.KindAdjust, Delta: -2},
	)
	require.ErrorIs(t, err, fault.Exhausted)
	require.EqualValues(t, 5, c.level(a).OnHand)
	require.EqualValues(t, 5, c.level(b).OnHand)
	c.sound(a, b)
}

func inventoryAllOrNothing(t T, s storage.Stores) {
	c, a, b, none := stockCase{t, s}, newSKU(), newSKU(), newSKU()
	c.receive(a, 5)
	c.receive(b, 1)
	owner := newID()
	short, err := c.reserve(t.Context(), held(owner, a, 2), held(owner, b, 2), held(owner, none, 1))
	require.NoError(t, err)
	require.ElementsMatch(t, []inventory.Shortage{{SKU: b, Want: 2, Have: 1}, {SKU: none, Want: 1, Have: 0}}, short)
	require.Zero(t, c.level(a).Reserved)
	got, err := s.Inventory.Reservations(t.Context(), []string{owner})
	require.NoError(t, err)
	require.Empty(t, got)
	c.sound(a, b, none)
}

func inventoryShortUsable(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 1)
	owner := newID()
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		short, err := s.Inventory.Reserve(ctx, []inventory.Reservation{held(owner, sku, 2)}, noon())
		require.NoError(t, err)
		require.Len(t, short, 1)
		short, err = s.Inventory.Reserve(ctx, []inventory.Reservation{held(owner, sku, 1)}, noon())
		require.Empty(t, short)
		return err
	}))
	require.EqualValues(t, 1, c.level(sku).Reserved)
	c.sound(sku)
}

func inventoryManyOwners(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 5)
	a, b := newID(), newID()
	short, err := c.reserve(t.Context(), held(a, sku, 3), held(b, sku, 3))
	require.NoError(t, err)
	require.Equal(t, []inventory.Shortage{{SKU: sku, Want: 6, Have: 5}}, short, "the demand is summed per SKU first")
	short, err = c.reserve(t.Context(), held(a, sku, 3), held(b, sku, 2))
	require.NoError(t, err)
	require.Empty(t, short)
	require.EqualValues(t, 5, c.level(sku).Reserved)
	c.sound(sku)
}

func inventoryTwice(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 5)
	owner := newID()
	_, err := c.reserve(t.Context(), held(owner, sku, 1))
	require.NoError(t, err)
	_, err = c.reserve(t.Context(), held(owner, sku, 1))
	require.ErrorIs(t, err, fault.AlreadyExists)
	require.EqualValues(t, 1, c.level(sku).Reserved)
	c.sound(sku)
}

func inventorySettle(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 10)
	sold, freed := newID(), newID()
	want := held(sold, sku, 3)
	want.ExpiresAt = noon().Add(time.Hour)
	_, err := c.reserve(t.Context(), want, held(freed, sku, 4))
	require.NoError(t, err)

	moved, err := c.settle(t.Context(), inventory.Committed, sold)
	require.NoError(t, err)
	want.State = inventory.Committed
	require.Equal(t, []inventory.Reservation{want}, moved)
	require.Equal(t, inventory.Level{SKU: sku, Location: "main", OnHand: 7, Reserved: 4}, c.level(sku))

	moved, err = c.settle(t.Context(), inventory.Released, freed, sold, newID())
	require.NoError(t, err)
	require.Len(t, moved, 1, "what was committed is not released")
	require.Equal(t, inventory.Level{SKU: sku, Location: "main", OnHand: 7}, c.level(sku))

	moved, err = c.settle(t.Context(), inventory.Committed, freed)
	require.NoError(t, err)
	require.Empty(t, moved)
	c.sound(sku)
}

func inventoryOneWinner(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	const rounds = 5
	c.receive(sku, rounds)
	for range rounds {
		owner := newID()
		r := held(owner, sku, 1)
		r.ExpiresAt = noon()
		_, err := c.reserve(t.Context(), r)
		require.NoError(t, err)
		won := make([]int, 6)
		errs := together(t.Context(), len(won), func(ctx context.Context, i int) error {
			to := inventory.Released
			if i%2 == 0 {
				to = inventory.Committed
			}
			moved, err := c.settle(ctx, to, owner)
			won[i] = len(moved)
			return err
		})
		require.NoError(t, errors.Join(errs...))
		total := 0
		for _, n := range won {
			total += n
		}
		require.Equal(t, 1, total)
	}
	require.Zero(t, c.level(sku).Reserved)
	c.sound(sku)
}

func inventoryLastUnit(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 1)
	const buyers = 50
	got := make([]bool, buyers)
	errs := together(t.Context(), buyers, func(ctx context.Context, i int) error {
		short, err := c.reserve(ctx, held(newID(), sku, 1))
		got[i] = err == nil && len(short) == 0
		return err
	})
	require.NoError(t, errors.Join(errs...))
	winners := 0
	for _, g := range got {
		if g {
			winners++
		}
	}
	require.Equal(t, 1, winners)
	require.Equal(t, inventory.Level{SKU: sku, Location: "main", OnHand: 1, Reserved: 1}, c.level(sku))
	c.sound(sku)
}

func inventoryCrossing(t T, s storage.Stores) {
	c := stockCase{t, s}
	skus := make([]ref.SKUID, 8)
	for i := range skus {
		skus[i] = newSKU()
		c.receive(skus[i], 12)
	}
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		owner := newID()
		rs := make([]inventory.Reservation, len(skus))
		for j := range skus {
			rs[j] = held(owner, skus[(i*3+j*5)%len(skus)], 1)
		}
		short, err := c.reserve(ctx, rs...)
		if err != nil || len(short) > 0 {
			return err
		}
		_, err = c.settle(ctx, inventory.Committed, owner)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	for _, sku := range skus {
		require.Equal(t, inventory.Level{SKU: sku, Location: "main"}, c.level(sku))
	}
	c.sound(skus...)
}

// A buyer who begins while the shelf is empty and waits for a delivery that is
// being booked gets a piece of it.
func inventoryComesIn(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 1)
	_, err := c.reserve(t.Context(), held(newID(), sku, 1))
	require.NoError(t, err)
	bought := make(chan error, 1)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		err := s.Inventory.Apply(ctx, []inventory.Change{
			{SKU: sku, Location: "main", Kind: inventory.KindReceive, Delta: 1, Ref: "delivery"},
		}, noon())
		go func() {
			_, err := c.reserve(t.Context(), held(newID(), sku, 1))
			bought <- err
		}()
		time.Sleep(20 * time.Millisecond) // for the buyer to get in line
		return err
	}))
	require.NoError(t, <-bought)
	level := c.level(sku)
	require.EqualValues(t, 2, level.OnHand)
	require.GreaterOrEqual(t, level.Reserved, ref.Quantity(1))
	c.sound(sku)
}

func inventoryFounded(t T, s storage.Stores) {
	a, ok := uow.As[inventory.Auditor](s.Inventory)
	if !ok {
		return
	}
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 9)
	owners := []string{newID(), newID(), newID()}
	for _, o := range owners {
		_, err := c.reserve(t.Context(), held(o, sku, 3))
		require.NoError(t, err)
	}
	_, err := c.settle(t.Context(), inventory.Committed, owners[0])
	require.NoError(t, err)
	_, err = c.settle(t.Context(), inventory.Released, owners[1], owners[0])
	require.NoError(t, err)
	broken, err := a.AuditReservations(t.Context(), 1000)
	require.NoError(t, err)
	for _, u := range broken {
		require.NotContains(t, owners, u.Owner, "%+v", u)
	}
}

func inventoryReturned(t T, s storage.Stores) {
	a, ok := uow.As[inventory.ReturnAuditor](s.Inventory)
	if !ok {
		return
	}
	c, x, y := stockCase{t, s}, newSKU(), newSKU()
	if x > y {
		x, y = y, x
	}
	c.receive(x, 9)
	c.receive(y, 9)
	one, two, none := newID(), newID(), newID()
	if one > two {
		one, two = two, one
	}
	for _, owner := range []string{one, two, none} {
		_, err := c.reserve(t.Context(), held(owner, x, 3), held(owner, y, 3))
		require.NoError(t, err)
	}
	_, err := c.settle(t.Context(), inventory.Committed, one, two, none)
	require.NoError(t, err)
	back := func(owner string, sku ref.SKUID, n ref.Quantity) inventory.Change {
		return inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindReturn, Delta: n, Ref: owner}
	}
	require.NoError(t, c.apply(back(two, x, 1), back(one, y, 2), back(one, x, 3)))
	require.NoError(t, c.apply(back(two, x, 2), inventory.Change{SKU: x, Location: "main", Kind: inventory.KindAdjust, Delta: 1, Ref: none}))
	got, err := a.Returned(t.Context(), []string{two, none, one, two, newID()})
	require.NoError(t, err)
	require.Equal(t, []inventory.Returned{
		{Owner: one, SKU: x, Location: "main", Quantity: 3},
		{Owner: one, SKU: y, Location: "main", Quantity: 2},
		{Owner: two, SKU: x, Location: "main", Quantity: 3},
	}, got)
	got, err = a.Returned(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
	c.sound(x, y)
	audit, ok := uow.As[inventory.Auditor](s.Inventory)
	if !ok {
		return
	}
	broken := func(ctx context.Context) []string {
		all, err := audit.AuditReservations(ctx, 1000)
		require.NoError(t, err)
		var out []string
		for _, u := range all {
			if u.SKU == x || u.SKU == y {
				out = append(out, fmt.Sprint(u.Owner, " ", u.SKU, " ", u.Returned))
			}
		}
		return out
	}
	require.Empty(t, broken(t.Context()))
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		more := []inventory.Change{back(two, x, 1), back("~stranger", y, 1), back(one, y, -3)}
		require.NoError(t, s.Inventory.Apply(ctx, more, noon()))
		require.Equal(t, []string{one + " " + string(y) + " -1", two + " " + string(x) + " 4", "~stranger " + string(y) + " 1"}, broken(ctx))
		return errBoom
	}), errBoom)
	require.Empty(t, broken(t.Context()))
}

func inventoryRepair(t T, s storage.Stores) {
	a, ok := uow.As[inventory.Auditor](s.Inventory)
	if !ok {
		return
	}
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 9)
	_, err := c.reserve(t.Context(), held(newID(), sku, 3))
	require.NoError(t, err)
	_, err = a.Repair(t.Context(), []ref.SKUID{sku}, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition, "outside a unit")
	before := c.level(sku)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		changed, err := a.Repair(ctx, []ref.SKUID{sku, newSKU()}, noon())
		require.Empty(t, changed)
		return err
	}))
	require.Equal(t, before, c.level(sku))
}

func inventoryOutside(t T, s storage.Stores) {
	sku := newSKU()
	_, err := s.Inventory.Reserve(t.Context(), []inventory.Reservation{held(newID(), sku, 1)}, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = s.Inventory.Settle(t.Context(), []string{newID()}, inventory.Committed, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition)
	err = s.Inventory.Apply(t.Context(), []inventory.Change{{SKU: sku, Location: "main", Kind: inventory.KindAdjust, Delta: 1}}, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

func inventoryExpiry(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 10)
	// Before any other case's reservations.
	base := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	owners := make([]string, 3)
	for i := range owners {
		owners[i] = newID()
		r := held(owners[i], sku, 1)
		r.ExpiresAt = base.Add(time.Duration(3-i) * time.Hour)
		_, err := c.reserve(t.Context(), r)
		require.NoError(t, err)
	}
	due, err := s.Inventory.Expired(t.Context(), base.Add(2*time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, []string{owners[2], owners[1]}, due, "until is inclusive")
	due, err = s.Inventory.Expired(t.Context(), base.Add(3*time.Hour), 1)
	require.NoError(t, err)
	require.Equal(t, []string{owners[2]}, due)

	n, err := s.Inventory.Extend(t.Context(), []string{owners[2], newID()}, time.Time{}, noon())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	due, err = s.Inventory.Expired(t.Context(), base.Add(2*time.Hour), 10)
	require.NoError(t, err)
	require.Equal(t, []string{owners[1]}, due)
	for _, o := range owners {
		_, err := c.settle(t.Context(), inventory.Released, o)
		require.NoError(t, err)
	}
	due, err = s.Inventory.Expired(t.Context(), base.Add(9*time.Hour), 10)
	require.NoError(t, err)
	require.Empty(t, due)
}

func inventoryRollback(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 2)
	owner := newID()
	stays := held(newID(), newSKU(), 1)
	stays.ExpiresAt = noon().Add(time.Hour)
	c.receive(stays.SKU, 1)
	_, err := c.reserve(t.Context(), stays)
	require.NoError(t, err)
	err = s.Units.Do(t.Context(), func(ctx context.Context) error {
		n, err := s.Inventory.Extend(ctx, []string{stays.Owner}, time.Time{}, noon())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = s.Inventory.Reserve(ctx, []inventory.Reservation{held(owner, sku, 1)}, noon())
		require.NoError(t, err)
		levels, err := s.Inventory.Levels(ctx, []ref.SKUID{sku})
		require.NoError(t, err)
		require.EqualValues(t, 1, levels[0].Reserved, "the unit sees its own")
		return errBoom
	})
	require.ErrorIs(t, err, errBoom)
	require.Zero(t, c.level(sku).Reserved)
	rs, err := s.Inventory.Reservations(t.Context(), []string{owner, stays.Owner})
	require.NoError(t, err)
	require.Equal(t, []inventory.Reservation{stays}, rs)
	c.sound(sku, stays.SKU)
}

func inventoryThousand(t T, s storage.Stores) {
	c, owner := stockCase{t, s}, newID()
	var changes []inventory.Change
	var rs []inventory.Reservation
	for i := range 1000 {
		sku := ref.SKUID(fmt.Sprintf("%s-%d", owner, i))
		changes = append(changes, inventory.Change{SKU: sku, Location: "main", Kind: inventory.KindReceive, Delta: 1})
		rs = append(rs, held(owner, sku, 1))
	}
	require.NoError(t, c.apply(changes...))
	short, err := c.reserve(t.Context(), rs...)
	require.NoError(t, err)
	require.Empty(t, short)
	moved, err := c.settle(t.Context(), inventory.Committed, owner)
	require.NoError(t, err)
	require.Len(t, moved, 1000)
}

func inventoryLedger(t T, s storage.Stores) {
	c, sku := stockCase{t, s}, newSKU()
	c.receive(sku, 3)
	c.receive(sku, 4)
	owner := newID()
	_, err := c.reserve(t.Context(), held(owner, sku, 2))
	require.NoError(t, err)
	_, err = c.settle(t.Context(), inventory.Committed, owner)
	require.NoError(t, err)
	var got []inventory.Movement
	for req := (page.Request{Limit: 2}); ; {
		p, err := s.Inventory.Ledger(t.Context(), inventory.LedgerQuery{SKU: sku}, req)
		require.NoError(t, err)
		got = append(got, p.Items...)
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Len(t, got, 4)
	for i, want := range []inventory.Movement{
		{Kind: inventory.KindReceive, OnHand: 3, Ref: "delivery"},
		{Kind: inventory.KindReceive, OnHand: 4, Ref: "delivery"},
		{Kind: inventory.KindReserve, Reserved: 2, Ref: owner},
		{Kind: inventory.KindCommit, OnHand: -2, Reserved: -2, Ref: owner},
	} {
		want.SKU, want.Location, want.At, want.Seq = sku, "main", noon(), got[i].Seq
		require.Equal(t, want, got[i])
		require.True(t, i == 0 || got[i].Seq > got[i-1].Seq)
	}
	p, err := s.Inventory.Ledger(t.Context(), inventory.LedgerQuery{SKU: sku, Kind: inventory.KindCommit}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
}
