package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
)

func couponHold(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	cs := c.given(member, 6, func(i int, c *coupon.Coupon) {
		switch i {
		case 2:
			c.ExpiresAt = noon().Add(time.Minute) // over at the moment of holding
		case 3:
			c.ValidFrom = noon().Add(time.Hour)
		case 4:
			c.ExpiresAt = time.Time{}
		case 5:
			c.ValidFrom = noon().Add(time.Minute)
		}
	})
	order, other := ref.GroupID(newID()), ref.GroupID(newID())
	try := func(want bool, group ref.GroupID, member ref.MemberID, ids ...coupon.ID) {
		t.Helper()
		ok, err := c.hold(t.Context(), group, member, ids...)
		require.NoError(t, err)
		require.Equal(t, want, ok)
	}
	try(false, order, member, cs[0].ID, cs[2].ID)
	try(false, order, member, cs[0].ID, cs[3].ID)
	try(false, order, member, cs[0].ID, coupon.ID(newID()))
	try(false, order, ref.MemberID(newID()), cs[0].ID)
	require.Equal(t, []coupon.State{coupon.Claimed, coupon.Claimed}, c.states(cs[0].ID, cs[1].ID), "nothing was written")

	try(true, order, member, cs[4].ID, cs[5].ID, cs[0].ID)
	try(true, order, member, cs[0].ID, cs[4].ID, cs[5].ID) // once more
	try(true, order, member, cs[0].ID, cs[1].ID)           // and one more
	try(false, other, member, cs[1].ID)
	got, err := s.Coupons.GetMany(t.Context(), []coupon.ID{cs[0].ID})
	require.NoError(t, err)
	want := cs[0]
	want.State, want.Group, want.UpdatedAt = coupon.Held, order, noon().Add(time.Minute)
	require.Equal(t, []coupon.Coupon{want}, got)
}

func couponTied(t T, s storage.Stores) {
	l, ok := uow.As[coupon.TieLister](s.Coupons)
	if !ok {
		return
	}
	c, member := couponCase{t, s}, ref.MemberID(newID())
	cs := c.given(member, 5, func(int, *coupon.Coupon) {})
	a, b := ref.GroupID(newID()), ref.GroupID(newID())
	if a > b {
		a, b = b, a
	}
	for i, group := range []ref.GroupID{b, a, b, a} { // the last coupon is nobody's
		ok, err := c.hold(t.Context(), group, member, cs[i].ID)
		require.NoError(t, err)
		require.True(t, ok)
	}
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, err := s.Coupons.Settle(ctx, a, coupon.Paid, noon())
		return err
	}))
	want := []coupon.Tie{{Group: a, ID: cs[1].ID}, {Group: a, ID: cs[3].ID}, {Group: b, ID: cs[0].ID}, {Group: b, ID: cs[2].ID}}
	slices.SortFunc(want, func(x, y coupon.Tie) int { return cmp.Or(cmp.Compare(x.Group, y.Group), cmp.Compare(x.ID, y.ID)) })
	states := map[ref.GroupID]coupon.State{a: coupon.Used, b: coupon.Held}
	for _, limit := range []int{1, 3, 1000} {
		var got []coupon.Tie
		for after := (coupon.Tie{}); ; {
			found, err := l.Tied(t.Context(), after, limit)
			require.NoError(t, err)
			require.LessOrEqual(t, len(found), limit)
			if len(found) == 0 {
				break
			}
			for _, f := range found {
				after = coupon.Tie{Group: f.Group, ID: f.ID}
				if f.Member == member {
					require.Equal(t, states[f.Group], f.State)
					got = append(got, after)
				}
			}
		}
		require.Equal(t, want, got, "by %d", limit)
	}
	whole, err := s.Coupons.GetMany(t.Context(), []coupon.ID{want[3].ID})
	require.NoError(t, err)
	found, err := l.Tied(t.Context(), want[2], 1)
	require.NoError(t, err)
	require.Equal(t, whole, found)
}

func couponHoldRace(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	cs := c.given(member, 3, nil)
	got := make([]bool, 16)
	errs := together(t.Context(), len(got), func(ctx context.Context, i int) error {
		var err error
		got[i], err = c.hold(ctx, ref.GroupID(newID()), member, cs[i%3].ID, cs[(i+1)%3].ID)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	winners := 0
	for _, g := range got {
		if g {
			winners++
		}
	}
	require.Equal(t, 1, winners, "any two pairs of three have one in common")
	held := 0
	for _, st := range c.states(idsOf(cs)...) {
		if st == coupon.Held {
			held++
		}
	}
	require.Equal(t, 2, held)
}

func couponHoldCrossing(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	cs := c.given(member, 6, nil)
	for range 3 {
		errs := together(t.Context(), 10, func(ctx context.Context, i int) error {
			group := ref.GroupID(newID())
			ids := idsOf(cs)
			if i%2 == 0 {
				slices.Reverse(ids)
			}
			ok, err := c.hold(ctx, group, member, ids...)
			if ok {
				_, err = s.Coupons.Settle(ctx, group, coupon.Unpaid, noon())
			}
			return err
		})
		require.NoError(t, errors.Join(errs...))
	}
	for _, st := range c.states(idsOf(cs)...) {
		require.Equal(t, coupon.Claimed, st)
	}
}

func couponSettle(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	later := noon().Add(time.Hour)
	for _, o := range []coupon.Outcome{coupon.Paid, coupon.Unpaid, coupon.Canceled} {
		for _, first := range []coupon.Outcome{"", coupon.Paid} {
			cs := c.given(member, 2, func(i int, c *coupon.Coupon) { c.Reusable = i == 0 })
			slices.SortFunc(cs, func(a, b coupon.Coupon) int { return cmp.Compare(a.ID, b.ID) })
			group := ref.GroupID(newID())
			ok, err := c.hold(t.Context(), group, member, idsOf(cs)...)
			require.NoError(t, err)
			require.True(t, ok)
			want, err := s.Coupons.GetMany(t.Context(), idsOf(cs))
			require.NoError(t, err)
			if first != "" {
				moved, err := s.Coupons.Settle(t.Context(), group, first, later)
				require.NoError(t, err)
				require.Len(t, moved, 2)
				want = moved
			}
			var changed []coupon.Coupon
			for i := range want {
				if want[i].Settle(o, later) {
					changed = append(changed, want[i])
				}
			}
			moved, err := s.Coupons.Settle(t.Context(), group, o, later)
			require.NoError(t, err)
			require.Equal(t, len(changed), len(moved), "%s after %s", o, first)
			if len(changed) > 0 {
				require.Equal(t, changed, moved, "%s after %s", o, first)
			}
			got, err := s.Coupons.GetMany(t.Context(), idsOf(cs))
			require.NoError(t, err)
			require.Equal(t, want, got, "%s after %s", o, first)
			moved, err = s.Coupons.Settle(t.Context(), group, o, later)
			require.NoError(t, err)
			require.Empty(t, moved, "once more changes nothing")
		}
	}
	moved, err := s.Coupons.Settle(t.Context(), ref.GroupID(newID()), coupon.Paid, later)
	require.NoError(t, err)
	require.Empty(t, moved)
}

func couponSettleRace(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	for range 4 {
		cs, group := c.given(member, 2, nil), ref.GroupID(newID())
		ok, err := c.hold(t.Context(), group, member, idsOf(cs)...)
		require.NoError(t, err)
		require.True(t, ok)
		moved := make([]int, 8)
		errs := together(t.Context(), len(moved), func(ctx context.Context, i int) error {
			o := coupon.Paid
			if i%2 == 0 {
				o = coupon.Unpaid
			}
			got, err := s.Coupons.Settle(ctx, group, o, noon())
			moved[i] = len(got)
			return err
		})
		require.NoError(t, errors.Join(errs...))
		total := 0
		for _, n := range moved {
			total += n
		}
		require.Equal(t, 2, total)
		states := c.states(idsOf(cs)...)
		require.Equal(t, states[0], states[1], "an order's coupons share its fate")
	}
}

func couponRevoke(t T, s storage.Stores) {
	c := couponCase{t, s}
	a, b := c.template(5, 5), c.template(0, 0)
	ann, bo := ref.MemberID(newID()), ref.MemberID(newID())
	limited := []coupon.Coupon{newCoupon(&a, ann), newCoupon(&a, ann), newCoupon(&a, bo)}
	free := []coupon.Coupon{newCoupon(&b, ann)}
	_, err := c.issue(t.Context(), &a, limited...)
	require.NoError(t, err)
	_, err = c.issue(t.Context(), &b, free...)
	require.NoError(t, err)
	ok, err := c.hold(t.Context(), ref.GroupID(newID()), ann, limited[1].ID)
	require.NoError(t, err)
	require.True(t, ok)
	all := append(idsOf(limited), free[0].ID, coupon.ID(newID()))
	var taken []coupon.Coupon
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		taken, err = s.Coupons.Revoke(ctx, all, noon().Add(time.Hour))
		require.NoError(t, err)
		again, err := s.Coupons.Revoke(ctx, all, noon().Add(time.Hour))
		require.Empty(t, again)
		return err
	}))
	want := slices.Sorted(slices.Values([]coupon.ID{limited[0].ID, limited[2].ID, free[0].ID}))
	require.Equal(t, want, idsOf(taken))
	for _, x := range taken {
		require.Equal(t, coupon.Revoked, x.State)
		require.Equal(t, noon().Add(time.Hour), x.UpdatedAt)
	}
	require.EqualValues(t, 1, templateOf(t, s, a.ID).Issued)
	require.Zero(t, templateOf(t, s, b.ID).Issued)
	counts, err := s.CouponTemplates.Counts(t.Context(), ann, []coupon.TemplateID{a.ID})
	require.NoError(t, err)
	require.EqualValues(t, 1, counts[a.ID])
	c.sound(a.ID, b.ID)
}

func couponRevokeRace(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	tpl := c.template(10, 10)
	one := newCoupon(&tpl, member)
	_, err := c.issue(t.Context(), &tpl, one)
	require.NoError(t, err)
	got := make([]int, 10)
	errs := together(t.Context(), len(got), func(ctx context.Context, i int) error {
		if i%2 == 0 {
			ok, err := c.hold(ctx, ref.GroupID(newID()), member, one.ID)
			if ok {
				got[i] = 1
			}
			return err
		}
		return s.Units.Do(ctx, func(ctx context.Context) error {
			taken, err := s.Coupons.Revoke(ctx, []coupon.ID{one.ID}, noon())
			got[i] = len(taken)
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	total := 0
	for _, n := range got {
		total += n
	}
	require.Equal(t, 1, total)
	c.sound(tpl.ID)
}

func couponSweep(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) // before any other case's
	cs := c.given(member, 9, func(i int, c *coupon.Coupon) {
		c.ValidFrom = old.Add(-time.Hour)
		c.ExpiresAt = old.Add(time.Duration(i) * time.Second)
		if i == 4 {
			c.ExpiresAt = time.Time{}
		}
	})
	never := cs[4]
	over, err := s.Coupons.Sweep(t.Context(), old.Add(2*time.Second), 1)
	require.NoError(t, err)
	require.Equal(t, []coupon.ID{cs[0].ID}, idsOf(over), "the oldest first")
	require.Equal(t, coupon.Expired, over[0].State)
	require.Equal(t, old.Add(2*time.Second), over[0].UpdatedAt)
	got := make([]int, 6)
	errs := together(t.Context(), len(got), func(ctx context.Context, i int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			over, err := s.Coupons.Sweep(ctx, old.Add(2*time.Second), 10)
			got[i] = len(over)
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	total := 0
	for _, n := range got {
		total += n
	}
	require.Equal(t, 2, total, "an end is the first moment after")
	require.Equal(t, []coupon.State{coupon.Expired, coupon.Expired, coupon.Expired, coupon.Claimed, coupon.Claimed},
		c.states(cs[0].ID, cs[1].ID, cs[2].ID, cs[3].ID, never.ID))
	over, err = s.Coupons.Sweep(t.Context(), old.Add(time.Hour), 100)
	require.NoError(t, err)
	want := slices.Sorted(slices.Values(idsOf([]coupon.Coupon{cs[3], cs[5], cs[6], cs[7], cs[8]})))
	require.Equal(t, want, idsOf(over))
	require.Equal(t, []coupon.State{coupon.Expired, coupon.Claimed}, c.states(cs[3].ID, never.ID))
}
