package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
)

func couponCases() []Case {
	return []Case{
		{Name: "what was issued is there, once", Run: couponIssue},
		{Name: "bounds refuse all of a call and leave the unit usable", Run: couponBounds},
		{Name: "of N members who claim the last coupon one gets it", Run: couponLast, Apart: true},
		{Name: "of N claims of one member as many win as the bound allows", Run: couponPerMember, Apart: true},
		{Name: "of N repetitions of one claim one counts", Run: couponRepeated, Apart: true},
		{Name: "members who are given coupons in crossing order do not deadlock", Run: couponCrossing, Apart: true},
		{Name: "an order holds all of its coupons or none", Run: couponHold},
		{Name: "coupons of orders are listed by order", Run: couponTied, Apart: true},
		{Name: "of N orders that want one coupon one holds it", Run: couponHoldRace, Apart: true},
		{Name: "orders that want coupons in crossing order do not deadlock", Run: couponHoldCrossing, Apart: true},
		{Name: "what becomes of an order becomes of its coupons", Run: couponSettle},
		{Name: "of payment and cancellation one has its way", Run: couponSettleRace, Apart: true},
		{Name: "what is revoked is counted off", Run: couponRevoke},
		{Name: "of revocation and an order one has its way", Run: couponRevokeRace, Apart: true},
		{Name: "coupons expire oldest first, each once", Run: couponSweep, Apart: true},
		{Name: "a wallet holds what can be used, what expires first at the front", Run: couponWallet},
		{Name: "lists select and page, the newest first", Run: couponPages},
		{Name: "what runs in no unit is refused", Run: couponOutside, Apart: true},
		{Name: "a unit that fails gives nothing out", Run: couponRollback, Apart: true},
	}
}

type couponCase struct {
	T
	s storage.Stores
}

func (c couponCase) template(total, perMember int64) coupon.Template {
	c.Helper()
	t := newTemplate()
	t.Total, t.PerMember = total, perMember
	require.NoError(c, c.s.CouponTemplates.Insert(c.Context(), &t))
	return t
}

// newCoupon is one that is usable from noon on, for a day.
func newCoupon(t *coupon.Template, member ref.MemberID) coupon.Coupon {
	return coupon.Coupon{
		ID: coupon.ID(newID()), Template: t.ID, Promotion: t.Promotion, Merchant: t.Merchant, Member: member, Name: t.Name,
		Channel: t.Channel, State: coupon.Claimed, Way: coupon.ByClaim, Origin: "", Reusable: true,
		ValidFrom: noon(), ExpiresAt: noon().Add(24 * time.Hour), ClaimedAt: noon(), UpdatedAt: noon(),
	}
}

func (c couponCase) issue(ctx context.Context, t *coupon.Template, cs ...coupon.Coupon) ([]coupon.ID, error) {
	var ids []coupon.ID
	err := c.s.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		ids, err = c.s.Coupons.Issue(ctx, cs, coupon.Limit{Template: t.ID, Total: t.Total, PerMember: t.PerMember})
		return err
	})
	return ids, err
}

// given issues coupons of a template without bounds.
func (c couponCase) given(member ref.MemberID, n int, change func(i int, c *coupon.Coupon)) []coupon.Coupon {
	c.Helper()
	t := c.template(0, 0)
	cs := make([]coupon.Coupon, n)
	for i := range cs {
		cs[i] = newCoupon(&t, member)
		if change != nil {
			change(i, &cs[i])
		}
	}
	_, err := c.issue(c.Context(), &t, cs...)
	require.NoError(c, err)
	return cs
}

func idsOf(cs []coupon.Coupon) []coupon.ID {
	ids := make([]coupon.ID, len(cs))
	for i := range cs {
		ids[i] = cs[i].ID
	}
	return ids
}

func (c couponCase) hold(ctx context.Context, group ref.GroupID, member ref.MemberID, ids ...coupon.ID) (bool, error) {
	ok := false
	err := c.s.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		ok, err = c.s.Coupons.Hold(ctx, coupon.Holding{Group: group, Member: member, IDs: ids, At: noon().Add(time.Minute)})
		return err
	})
	return ok, err
}

func (c couponCase) states(ids ...coupon.ID) []coupon.State {
	c.Helper()
	got, err := c.s.Coupons.GetMany(c.Context(), ids)
	require.NoError(c, err)
	require.Len(c, got, len(ids))
	out := make([]coupon.State, len(got))
	for i := range got {
		out[i] = got[i].State
	}
	return out
}

// sound checks that the counts of these templates follow from the coupons.
func (c couponCase) sound(ids ...coupon.TemplateID) {
	c.Helper()
	wrong, err := c.s.CouponTemplates.Audit(c.Context(), 1000)
	require.NoError(c, err)
	for _, m := range wrong {
		require.NotContains(c, ids, m.Template, "%+v", m)
	}
}

func couponIssue(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl, member := c.template(10, 5), ref.MemberID(newID())
	a, b := newCoupon(&tpl, member), newCoupon(&tpl, member)
	b.ExpiresAt, b.Origin, b.Way, b.Reusable, b.Merchant = time.Time{}, newID(), coupon.ByReward, false, ""
	ids, err := c.issue(t.Context(), &tpl, b, a)
	require.NoError(t, err)
	require.Equal(t, slices.Sorted(slices.Values([]coupon.ID{a.ID, b.ID})), ids)
	got, err := s.Coupons.GetMany(t.Context(), []coupon.ID{b.ID, coupon.ID(newID()), a.ID})
	require.NoError(t, err)
	require.Equal(t, []coupon.Coupon{b, a}, got)
	got, err = s.Coupons.GetMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)

	other, fresh := a, newCoupon(&tpl, member)
	other.Member = "somebody else"
	ids, err = c.issue(t.Context(), &tpl, other, fresh)
	require.NoError(t, err)
	require.Equal(t, []coupon.ID{fresh.ID}, ids, "an id that is taken is left alone")
	got, err = s.Coupons.GetMany(t.Context(), []coupon.ID{a.ID})
	require.NoError(t, err)
	require.Equal(t, []coupon.Coupon{a}, got)
	require.EqualValues(t, 3, templateOf(t, s, tpl.ID).Issued)
	counts, err := s.CouponTemplates.Counts(t.Context(), member, []coupon.TemplateID{tpl.ID})
	require.NoError(t, err)
	require.EqualValues(t, 3, counts[tpl.ID])
	ids, err = c.issue(t.Context(), &tpl, a)
	require.NoError(t, err)
	require.Empty(t, ids)
	c.sound(tpl.ID)
}

func couponBounds(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl := c.template(3, 2)
	ann, bo, cy := ref.MemberID(newID()), ref.MemberID(newID()), ref.MemberID(newID())
	limit := coupon.Limit{Template: tpl.ID, Total: tpl.Total, PerMember: tpl.PerMember}
	refused := func(ctx context.Context, why coupon.Reason, members ...ref.MemberID) {
		t.Helper()
		cs := make([]coupon.Coupon, len(members))
		for i, m := range members {
			cs[i] = newCoupon(&tpl, m)
		}
		ids, err := s.Coupons.Issue(ctx, cs, limit)
		require.ErrorIs(t, err, fault.Exhausted)
		require.Empty(t, ids)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Equal(t, "coupon.exhausted", f.Code)
		require.Equal(t, string(why), f.Params["reason"])
		got, err := s.Coupons.GetMany(ctx, idsOf(cs))
		require.NoError(t, err)
		require.Empty(t, got)
	}
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		refused(ctx, coupon.ReasonMember, ann, ann, ann) // more than one may have, from the start
		_, err := s.Coupons.Issue(ctx, []coupon.Coupon{newCoupon(&tpl, ann), newCoupon(&tpl, bo)}, limit)
		require.NoError(t, err)
		refused(ctx, coupon.ReasonMember, cy, ann, ann)
		refused(ctx, coupon.ReasonSoldOut, cy, ann)
		_, err = s.Coupons.Issue(ctx, []coupon.Coupon{newCoupon(&tpl, cy)}, limit)
		require.NoError(t, err)
		refused(ctx, coupon.ReasonSoldOut, cy)
		return nil
	}))
	require.EqualValues(t, 3, templateOf(t, s, tpl.ID).Issued)
	for _, m := range []ref.MemberID{ann, bo, cy} {
		counts, err := s.CouponTemplates.Counts(t.Context(), m, []coupon.TemplateID{tpl.ID})
		require.NoError(t, err)
		require.EqualValues(t, 1, counts[tpl.ID])
	}
	c.sound(tpl.ID)
}

// won counts the calls that succeeded; the others must have been refused.
func won(t T, errs []error) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		if err == nil {
			n++
		} else {
			require.ErrorIs(t, err, fault.Exhausted)
		}
	}
	return n
}

func couponLast(t T, s storage.Stores) {
	c := couponCase{t, s}
	for _, total := range []int64{1, 7} {
		for _, perMember := range []int64{0, 1} {
			tpl := c.template(total, perMember)
			errs := together(t.Context(), 30, func(ctx context.Context, _ int) error {
				_, err := c.issue(ctx, &tpl, newCoupon(&tpl, ref.MemberID(newID())))
				return err
			})
			require.EqualValues(t, total, won(t, errs))
			require.Equal(t, total, templateOf(t, s, tpl.ID).Issued)
			found, err := s.Coupons.List(t.Context(), coupon.Query{Template: tpl.ID}, page.Request{})
			require.NoError(t, err)
			require.Len(t, found.Items, int(total))
			c.sound(tpl.ID)
		}
	}
}

func couponPerMember(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl, members := c.template(0, 3), []ref.MemberID{ref.MemberID(newID()), ref.MemberID(newID())}
	errs := together(t.Context(), 24, func(ctx context.Context, i int) error {
		_, err := c.issue(ctx, &tpl, newCoupon(&tpl, members[i%2]))
		return err
	})
	require.Equal(t, 6, won(t, errs))
	for _, m := range members {
		counts, err := s.CouponTemplates.Counts(t.Context(), m, []coupon.TemplateID{tpl.ID})
		require.NoError(t, err)
		require.EqualValues(t, 3, counts[tpl.ID])
	}
	c.sound(tpl.ID)
}

func couponRepeated(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl, member := c.template(5, 5), ref.MemberID(newID())
	one := newCoupon(&tpl, member)
	got := make([]int, 16)
	errs := together(t.Context(), len(got), func(ctx context.Context, i int) error {
		ids, err := c.issue(ctx, &tpl, one)
		got[i] = len(ids)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	slices.Sort(got)
	require.Equal(t, 1, got[len(got)-1])
	require.Zero(t, got[len(got)-2])
	require.EqualValues(t, 1, templateOf(t, s, tpl.ID).Issued)
	c.sound(tpl.ID)
}

func couponCrossing(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl := c.template(0, 100)
	members := make([]ref.MemberID, 6)
	for i := range members {
		members[i] = ref.MemberID(newID())
	}
	const rounds = 12
	errs := together(t.Context(), rounds, func(ctx context.Context, i int) error {
		cs := make([]coupon.Coupon, len(members))
		for j := range members {
			cs[j] = newCoupon(&tpl, members[(i+j*5)%len(members)])
		}
		_, err := c.issue(ctx, &tpl, cs...)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	for _, m := range members {
		counts, err := s.CouponTemplates.Counts(t.Context(), m, []coupon.TemplateID{tpl.ID})
		require.NoError(t, err)
		require.EqualValues(t, rounds, counts[tpl.ID])
	}
	c.sound(tpl.ID)
}

func couponWallet(t T, s storage.Stores) {
	c, member := couponCase{t, s}, ref.MemberID(newID())
	at := noon().Add(time.Minute)
	cs := c.given(member, 6, func(i int, c *coupon.Coupon) {
		c.ExpiresAt = noon().Add(time.Duration(10-i) * time.Hour)
		switch i {
		case 0:
			c.ExpiresAt = time.Time{}
		case 1:
			c.ExpiresAt = at
		case 2:
			c.ValidFrom = at.Add(time.Second)
		}
	})
	c.given(ref.MemberID(newID()), 1, nil)
	slices.SortFunc(cs, func(a, b coupon.Coupon) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	// never is at the end
	want := slices.DeleteFunc(slices.Clone(cs), func(c coupon.Coupon) bool { return !c.Usable(at) || c.ExpiresAt.IsZero() })
	want = append(want, cs[0])
	got, err := s.Coupons.Wallet(t.Context(), member, at, 10)
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = s.Coupons.Wallet(t.Context(), member, at, 2)
	require.NoError(t, err)
	require.Equal(t, want[:2], got)
	ok, err := c.hold(t.Context(), ref.GroupID(newID()), member, want[0].ID)
	require.NoError(t, err)
	require.True(t, ok)
	got, err = s.Coupons.Wallet(t.Context(), member, at, 10)
	require.NoError(t, err)
	require.Equal(t, want[1:], got)
	got, err = s.Coupons.Wallet(t.Context(), ref.MemberID(newID()), at, 10)
	require.NoError(t, err)
	require.Empty(t, got)
}

func couponPages(t T, s storage.Stores) {
	c, member, origin := couponCase{t, s}, ref.MemberID(newID()), newID()
	merchant := ref.MerchantID(newID())
	at := noon().Add(time.Hour)
	cs := c.given(member, 6, func(i int, c *coupon.Coupon) {
		c.ClaimedAt = noon().Add(time.Duration(i/2) * time.Second) // two at a time
		c.Merchant = merchant
		if i < 3 {
			c.Origin = origin
		}
		if i == 5 {
			c.ExpiresAt = at
			c.Channel = "en"
		}
		if i == 4 {
			c.Channel = ""
		}
	})
	slices.SortFunc(cs, func(a, b coupon.Coupon) int {
		return cmp.Or(b.ClaimedAt.Compare(a.ClaimedAt), -cmp.Compare(a.ID, b.ID))
	})
	for _, q := range []coupon.Query{
		{Member: member}, {Template: cs[0].Template}, {Merchant: merchant}, {Member: member, Template: cs[0].Template},
	} {
		var got []coupon.ID
		for p := (page.Request{Limit: 2}); ; {
			found, err := s.Coupons.List(t.Context(), q, p)
			require.NoError(t, err)
			require.LessOrEqual(t, len(found.Items), 2)
			got = append(got, idsOf(found.Items)...)
			if p.After = found.Next; p.After == "" {
				break
			}
		}
		require.Equal(t, idsOf(cs), got, "%+v", q)
	}
	for q, n := range map[coupon.Query]int{
		{Origin: origin}:                                3,
		{Origin: origin, Member: "other"}:               0,
		{Member: member, State: coupon.Claimed}:         6,
		{Member: member, State: coupon.Claimed, At: at}: 5,
		{Member: member, State: coupon.Expired}:         0,
		{Member: member, State: coupon.Expired, At: at}: 1,
		{Member: member, State: coupon.Used, At: at}:    0,
		{Member: member, Channel: "en"}:                 2,
		{Member: member, Channel: "中文"}:                 5,
		{Member: member, At: at}:                        6,
	} {
		found, err := s.Coupons.List(t.Context(), q, page.Request{})
		require.NoError(t, err)
		require.Len(t, found.Items, n, "%+v", q)
	}
	_, err := s.Coupons.List(t.Context(), coupon.Query{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}

func couponOutside(t T, s storage.Stores) {
	tpl := newTemplate()
	_, err := s.Coupons.Issue(t.Context(), []coupon.Coupon{newCoupon(&tpl, "ann")}, coupon.Limit{Template: tpl.ID})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = s.Coupons.Hold(t.Context(), coupon.Holding{Group: "g", Member: "ann", IDs: []coupon.ID{"c"}, At: noon()})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = s.Coupons.Revoke(t.Context(), []coupon.ID{"c"}, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

func couponRollback(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl, member := c.template(5, 5), ref.MemberID(newID())
	one := newCoupon(&tpl, member)
	err := s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, err := s.Coupons.Issue(ctx, []coupon.Coupon{one}, coupon.Limit{Template: tpl.ID, Total: 5, PerMember: 5})
		require.NoError(t, err)
		return errRehearsal
	})
	require.ErrorIs(t, err, errRehearsal)
	got, err := s.Coupons.GetMany(t.Context(), []coupon.ID{one.ID})
	require.NoError(t, err)
	require.Empty(t, got)
	require.Zero(t, templateOf(t, s, tpl.ID).Issued)
	counts, err := s.CouponTemplates.Counts(t.Context(), member, []coupon.TemplateID{tpl.ID})
	require.NoError(t, err)
	require.Empty(t, counts)
	c.sound(tpl.ID)
}
