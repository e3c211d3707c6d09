package coupon_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/promo/coupon"
)

func TestACodeIsRedeemedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByCode)
	in.PerMember = 2
	tpl := b.opened(t, in)
	batch, codes, err := b.MakeCodes(t.Context(), staff(), tpl.ID, 4)
	require.NoError(t, err)
	require.Len(t, codes, 4)
	redeem := func(member ref.MemberID, code string) (coupon.Coupon, error) {
		return b.Redeem(t.Context(), ref.Member(member), coupon.RedeemInput{Code: code})
	}
	c, err := redeem("bo", codes[0])
	require.NoError(t, err)
	require.Equal(t, coupon.ByCode, c.Way)
	require.EqualValues(t, batch.ID, c.Origin)
	again, err := redeem("bo", codes[0])
	require.NoError(t, err, "the answer may have been lost")
	require.Equal(t, c, again)
	_, err = redeem("cy", codes[0])
	code, _ := codeOf(t, err, fault.FailedPrecondition)
	require.Equal(t, "coupon.code_used", code)

	_, err = redeem("bo", codes[1])
	require.NoError(t, err)
	_, err = redeem("bo", codes[2])
	_, reason := codeOf(t, err, fault.Exhausted)
	require.Equal(t, "member_limit", reason)
	_, err = redeem("cy", codes[2])
	require.NoError(t, err, "who may not have it has not spent the code")

	_, err = redeem("bo", "0000-0000-0000-0000-0")
	code, _ = codeOf(t, err, fault.NotFound)
	require.Equal(t, "coupon.code_unknown", code)
	_, err = redeem("bo", "hello")
	require.ErrorIs(t, err, fault.Invalid)
	_, err = b.Redeem(t.Context(), ref.Guest("g"), coupon.RedeemInput{Code: codes[3]})
	require.ErrorIs(t, err, fault.Unauthenticated)

	tpl, err = b.Pause(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	_, err = redeem("cy", codes[3])
	code, reason = codeOf(t, err, fault.FailedPrecondition)
	require.Equal(t, "coupon.closed inactive", code+" "+reason)
	_, err = b.Activate(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)

	n, err := b.VoidBatch(t.Context(), staff(), tpl.ID, batch.ID)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = redeem("cy", codes[3])
	code, _ = codeOf(t, err, fault.FailedPrecondition)
	require.Equal(t, "coupon.code_void", code)
	for _, id := range []coupon.BatchID{"none", "\x00"} {
		_, err = b.VoidBatch(t.Context(), staff(), tpl.ID, id)
		require.ErrorIs(t, err, fault.NotFound)
	}
	list, err := b.Batches(t.Context(), staff(), tpl.ID, page.Request{})
	require.NoError(t, err)
	require.Equal(t, 3, list.Items[0].Redeemed)
	require.False(t, list.Items[0].VoidedAt.IsZero())
	b.sound(t)
}

func TestCodesAreMadeWithinBounds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tpl := b.opened(t, terms(coupon.ByCode))
	for _, n := range []int{-1, 0, coupon.MaxCodes + 1} {
		_, _, err := b.MakeCodes(t.Context(), staff(), tpl.ID, n)
		require.ErrorIs(t, err, fault.Invalid)
	}
	_, _, err := b.MakeCodes(t.Context(), staff(), b.opened(t, terms(coupon.ByClaim)).ID, 1)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = b.End(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	_, _, err = b.MakeCodes(t.Context(), staff(), tpl.ID, 1)
	require.ErrorIs(t, err, fault.FailedPrecondition)
}

// A new key makes the codes of new batches; those of old ones stay good while
// their key is there.
func TestKeysAreChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tpl := b.opened(t, terms(coupon.ByCode))
	_, old, err := b.MakeCodes(t.Context(), staff(), tpl.ID, 2)
	require.NoError(t, err)
	with := func(keys ...coupon.CodeKey) *coupon.Service {
		cfg := b.cfg
		cfg.CodeKeys = keys
		s, err := coupon.NewService(cfg)
		require.NoError(t, err)
		return s
	}
	both, next := with(key("2027"), key("2026")), with(key("2027"))
	_, fresh, err := both.MakeCodes(t.Context(), staff(), tpl.ID, 1)
	require.NoError(t, err)
	_, err = both.Redeem(t.Context(), ref.Member("bo"), coupon.RedeemInput{Code: old[0]})
	require.NoError(t, err)
	_, err = next.Redeem(t.Context(), ref.Member("bo"), coupon.RedeemInput{Code: old[1]})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = next.Redeem(t.Context(), ref.Member("bo"), coupon.RedeemInput{Code: fresh[0]})
	require.NoError(t, err)
}

func TestTenThousandGuessesAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.limiter.most = 10
	tpl := b.opened(t, terms(coupon.ByCode))
	_, codes, err := b.MakeCodes(t.Context(), staff(), tpl.ID, 1)
	require.NoError(t, err)
	looked := 0
	for range 10_000 {
		_, err := b.Redeem(t.Context(), ref.Member("eve"), coupon.RedeemInput{Code: "0000-0000-0000-0000-0"})
		if !errors.Is(err, fault.RateLimited) {
			require.ErrorIs(t, err, fault.NotFound)
			looked++
		}
	}
	require.Equal(t, 10, looked)
	_, err = b.Redeem(t.Context(), ref.Member("eve"), coupon.RedeemInput{Code: codes[0]})
	require.ErrorIs(t, err, fault.RateLimited, "even a right one")
	b.limiter.n = 9
	_, err = b.Redeem(t.Context(), ref.Member("eve"), coupon.RedeemInput{Code: codes[0]})
	require.NoError(t, err)
	require.Zero(t, b.limiter.n, "who has a code is no guesser")
}

// One code, many members at once.
func TestOneCodeGivesOneCoupon(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		b := setupOn(t, on.Open(t))
		b.cfg.Limiter = unlimited{}
		s, err := coupon.NewService(b.cfg)
		require.NoError(t, err)
		tpl := b.opened(t, terms(coupon.ByCode))
		_, codes, err := b.MakeCodes(t.Context(), staff(), tpl.ID, 1)
		require.NoError(t, err)
		const n = 20
		errs := make(chan error, n)
		for i := range n {
			go func() {
				_, err := s.Redeem(t.Context(), ref.Member(ref.MemberID(rune('a'+i))), coupon.RedeemInput{Code: codes[0]})
				errs <- err
			}()
		}
		won := 0
		for range n {
			if err := <-errs; err == nil {
				won++
			} else {
				require.ErrorIs(t, err, fault.FailedPrecondition)
			}
		}
		require.Equal(t, 1, won)
		list, err := b.List(t.Context(), staff(), coupon.Query{Template: tpl.ID}, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 1)
	})
}

type unlimited struct{}

func (unlimited) Attempt(context.Context, ref.Scope, string) error { return nil }
func (unlimited) Succeeded(context.Context, ref.Scope) error       { return nil }

// Coupons that are claimed and spent through the service from many sides.
func TestRacesThroughTheService(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		b := setupOn(t, on.Open(t))
		in := terms(coupon.ByClaim)
		in.Total, in.PerMember = 5, 1
		tpl := b.opened(t, in)
		const n = 24
		errs := make(chan error, n)
		for i := range n {
			go func() {
				_, err := b.Claim(t.Context(), ref.Member(ref.MemberID(rune('a'+i%12))), coupon.ClaimInput{Template: tpl.ID})
				errs <- err
			}()
		}
		won := 0
		for range n {
			if err := <-errs; err == nil {
				won++
			} else {
				require.ErrorIs(t, err, fault.Exhausted)
			}
		}
		require.Equal(t, 5, won)
		list, err := b.List(t.Context(), staff(), coupon.Query{Template: tpl.ID}, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 5)
		one := list.Items[0]
		for i := range n {
			go func() { errs <- b.hold(t.Context(), ref.GroupID(rune('a'+i)), one.Member, one.ID) }()
		}
		won = 0
		for range n {
			if err := <-errs; err == nil {
				won++
			} else {
				require.ErrorIs(t, err, fault.Exhausted)
			}
		}
		require.Equal(t, 1, won)
		b.clock.Advance(30 * 24 * time.Hour)
		for range 4 {
			go func() {
				_, err := b.ExpireDue(t.Context(), ref.System(), 3)
				errs <- err
			}()
		}
		for range 4 {
			require.NoError(t, <-errs)
		}
		_, err = b.ExpireDue(t.Context(), ref.System(), 10)
		require.NoError(t, err)
		list, err = b.List(t.Context(), staff(), coupon.Query{Template: tpl.ID, State: coupon.Expired}, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 4)
		b.sound(t)
	})
}
