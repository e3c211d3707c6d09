package coupon_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/promo/coupon"
)

// model is what coupons should be, in the plainest words.
type model struct {
	total, perMember int64
	days             int
	reusable         bool
	coupons          []*plain
	groups           map[ref.GroupID]string // what became of them
}

type plain struct {
	id      coupon.ID
	member  ref.MemberID
	state   string
	group   ref.GroupID
	expires time.Time
}

// given counts what was given out: to a member, or in all.
func (m *model) given(member ref.MemberID) (n int64) {
	for _, c := range m.coupons {
		if c.state != "revoked" && (member == "" || c.member == member) {
			n++
		}
	}
	return n
}

func (m *model) room(member ref.MemberID) bool {
	return (m.total == 0 || m.given("") < m.total) && (m.perMember == 0 || m.given(member) < m.perMember)
}

// Random lives of coupons against the model, on every backend.
func TestCouponsFollowThePlainModel(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		b, prefix := setupOn(t, on.Open(t)), 0
		rapid.Check(t, func(rt *rapid.T) {
			prefix++
			checkLife(rt, b, fmt.Sprintf("%s%d.", on.Name, prefix))
		})
		b.sound(t)
	})
}

func checkLife(rt *rapid.T, b bundle, prefix string) {
	ctx := context.Background()
	m := &model{
		total: rapid.Int64Range(0, 6).Draw(rt, "total"), perMember: rapid.Int64Range(0, 3).Draw(rt, "per member"),
		days: rapid.IntRange(0, 2).Draw(rt, "days"), reusable: rapid.Bool().Draw(rt, "reusable"), groups: map[ref.GroupID]string{},
	}
	in := terms(coupon.ByClaim)
	in.Total, in.PerMember, in.Reusable, in.Validity.Days = m.total, m.perMember, m.reusable, m.days
	tpl := b.opened(rt, in)
	member := rapid.Map(rapid.SampledFrom([]string{"ann", "bo", "cy"}), func(s string) ref.MemberID { return ref.MemberID(prefix + s) })
	group := rapid.Map(rapid.IntRange(0, 4), func(n int) ref.GroupID { return ref.GroupID(fmt.Sprintf("%sg%d", prefix, n)) })
	some := func(rt *rapid.T) *plain {
		if len(m.coupons) == 0 {
			rt.Skip("there are none")
		}
		return rapid.SampledFrom(m.coupons).Draw(rt, "coupon")
	}
	over := func(c *plain) bool { return !c.expires.IsZero() && !b.clock.Now().Before(c.expires) }

	rt.Repeat(map[string]func(*rapid.T){
		"claim": func(rt *rapid.T) {
			who := member.Draw(rt, "member")
			c, err := b.Claim(ctx, ref.Member(who), coupon.ClaimInput{Template: tpl.ID})
			if !m.room(who) {
				require.ErrorIs(rt, err, fault.Exhausted)
				return
			}
			require.NoError(rt, err)
			p := &plain{id: c.ID, member: who, state: "claimed"}
			if m.days > 0 {
				p.expires = b.clock.Now().Add(time.Duration(m.days) * 24 * time.Hour)
			}
			m.coupons = append(m.coupons, p)
		},
		"hold": func(rt *rapid.T) {
			a, c, g := some(rt), some(rt), group.Draw(rt, "group")
			err := b.hold(ctx, g, a.member, a.id, c.id)
			fits := true
			for _, x := range []*plain{a, c} {
				mine := (x.state == "held" || x.state == "used") && x.group == g
				fits = fits && x.member == a.member && (mine || x.state == "claimed" && !over(x))
			}
			if !fits {
				require.ErrorIs(rt, err, fault.Exhausted)
				return
			}
			require.NoError(rt, err)
			for _, x := range []*plain{a, c} {
				if x.state == "claimed" {
					x.state, x.group = "held", g
				}
			}
		},
		"settle": func(rt *rapid.T) {
			g := group.Draw(rt, "group")
			o := rapid.SampledFrom([]coupon.Outcome{coupon.Paid, coupon.Unpaid, coupon.Canceled}).Draw(rt, "outcome")
			moved, err := b.settle(ctx, g, o)
			require.NoError(rt, err)
			n := 0
			for _, c := range m.coupons {
				if c.group != g {
					continue
				}
				before := c.state
				switch {
				case c.state == "held" && o == coupon.Unpaid,
					(c.state == "held" || c.state == "used") && o == coupon.Canceled && m.reusable:
					c.state, c.group = "claimed", ""
				case c.state == "held":
					c.state = "used"
				}
				if c.state != before {
					n++
				}
			}
			require.Len(rt, moved, n)
		},
		"revoke": func(rt *rapid.T) {
			c := some(rt)
			taken, err := b.Revoke(ctx, staff(), c.id)
			require.NoError(rt, err)
			require.Equal(rt, c.state == "claimed", len(taken) == 1)
			if c.state == "claimed" {
				c.state = "revoked"
			}
		},
		"expire": func(rt *rapid.T) {
			b.clock.Advance(time.Duration(rapid.IntRange(0, 36).Draw(rt, "hours")) * time.Hour)
			for {
				n, err := b.ExpireDue(ctx, ref.System(), 2)
				require.NoError(rt, err)
				if n == 0 {
					break
				}
			}
			for _, c := range m.coupons {
				if c.state == "claimed" && over(c) {
					c.state = "expired"
				}
			}
		},
		"pass": func(rt *rapid.T) { b.clock.Advance(time.Duration(rapid.IntRange(1, 40).Draw(rt, "hours")) * time.Hour) },
		"": func(rt *rapid.T) {
			usable, ids := 0, make([]coupon.ID, len(m.coupons))
			for i, c := range m.coupons {
				ids[i] = c.id
			}
			got, err := b.stores.Coupons.GetMany(ctx, ids)
			require.NoError(rt, err)
			for i, c := range m.coupons {
				require.Equal(rt, c.state, string(got[i].State))
				require.Equal(rt, c.group, got[i].Group)
				require.Equal(rt, c.expires, got[i].ExpiresAt)
				if c.state == "claimed" && !over(c) {
					usable++
				}
			}
			for _, who := range []string{"ann", "bo", "cy"} {
				wallet, err := b.Wallet(ctx, ref.MemberID(prefix+who), b.clock.Now())
				require.NoError(rt, err)
				usable -= len(wallet)
			}
			require.Zero(rt, usable)
			now, err := b.Template(ctx, staff(), tpl.ID)
			require.NoError(rt, err)
			if m.total > 0 {
				require.Equal(rt, m.given(""), now.Issued)
			} else {
				require.Zero(rt, now.Issued)
			}
			found, err := b.Offers(ctx, ref.Member(ref.MemberID(prefix+"ann")), coupon.OfferQuery{Site: true}, page.Request{Limit: 1})
			require.NoError(rt, err)
			if len(found.Items) == 1 && found.Items[0].Template.ID == tpl.ID {
				require.Equal(rt, m.room(ref.MemberID(prefix+"ann")), found.Items[0].Blocked == "")
			}
		},
	})
	if _, err := b.End(ctx, staff(), tpl.ID, tpl.Version); err != nil && !errors.Is(err, fault.Conflict) {
		require.NoError(rt, err)
	}
}
