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

func couponCodeCases() []Case {
	return []Case{
		{Name: "a code is found by any of its digests", Run: couponCodeFind},
		{Name: "a batch that is there is refused", Run: couponCodeDuplicate},
		{Name: "of N members who redeem one code one does", Run: couponCodeRace, Apart: true},
		{Name: "what is left of a batch can be made void", Run: couponCodeVoid},
		{Name: "of redeeming and voiding one has its way", Run: couponCodeVoidRace, Apart: true},
		{Name: "batches page, the newest first", Run: couponCodeBatches},
		{Name: "what runs in no unit is refused", Run: couponCodeOutside, Apart: true},
	}
}

func newBatch(n int) (coupon.Batch, []coupon.Code) {
	b := coupon.Batch{ID: coupon.BatchID(newID()), Template: coupon.TemplateID(newID()), Size: n, MadeAt: noon()}
	codes := make([]coupon.Code, n)
	for i := range codes {
		codes[i] = coupon.Code{Digest: newID(), Key: "钥匙-2026", Batch: b.ID, Template: b.Template, State: coupon.Fresh}
	}
	return b, codes
}

func (c couponCase) batch(n int) (coupon.Batch, []coupon.Code) {
	c.Helper()
	b, codes := newBatch(n)
	require.NoError(c, c.insertBatch(b, codes))
	return b, codes
}

func (c couponCase) insertBatch(b coupon.Batch, codes []coupon.Code) error {
	return c.s.Units.Do(c.Context(), func(ctx context.Context) error { return c.s.CouponCodes.Insert(ctx, b, codes) })
}

func couponCodeFind(t T, s storage.Stores) {
	c := couponCase{t, s}
	_, codes := c.batch(3)
	for _, code := range codes {
		got, err := s.CouponCodes.Find(t.Context(), []string{newID(), code.Digest})
		require.NoError(t, err)
		require.Equal(t, code, got)
	}
	_, err := s.CouponCodes.Find(t.Context(), []string{newID(), newID()})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.CouponCodes.Find(t.Context(), nil)
	require.ErrorIs(t, err, fault.NotFound)

	won, err := s.CouponCodes.Redeem(t.Context(), codes[0].Digest, "ann", "coupon-1", noon().Add(time.Second))
	require.NoError(t, err)
	require.True(t, won)
	for _, member := range []ref.MemberID{"bo", "ann"} {
		won, err = s.CouponCodes.Redeem(t.Context(), codes[0].Digest, member, "coupon-2", noon())
		require.NoError(t, err)
		require.False(t, won)
	}
	want := codes[0]
	want.State, want.Member, want.Coupon, want.RedeemedAt = coupon.Redeemed, "ann", "coupon-1", noon().Add(time.Second)
	got, err := s.CouponCodes.Find(t.Context(), []string{want.Digest})
	require.NoError(t, err)
	require.Equal(t, want, got)
	won, err = s.CouponCodes.Redeem(t.Context(), newID(), "ann", "coupon-1", noon())
	require.NoError(t, err)
	require.False(t, won)
}

func couponCodeDuplicate(t T, s storage.Stores) {
	c := couponCase{t, s}
	b, codes := c.batch(1)
	_, fresh := newBatch(1)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.ErrorIs(t, s.CouponCodes.Insert(ctx, b, fresh), fault.AlreadyExists)
		return nil
	}))
	_, err := s.CouponCodes.Find(t.Context(), []string{fresh[0].Digest})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.CouponCodes.Find(t.Context(), []string{codes[0].Digest})
	require.NoError(t, err)
}

func couponCodeRace(t T, s storage.Stores) {
	c := couponCase{t, s}
	_, codes := c.batch(1)
	got := make([]bool, 24)
	errs := together(t.Context(), len(got), func(ctx context.Context, i int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			var err error
			got[i], err = s.CouponCodes.Redeem(ctx, codes[0].Digest, ref.MemberID(newID()), coupon.ID(newID()), noon())
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	winners := 0
	for _, g := range got {
		if g {
			winners++
		}
	}
	require.Equal(t, 1, winners)
}

func couponCodeVoid(t T, s storage.Stores) {
	c := couponCase{t, s}
	b, codes := c.batch(4)
	won, err := s.CouponCodes.Redeem(t.Context(), codes[1].Digest, "ann", "coupon-1", noon())
	require.NoError(t, err)
	require.True(t, won)
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		_, err := s.CouponCodes.Void(ctx, coupon.TemplateID(newID()), b.ID, noon())
		require.ErrorIs(t, err, fault.NotFound, "it is another template's")
		_, err = s.CouponCodes.Void(ctx, b.Template, coupon.BatchID(newID()), noon())
		require.ErrorIs(t, err, fault.NotFound)
		n, err := s.CouponCodes.Void(ctx, b.Template, b.ID, noon().Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, 3, n)
		n, err = s.CouponCodes.Void(ctx, b.Template, b.ID, noon().Add(2*time.Hour))
		require.NoError(t, err)
		require.Zero(t, n)
		return nil
	}))
	for i, code := range codes {
		got, err := s.CouponCodes.Find(t.Context(), []string{code.Digest})
		require.NoError(t, err)
		if i == 1 {
			require.Equal(t, coupon.Redeemed, got.State)
			continue
		}
		require.Equal(t, coupon.Void, got.State)
		won, err := s.CouponCodes.Redeem(t.Context(), code.Digest, "ann", "coupon-2", noon())
		require.NoError(t, err)
		require.False(t, won)
	}
	found, err := s.CouponCodes.Batches(t.Context(), b.Template, page.Request{})
	require.NoError(t, err)
	b.VoidedAt, b.Redeemed = noon().Add(time.Hour), 1
	require.Equal(t, []coupon.Batch{b}, found.Items)
}

func couponCodeVoidRace(t T, s storage.Stores) {
	c := couponCase{t, s}
	b, codes := c.batch(6)
	redeemed, voided := make([]bool, len(codes)), make([]int, 2)
	errs := together(t.Context(), len(codes)+len(voided), func(ctx context.Context, i int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			var err error
			if i < len(codes) {
				redeemed[i], err = s.CouponCodes.Redeem(ctx, codes[i].Digest, "ann", coupon.ID(newID()), noon())
			} else {
				voided[i-len(codes)], err = s.CouponCodes.Void(ctx, b.Template, b.ID, noon())
			}
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	n := voided[0] + voided[1]
	for _, r := range redeemed {
		if r {
			n++
		}
	}
	require.Equal(t, len(codes), n)
}

func couponCodeBatches(t T, s storage.Stores) {
	c := couponCase{t, s}
	template := coupon.TemplateID(newID())
	var want []coupon.BatchID
	for range 5 {
		b, codes := newBatch(2)
		b.Template = template
		for i := range codes {
			codes[i].Template = template
		}
		require.NoError(t, c.insertBatch(b, codes))
		want = append(want, b.ID)
	}
	c.batch(1)
	slices.SortFunc(want, func(a, b coupon.BatchID) int { return -cmp.Compare(a, b) })
	var got []coupon.BatchID
	for p := (page.Request{Limit: 2}); ; {
		found, err := s.CouponCodes.Batches(t.Context(), template, p)
		require.NoError(t, err)
		for _, b := range found.Items {
			require.Equal(t, 2, b.Size)
			got = append(got, b.ID)
		}
		if p.After = found.Next; p.After == "" {
			break
		}
	}
	require.Equal(t, want, got)
	_, err := s.CouponCodes.Batches(t.Context(), template, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}

func couponCodeOutside(t T, s storage.Stores) {
	b, codes := newBatch(1)
	require.ErrorIs(t, s.CouponCodes.Insert(t.Context(), b, codes), fault.FailedPrecondition)
	_, err := s.CouponCodes.Void(t.Context(), b.Template, b.ID, noon())
	require.ErrorIs(t, err, fault.FailedPrecondition)
}
