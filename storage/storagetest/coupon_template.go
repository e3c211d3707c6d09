package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
)

func couponTemplateCases() []Case {
	return []Case{
		{Name: "insert, get and update keep every field", Run: couponTemplateRoundTrip},
		{Name: "a second insert of an id is refused", Run: couponTemplateDuplicate},
		{Name: "a stale update is refused and changes nothing", Run: couponTemplateStale},
		{Name: "of N concurrent updates of one version one wins", Run: couponTemplateLostUpdate, Apart: true},
		{Name: "a bound never falls below what was given out", Run: couponTemplateTotal, Apart: true},
		{Name: "a bound that falls while coupons are given out holds", Run: couponTemplateFalling, Apart: true},
		{Name: "lists select and page, the newest first", Run: couponTemplatePages},
		{Name: "what members were given is counted where it is bounded", Run: couponTemplateCounts},
		{Name: "counts that differ from the coupons are found", Run: couponTemplateAudit},
	}
}

func newTemplate() coupon.Template {
	return coupon.Template{
		ID: coupon.TemplateID(newID()), Merchant: ref.MerchantID(newID()), State: coupon.Active,
		Terms: coupon.Terms{
			Promotion: "ten-off", Name: "满100减10 O'Neil \"quoted\"", Note: "one\ntwo", Way: coupon.ByClaim, Channel: "中文",
			Opens: noon(), Closes: noon().Add(time.Hour),
			Validity: coupon.Validity{From: noon(), Until: noon().Add(48 * time.Hour), Days: 1},
			Total:    3, PerMember: 2, Reusable: true,
		},
		CreatedAt: noon(), UpdatedAt: noon(),
	}
}

func couponTemplateRoundTrip(t T, s storage.Stores) {
	a, b := newTemplate(), newTemplate()
	b.Merchant, b.Terms = "", coupon.Terms{Promotion: "p", Name: "n", Way: coupon.ByHand}
	for _, tpl := range []*coupon.Template{&a, &b} {
		tpl.Issued = 7 // is the store's to count
		require.NoError(t, s.CouponTemplates.Insert(t.Context(), tpl))
		require.EqualValues(t, 1, tpl.Version)
		require.Zero(t, tpl.Issued)
	}
	got, err := s.CouponTemplates.GetMany(t.Context(), []coupon.TemplateID{b.ID, coupon.TemplateID(newID()), a.ID})
	require.NoError(t, err)
	require.Equal(t, []coupon.Template{b, a}, got)
	got, err = s.CouponTemplates.GetMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)

	a.Name, a.State, a.Way, a.Closes, a.UpdatedAt = "renamed", coupon.Ended, coupon.ByCode, time.Time{}, noon().Add(time.Second)
	require.NoError(t, s.CouponTemplates.Update(t.Context(), &a))
	require.EqualValues(t, 2, a.Version)
	require.Equal(t, a, templateOf(t, s, a.ID))
}

func templateOf(t T, s storage.Stores, id coupon.TemplateID) coupon.Template {
	t.Helper()
	got, err := s.CouponTemplates.GetMany(t.Context(), []coupon.TemplateID{id})
	require.NoError(t, err)
	require.Len(t, got, 1)
	return got[0]
}

func couponTemplateDuplicate(t T, s storage.Stores) {
	first := newTemplate()
	require.NoError(t, s.CouponTemplates.Insert(t.Context(), &first))
	again := newTemplate()
	again.ID = first.ID
	require.ErrorIs(t, s.CouponTemplates.Insert(t.Context(), &again), fault.AlreadyExists)
	require.Zero(t, again.Version, "the argument is unchanged on error")
	require.Equal(t, first, templateOf(t, s, first.ID))
}

func couponTemplateStale(t T, s storage.Stores) {
	tpl := newTemplate()
	require.NoError(t, s.CouponTemplates.Insert(t.Context(), &tpl))
	old := tpl
	tpl.Name = "second"
	require.NoError(t, s.CouponTemplates.Update(t.Context(), &tpl))
	old.Name = "lost"
	before := old
	require.ErrorIs(t, s.CouponTemplates.Update(t.Context(), &old), fault.Conflict)
	require.Equal(t, before, old)
	require.Equal(t, tpl, templateOf(t, s, tpl.ID))
	none := newTemplate()
	require.ErrorIs(t, s.CouponTemplates.Update(t.Context(), &none), fault.NotFound)
}

func couponTemplateLostUpdate(t T, s storage.Stores) {
	tpl := newTemplate()
	require.NoError(t, s.CouponTemplates.Insert(t.Context(), &tpl))
	errs := together(t.Context(), 12, func(ctx context.Context, i int) error {
		mine := tpl
		mine.Name = strconv.Itoa(i)
		return s.CouponTemplates.Update(ctx, &mine)
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.ErrorIs(t, err, fault.Conflict)
		}
	}
	require.Equal(t, 1, won)
}

func couponTemplateTotal(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl := c.template(3, 0)
	for range 2 {
		_, err := c.issue(t.Context(), &tpl, newCoupon(&tpl, "ann"))
		require.NoError(t, err)
	}
	tpl = templateOf(t, s, tpl.ID)
	require.EqualValues(t, 2, tpl.Issued)
	low := tpl
	low.Total = 1
	err := s.CouponTemplates.Update(t.Context(), &low)
	require.ErrorIs(t, err, fault.Exhausted)
	require.Equal(t, "coupon.total", fault.CodeOf(err))
	require.Equal(t, tpl, templateOf(t, s, tpl.ID))
	low.Total, low.Issued = 2, 99
	require.NoError(t, s.CouponTemplates.Update(t.Context(), &low))
	require.EqualValues(t, 2, low.Issued, "the stored number is what counts")
	require.Equal(t, low, templateOf(t, s, tpl.ID))
	_, err = c.issue(t.Context(), &low, newCoupon(&low, "ann"))
	require.ErrorIs(t, err, fault.Exhausted)
	low.Total = 3
	require.NoError(t, s.CouponTemplates.Update(t.Context(), &low))
	_, err = c.issue(t.Context(), &low, newCoupon(&low, "ann"))
	require.NoError(t, err)
	c.sound(tpl.ID)
}

func couponTemplateFalling(t T, s storage.Stores) {
	c := couponCase{t, s}
	tpl := c.template(20, 0)
	const buyers = 12
	errs := together(t.Context(), buyers+1, func(ctx context.Context, i int) error {
		if i == buyers {
			low := tpl
			low.Total = 6
			err := s.CouponTemplates.Update(ctx, &low)
			if errors.Is(err, fault.Exhausted) {
				return nil // too late: more than that were given out
			}
			return err
		}
		_, err := c.issue(ctx, &tpl, newCoupon(&tpl, "ann"))
		if errors.Is(err, fault.Exhausted) {
			return nil
		}
		return err
	})
	require.NoError(t, errors.Join(errs...))
	now := templateOf(t, s, tpl.ID)
	require.LessOrEqual(t, now.Issued, now.Total)
	c.sound(tpl.ID)
}

func couponTemplatePages(t T, s storage.Stores) {
	merchant := ref.MerchantID(newID())
	var want []coupon.TemplateID
	for i := range 5 {
		tpl := newTemplate()
		tpl.Merchant = merchant
		if i == 2 {
			tpl.State, tpl.Way, tpl.Channel = coupon.Paused, coupon.ByCode, "en"
		}
		if i == 3 {
			tpl.Channel = ""
		}
		require.NoError(t, s.CouponTemplates.Insert(t.Context(), &tpl))
		want = append(want, tpl.ID)
	}
	slices.SortFunc(want, func(a, b coupon.TemplateID) int { return -cmp.Compare(a, b) })
	var got []coupon.TemplateID
	for p := (page.Request{Limit: 2}); ; {
		found, err := s.CouponTemplates.List(t.Context(), coupon.TemplateQuery{Merchant: merchant}, p)
		require.NoError(t, err)
		for _, tpl := range found.Items {
			got = append(got, tpl.ID)
		}
		if p.After = found.Next; p.After == "" {
			break
		}
	}
	require.Equal(t, want, got)
	for q, n := range map[coupon.TemplateQuery]int{
		{Merchant: merchant, State: coupon.Active}:                      4,
		{Merchant: merchant, Way: coupon.ByCode}:                        1,
		{Merchant: merchant, Way: coupon.ByReward}:                      0,
		{Merchant: merchant, Channel: "en"}:                             2,
		{Merchant: merchant, Channel: "中文"}:                             4,
		{Merchant: merchant, Site: true}:                                0,
		{Merchant: ref.MerchantID(newID())}:                             0,
		{Merchant: merchant, State: coupon.Paused}:                      1,
		{Merchant: merchant, Way: coupon.ByClaim}:                       4,
		{Merchant: merchant, State: "unheard"}:                          0,
		{Merchant: merchant, Way: coupon.ByClaim, State: coupon.Paused}: 0,
	} {
		found, err := s.CouponTemplates.List(t.Context(), q, page.Request{})
		require.NoError(t, err)
		require.Len(t, found.Items, n, "%+v", q)
	}
	_, err := s.CouponTemplates.List(t.Context(), coupon.TemplateQuery{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}

func couponTemplateCounts(t T, s storage.Stores) {
	c := couponCase{t, s}
	bounded, free := c.template(0, 2), c.template(0, 0)
	ann, bo := ref.MemberID(newID()), ref.MemberID(newID())
	for _, tpl := range []*coupon.Template{&bounded, &free} {
		_, err := c.issue(t.Context(), tpl, newCoupon(tpl, ann), newCoupon(tpl, ann), newCoupon(tpl, bo))
		require.NoError(t, err)
	}
	ids := []coupon.TemplateID{bounded.ID, free.ID}
	got, err := s.CouponTemplates.Counts(t.Context(), ann, ids)
	require.NoError(t, err)
	require.Equal(t, map[coupon.TemplateID]int64{bounded.ID: 2}, got, "nothing is counted where nothing is bounded")
	got, err = s.CouponTemplates.Counts(t.Context(), bo, ids)
	require.NoError(t, err)
	require.Equal(t, map[coupon.TemplateID]int64{bounded.ID: 1}, got)
	got, err = s.CouponTemplates.Counts(t.Context(), ref.MemberID(newID()), nil)
	require.NoError(t, err)
	require.Empty(t, got)
	require.Zero(t, templateOf(t, s, bounded.ID).Issued)
}

func couponTemplateAudit(t T, s storage.Stores) {
	c := couponCase{t, s}
	var want []coupon.Mismatch
	for range 2 {
		tpl, member := c.template(9, 9), ref.MemberID(newID())
		_, err := c.issue(t.Context(), &tpl, newCoupon(&tpl, member))
		require.NoError(t, err)
		c.sound(tpl.ID)
		unbounded := tpl
		unbounded.Total, unbounded.PerMember = 0, 0 // so that nothing is counted
		_, err = c.issue(t.Context(), &unbounded, newCoupon(&tpl, member), newCoupon(&tpl, "uncounted"))
		require.NoError(t, err)
		want = append(want,
			coupon.Mismatch{Template: tpl.ID, Counted: 1, Coupons: 3},
			coupon.Mismatch{Template: tpl.ID, Member: member, Counted: 1, Coupons: 2})
	}
	slices.SortFunc(want, func(a, b coupon.Mismatch) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Member, b.Member))
	})
	all, err := s.CouponTemplates.Audit(t.Context(), 1000)
	require.NoError(t, err)
	var got []coupon.Mismatch
	for _, m := range all {
		if m.Template == want[0].Template || m.Template == want[2].Template {
			got = append(got, m)
		}
	}
	require.Equal(t, want, got)
	some, err := s.CouponTemplates.Audit(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, some, 1)
}
