package faults_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

func couponKeys() commerce.CouponsConfig {
	return commerce.CouponsConfig{
		CodeKeys: []coupon.CodeKey{{ID: "1", Secret: bytes.Repeat([]byte("k"), coupon.MinSecret)}}, Promotions: ofTheSite{},
	}
}

// ofTheSite says that every promotion is the site's.
type ofTheSite struct{}

func (ofTheSite) CouponOwner(context.Context, ref.PromotionID) (ref.MerchantID, error) {
	return "", nil
}

// coupons is the story of what a shop gives to its members: what they find when
// they join, take in the coupon centre, get a code for; an order on the
// telephone that holds one and is not paid, another that uses it, one that is
// taken back, and what nobody uses in time.
func coupons(ctx context.Context) []step {
	var di member.ID
	var codes []string
	self := func() ref.Scope { return ref.Member(di) }
	offer := func(way coupon.Way) step {
		return func(s *shop) error {
			id := coupon.TemplateID("by-" + way)
			_, err := s.Coupons.Create(ctx, staff(), coupon.CreateInput{ID: id, Terms: coupon.Terms{
				Promotion: "five-off", Name: string(way), Way: way, Validity: coupon.Validity{Days: 7}, Total: 5, PerMember: 1,
			}})
			if err = done(err, fault.AlreadyExists); err != nil {
				return err
			}
			t, err := s.Coupons.Template(ctx, staff(), id)
			if err == nil && t.State == coupon.Paused {
				_, err = s.Coupons.Activate(ctx, staff(), id, t.Version)
			}
			return err
		}
	}
	claimed := func(s *shop) (coupon.ID, error) {
		c, err := s.Coupons.Claim(ctx, self(), coupon.ClaimInput{Template: "by-claim", Key: "click"})
		return c.ID, err
	}
	order := func(group ref.GroupID, o coupon.Outcome) step {
		return func(s *shop) error {
			id, err := claimed(s)
			if err != nil {
				return err
			}
			err = s.Units.Do(ctx, func(ctx context.Context) error {
				return s.Coupons.Hold(ctx, coupon.Holding{Group: group, Member: di, IDs: []coupon.ID{id}, At: s.w.clock.Now()})
			})
			if err != nil {
				return err
			}
			return s.Units.Do(ctx, func(ctx context.Context) error {
				_, err := s.Coupons.Settle(ctx, group, o, s.w.clock.Now())
				return err
			})
		}
	}
	return []step{
		offer(coupon.ByRegistration), offer(coupon.ByClaim), offer(coupon.ByCode), offer(coupon.ByHand),
		func(s *shop) error {
			_, err := s.Members.Register(ctx, staff(), member.RegisterInput{Email: "di@shop.example"})
			if err = done(err, fault.AlreadyExists); err != nil {
				return err
			}
			m, err := s.Members.FindEmail(ctx, staff(), "di@shop.example")
			di = m.ID
			return err
		},
		later(ctx, soon),
		func(s *shop) error {
			_, err1 := s.Coupons.Offers(ctx, self(), coupon.OfferQuery{}, page.Request{})
			_, err2 := claimed(s)
			return errors.Join(err1, err2)
		},
		order("caller-1", coupon.Unpaid),
		order("caller-2", coupon.Paid),
		func(s *shop) error {
			if len(codes) > 0 {
				return nil
			}
			var err error
			_, codes, err = s.Coupons.MakeCodes(ctx, staff(), "by-code", 2)
			return err
		},
		func(s *shop) error {
			_, err := s.Coupons.Redeem(ctx, self(), coupon.RedeemInput{Code: codes[0], Origin: "192.0.2.1"})
			return err
		},
		func(s *shop) error { // the rest of them were stolen
			all, err := s.Coupons.Batches(ctx, staff(), "by-code", page.Request{})
			for _, b := range all.Items {
				if err == nil {
					_, err = s.Coupons.VoidBatch(ctx, staff(), "by-code", b.ID)
				}
			}
			return err
		},
		func(s *shop) error { // by mistake
			given, err := s.Coupons.Issue(ctx, staff(), coupon.IssueInput{Template: "by-hand", Members: []ref.MemberID{di}, Key: "sorry"})
			if err == nil {
				_, err = s.Coupons.Revoke(ctx, staff(), given[0].ID)
			}
			return err
		},
		func(s *shop) error {
			wallet, err := s.Coupons.Wallet(ctx, di, s.w.clock.Now())
			if err == nil && len(wallet) != 2 {
				err = fault.New(fault.Internal, "test.wallet", "two coupons are left").With("have", len(wallet))
			}
			return err
		},
		later(ctx, 8*24*time.Hour),
		func(s *shop) error {
			_, err := s.Coupons.List(ctx, self(), coupon.Query{State: coupon.Expired}, page.Request{})
			return err
		},
		func(s *shop) error {
			for _, err := range s.Verify(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// given tells which coupons there are, and how many templates count.
func (w *world) given(s *shop, out *outcome) {
	w.Helper()
	all, err := s.Coupons.List(w.Context(), ref.System(), coupon.Query{}, page.Request{Limit: page.MaxLimit})
	require.NoError(w, err)
	for _, c := range all.Items {
		out.Coupons = append(out.Coupons, fmt.Sprintf("%s: %s of %q", c.Template, c.State, c.Group))
	}
	templates, err := s.Coupons.Templates(w.Context(), ref.System(), coupon.TemplateQuery{}, page.Request{})
	require.NoError(w, err)
	for _, t := range templates.Items {
		out.Coupons = append(out.Coupons, fmt.Sprintf("%s: %d of %d", t.ID, t.Issued, t.Total))
	}
	slices.Sort(out.Coupons)
}
