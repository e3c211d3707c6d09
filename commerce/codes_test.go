package commerce_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
)

// mint is a shop with codes: "SPRING" takes a dollar off, and so does a code of
// a coupon.
type mint struct {
	*testing.T
	*commerce.Marketplace
	clock *clock.Manual
}

func openMint(t *testing.T, cfg commerce.Config) *mint {
	t.Helper()
	s := &mint{T: t, clock: clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))}
	cfg.Clock = s.clock
	cfg.Coupons.CodeKeys = []coupon.CodeKey{{ID: "1", Secret: bytes.Repeat([]byte("k"), coupon.MinSecret)}}
	var err error
	s.Marketplace, err = commerce.New(cfg)
	require.NoError(t, err)
	stock(t, s.Marketplace)
	for id, p := range map[ref.PromotionID]promo.Promotion{
		"spring": {Redeem: promo.RedeemCode, Code: "SPRING"}, "coded": {Redeem: promo.RedeemCoupon},
		"odd": {Redeem: promo.RedeemCode, Code: noCode},
	} {
		p.ID, p.Name = id, string(id)
		p.Benefit.Fixed = &promo.Fixed{Off: money.New(100, "USD"), Per: promo.PerOrder}
		c, err := s.Campaigns.Save(t.Context(), staff(), campaign.SaveInput{Promotion: p})
		require.NoError(t, err)
		_, err = s.Campaigns.Activate(t.Context(), staff(), id, c.Version)
		require.NoError(t, err)
	}
	return s
}

// noCode could be a coupon's by its looks.
const noCode = "0000-0000-0000-0000-0"

// codes makes codes of coupons.
func (s *mint) codes(n int) []string {
	s.Helper()
	tpl, err := s.Coupons.Create(s.Context(), staff(), coupon.CreateInput{
		Terms: coupon.Terms{Promotion: "coded", Name: "A dollar", Way: coupon.ByCode},
	})
	require.NoError(s, err)
	_, err = s.Coupons.Activate(s.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(s, err)
	_, codes, err := s.Coupons.MakeCodes(s.Context(), staff(), tpl.ID, n)
	require.NoError(s, err)
	return codes
}

// typist is a buyer at a cart.
type typist struct {
	*mint
	who    ref.Scope
	choice checkout.Choice
	origin string
}

func (s *mint) typist(who ref.Scope, origin string) *typist {
	s.Helper()
	choice, _ := fill(s.T, s.Marketplace, who, 1)
	return &typist{mint: s, who: who, choice: choice, origin: origin}
}

func (b *typist) types(code string) (commerce.EnteredCode, error) {
	return b.EnterCode(b.Context(), b.who, commerce.CodeInput{Choice: b.choice, Code: code, Origin: b.origin})
}

// guesses returns how many of n wrong codes were looked up.
func (b *typist) guesses(n int) int {
	b.Helper()
	looked := 0
	for i := range n {
		_, err := b.types(fmt.Sprintf("WINTER%d", i))
		if fault.KindOf(err) == fault.Invalid {
			looked++
			continue
		}
		var f *fault.Fault
		require.ErrorAs(b, err, &f)
		require.Equal(b, fault.RateLimited, f.Kind)
		require.Equal(b, "coupon.throttled", f.Code)
		require.EqualValues(b, 900, f.Params["retry_after"])
	}
	return looked
}

// Codes of promotions are guessed as seldom as those of coupons, by members and
// by guests, and a guess at either counts for both.
func TestGuessesOfAllCodesHaveOneBudget(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]ref.Scope{"guest": ref.Guest("eve"), "member": ref.Member("eve")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openMint(t, commerce.Config{})
			eve := s.typist(who, "192.0.2.1")
			require.Equal(t, 10, eve.guesses(1_000))
			for _, right := range []string{"SPRING", s.codes(1)[0]} {
				_, err := eve.types(right)
				require.ErrorIs(t, err, fault.RateLimited, "a right one too: it is counted before it is looked at")
			}
			_, err := s.typist(ref.Guest("bo"), "192.0.2.9").types("SPRING")
			require.NoError(t, err, "somebody else is not kept from it")
			s.clock.Advance(15 * time.Minute)
			got, err := eve.types(" spring ")
			require.NoError(t, err)
			require.Equal(t, commerce.EnteredCode{Code: "SPRING"}, got)
		})
	}
	s := openMint(t, commerce.Config{})
	bo := s.typist(ref.Member("bo"), "")
	for range 6 {
		_, err := s.Coupons.Redeem(t.Context(), bo.who, coupon.RedeemInput{Code: noCode})
		require.ErrorIs(t, err, fault.NotFound)
	}
	require.Equal(t, 4, bo.guesses(20))
	_, err := s.Coupons.Redeem(t.Context(), bo.who, coupon.RedeemInput{Code: noCode})
	require.ErrorIs(t, err, fault.RateLimited)
}

func TestManyGuestsOfOneOriginGuessNoMore(t *testing.T) {
	t.Parallel()
	s := openMint(t, commerce.Config{})
	looked := 0
	for i := range 30 {
		looked += s.typist(ref.Guest(fmt.Sprint("eve ", i)), "192.0.2.1").guesses(9)
	}
	require.Equal(t, 100, looked)
}

// A coupon can be had once for its code; what everybody may know must not be a
// way to guess on.
func TestOnlyACouponForgetsTheTries(t *testing.T) {
	t.Parallel()
	s := openMint(t, commerce.Config{})
	codes := s.codes(1)
	for who, c := range map[ref.Scope]struct {
		right string
		more  int // guesses after it
	}{
		ref.Guest("bo"): {"Spring", 0}, ref.Member("di"): {"SPRING", 0}, ref.Member("bo"): {codes[0], 10}, ref.Member("eve"): {noCode, 0},
	} {
		b := s.typist(who, "")
		require.Equal(t, 9, b.guesses(9))
		_, err := b.types(c.right)
		require.NoError(t, err, c.right)
		require.Equal(t, c.more, b.guesses(11), "%s", c.right)
	}
}

// tries counts what it is asked.
type tries struct{ counted, forgotten []ref.Scope }

func (c *tries) Attempt(_ context.Context, who ref.Scope, _ string) error {
	c.counted = append(c.counted, who)
	return nil
}

func (c *tries) Succeeded(_ context.Context, who ref.Scope) error {
	c.forgotten = append(c.forgotten, who)
	return nil
}

// Whatever a code turns out to be, it is one try.
func TestACodeIsOneTry(t *testing.T) {
	t.Parallel()
	var c tries
	s := openMint(t, commerce.Config{Coupons: commerce.CouponsConfig{Limiter: &c}})
	codes := s.codes(2)
	bo := s.typist(ref.Member("bo"), "192.0.2.1")
	foreign := *bo
	foreign.choice.Cart = "nobodys"
	given := map[string]bool{}
	for _, x := range []struct {
		of    *typist
		typed string
		is    string // the code that it is, "coupon" for that of a coupon
		why   string
		tries int
	}{
		{bo, "SPRING", "SPRING", "", 1},
		{bo, "spring", "SPRING", "", 1},
		{bo, codes[0], "coupon", "", 1},
		{bo, codes[0], "coupon", "", 1}, // which is the member's already
		{bo, noCode, noCode, "", 1},
		{bo, "0000-0000-0000-0001-1", "", "unknown", 1},
		{bo, "WINTER", "", "unknown", 1},
		{s.typist(ref.Guest("eve"), ""), codes[1], "", "unknown", 1},
		{&foreign, "SPRING", "", "", 1},
		{bo, " ", "", "required", 0},
		{bo, strings.Repeat("x", checkout.MaxCode+1), "", "unknown", 0},
		{bo, "a\x00b", "", "unknown", 0},
	} {
		c = tries{}
		got, err := x.of.types(x.typed)
		require.Len(t, c.counted, x.tries, x.typed)
		for _, who := range c.counted {
			require.Equal(t, x.of.who, who)
		}
		switch {
		case x.is == "coupon":
			require.NoError(t, err)
			require.EqualValues(t, "coded", got.Coupon.Promotion)
		case x.is != "":
			require.NoError(t, err)
			require.Equal(t, commerce.EnteredCode{Code: x.is}, got)
		case x.why == "":
			require.ErrorIs(t, err, fault.NotFound)
		default:
			var f *fault.Fault
			require.ErrorAs(t, err, &f)
			require.Len(t, f.Fields, 1)
			require.Equal(t, "code", f.Fields[0].Path)
			require.Equal(t, x.why, f.Fields[0].Code)
		}
		require.Equal(t, x.is == "coupon" && !given[x.typed], len(c.forgotten) == 1, "a coupon that is new")
		given[x.typed] = true
	}
	for i := range checkout.MaxCodes {
		bo.choice.Codes = append(bo.choice.Codes, fmt.Sprint("X", i))
	}
	_, err := bo.types("SPRING")
	require.ErrorIs(t, err, fault.Invalid)
	bo.choice.Codes[7] = "spring"
	got, err := bo.types("SPRING")
	require.NoError(t, err, "it is one of them")
	require.Equal(t, "SPRING", got.Code)
}
