package campaign_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

// ledger is what uses should be, in the plainest words: who used what, and
// nothing that is counted.
type ledger struct {
	prefix string
	limits map[campaign.ID]promo.Limits
	uses   []*plainUse
}

type plainUse struct {
	group    ref.GroupID
	of       campaign.ID
	buyer    string
	spent    int64
	counts   promo.Limits // that it was counted against
	released bool
}

// used adds up what is held of a promotion, of a buyer alone where one is named.
func (l *ledger) used(of campaign.ID, buyer string) (u campaign.Used) {
	for _, x := range l.uses {
		if x.released || x.of != of {
			continue
		}
		if x.counts.Uses > 0 {
			u.Uses++
		}
		if x.counts.PerMember > 0 && x.buyer == buyer {
			u.Member++
		}
		if x.counts.Budget != (money.Money{}) {
			u.Spent += x.spent
		}
	}
	return u
}

// has returns what a group ever used of a promotion.
func (l *ledger) has(group ref.GroupID, of campaign.ID) bool {
	return slices.ContainsFunc(l.uses, func(x *plainUse) bool { return x.group == group && x.of == of })
}

// short names the limits that do not allow a use more.
func (l *ledger) short(r *campaign.Redemption) (out []string) {
	u, most := l.used(r.Promotion, r.Buyer), r.Limits
	if b := most.Budget; b != (money.Money{}) && r.Amount.Sign() > 0 && u.Spent+r.Amount.Minor() > b.Minor() {
		out = append(out, string(campaign.LimitBudget))
	}
	if most.PerMember > 0 && u.Member >= most.PerMember {
		out = append(out, string(campaign.LimitMember))
	}
	if most.Uses > 0 && u.Uses >= most.Uses {
		out = append(out, string(campaign.LimitUses))
	}
	return out
}

// Random lives of the ledger of uses against the model, on every backend.
func TestUsesFollowThePlainModel(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		stores, n := on.Open(t), 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			checkUses(rt, stores, fmt.Sprintf("%s%d.", on.Name, n))
		})
		auditor, ok := uow.As[campaign.UsageAuditor](stores.PromoUses)
		require.True(t, ok)
		wrong, err := auditor.Audit(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, wrong)
	})
}

func checkUses(rt *rapid.T, stores storage.Stores, prefix string) {
	ctx, at := context.Background(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := &ledger{prefix: prefix, limits: map[campaign.ID]promo.Limits{}}
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	ids := []campaign.ID{campaign.ID(prefix + "p0"), campaign.ID(prefix + "p1"), campaign.ID(prefix + "p2")}
	for _, id := range ids {
		most := promo.Limits{Uses: rapid.Int64Range(0, 4).Draw(rt, "uses"), PerMember: rapid.Int64Range(0, 2).Draw(rt, "per member")}
		if b := rapid.Int64Range(0, 9).Draw(rt, "budget"); b > 0 {
			most.Budget = usd(b)
		}
		l.limits[id] = most
	}
	buyers := []string{prefix + "ann", prefix + "bo"}
	group := rapid.Map(rapid.IntRange(0, 5), func(n int) ref.GroupID { return ref.GroupID(fmt.Sprintf("%sg%d", prefix, n)) })
	in := func(fn func(context.Context) error) error { return stores.Units.Do(ctx, fn) }

	rt.Repeat(map[string]func(*rapid.T){
		"redeem": func(rt *rapid.T) {
			g, buyer := group.Draw(rt, "group"), rapid.SampledFrom(buyers).Draw(rt, "buyer")
			var rs []campaign.Redemption
			for _, id := range ids {
				if rapid.Bool().Draw(rt, "of "+string(id)) {
					rs = append(rs, campaign.Redemption{
						Group: g, Promotion: id, Version: 1, Buyer: buyer, Amount: usd(rapid.Int64Range(0, 5).Draw(rt, "amount")),
						Limits: l.limits[id], State: campaign.Held, At: at,
					})
				}
			}
			slices.Reverse(rs) // their order is of no consequence
			var short []string
			for i := range rs {
				if !l.has(g, rs[i].Promotion) {
					for _, which := range l.short(&rs[i]) {
						short = append(short, fmt.Sprintf("promotions[%s] %s", rs[i].Promotion, which))
					}
				}
			}
			err := in(func(ctx context.Context) error { return stores.PromoUses.Redeem(ctx, rs) })
			if len(short) > 0 {
				var f *fault.Fault
				require.ErrorAs(rt, err, &f)
				require.Equal(rt, fault.Exhausted, f.Kind)
				var told []string
				for _, field := range f.Fields {
					told = append(told, field.Path+" "+field.Code)
				}
				require.ElementsMatch(rt, short, told)
				return
			}
			require.NoError(rt, err)
			for i := range rs {
				if r := &rs[i]; !l.has(g, r.Promotion) {
					l.uses = append(l.uses, &plainUse{group: g, of: r.Promotion, buyer: buyer, spent: r.Amount.Minor(), counts: r.Limits})
				}
			}
		},
		"release": func(rt *rapid.T) {
			g := group.Draw(rt, "group")
			var moved []campaign.Redemption
			require.NoError(rt, in(func(ctx context.Context) (err error) {
				moved, err = stores.PromoUses.Release(ctx, g, at)
				return err
			}))
			n := 0
			for _, x := range l.uses {
				if x.group == g && !x.released {
					x.released = true
					n++
				}
			}
			require.Len(rt, moved, n)
		},
		"reassign": func(rt *rapid.T) {
			g, buyer := group.Draw(rt, "group"), rapid.SampledFrom(buyers).Draw(rt, "buyer")
			require.NoError(rt, in(func(ctx context.Context) error { return stores.PromoUses.Reassign(ctx, g, buyer) }))
			for _, x := range l.uses {
				if x.group == g {
					x.buyer = buyer
				}
			}
		},
		"fail": func(rt *rapid.T) {
			g := group.Draw(rt, "group")
			err := in(func(ctx context.Context) error {
				if _, err := stores.PromoUses.Release(ctx, g, at); err != nil {
					return err
				}
				return errUndone
			})
			require.ErrorIs(rt, err, errUndone)
		},
		"limit": func(rt *rapid.T) { // a further version sets another bound where there was one
			id := rapid.SampledFrom(ids).Draw(rt, "promotion")
			most := l.limits[id]
			if most.Uses > 0 {
				most.Uses = rapid.Int64Range(1, 5).Draw(rt, "uses")
			}
			if most.Budget != (money.Money{}) {
				most.Budget = usd(rapid.Int64Range(1, 9).Draw(rt, "budget"))
			}
			l.limits[id] = most
		},
		"": func(rt *rapid.T) {
			for _, buyer := range buyers {
				got, err := stores.PromoUses.Used(ctx, buyer, ids)
				require.NoError(rt, err)
				for _, id := range ids {
					require.Equal(rt, l.used(id, buyer), got[id], "%s of %s", id, buyer)
				}
			}
			for n := range 6 {
				g := ref.GroupID(fmt.Sprintf("%sg%d", prefix, n))
				got, err := stores.PromoUses.ByGroup(ctx, g)
				require.NoError(rt, err)
				var want []*plainUse
				for _, x := range l.uses {
					if x.group == g {
						want = append(want, x)
					}
				}
				slices.SortFunc(want, func(a, b *plainUse) int { return strings.Compare(string(a.of), string(b.of)) })
				require.Len(rt, got, len(want))
				for i, x := range want {
					require.Equal(rt, x.of, got[i].Promotion)
					require.Equal(rt, x.buyer, got[i].Buyer)
					require.Equal(rt, x.spent, got[i].Amount.Minor())
					require.Equal(rt, x.released, got[i].State == campaign.Released)
				}
			}
		},
	})
}

// errUndone ends a unit that changes its mind.
var errUndone = fault.New(fault.FailedPrecondition, "test.undone", "it is undone")
