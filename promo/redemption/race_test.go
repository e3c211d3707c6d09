package redemption_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func memoryStores() storage.Stores { return memory.New().Stores() }

// N buyers who were all quoted the last use race for it: exactly as many as
// there are uses get it, and every other one is quoted anew.
func TestTheLastUseIsUsedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("last", 1000)
		p.Limits.Uses = 3
		s.offer(p)
		buyers := members(12)
		choices := make([]checkout.Choice, len(buyers))
		for i, b := range buyers {
			choices[i] = s.choose(b, want{"tea", 1}, want{"cup", 1})
		}
		placed, changed := s.race(buyers, choices)
		require.Len(s, placed, 3)
		require.Equal(s, 9, changed)
		for _, p := range placed {
			require.Equal(s, usd(1150), p.Group.Payable)
		}
		require.EqualValues(s, 3, s.used("last").Uses)
		s.sound()
	})
}

func TestTheLastCentIsSpentOnce(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("budget", 1000)
		p.Limits.Budget = usd(4999)
		s.offer(p)
		buyers := members(12)
		choices := make([]checkout.Choice, len(buyers))
		for i, b := range buyers {
			choices[i] = s.choose(b, want{"tea", 1})
		}
		placed, changed := s.race(buyers, choices)
		require.Len(s, placed, 4)
		require.Equal(s, 8, changed)
		require.EqualValues(s, 4000, s.used("budget").Spent)

		// 9.99 are left, which 9.99 off still fit.
		q := off("rest", 999)
		late := ref.Member("late")
		choice := s.choose(late, want{"tea", 1})
		require.Equal(s, usd(1250), s.quote(late, choice).Payable)
		q.ID = p.ID
		c, err := s.Campaigns.Get(s.Context(), ann(), p.ID)
		require.NoError(s, err)
		q.Limits = p.Limits
		_, err = s.Campaigns.Save(s.Context(), ann(), campaign.SaveInput{Version: c.Version, Promotion: q})
		require.NoError(s, err)
		s.buy(late, choice)
		require.EqualValues(s, 4999, s.used("budget").Spent)
		s.sound()
	})
}

// One buyer with two carts cannot use a promotion twice that is given once.
func TestABuyerRacesAgainstHimself(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("once", 1000)
		p.Limits.PerMember = 1
		s.offer(p)
		buyers := make([]ref.Scope, 6)
		choices := make([]checkout.Choice, len(buyers))
		for i := range buyers { // guests of one contact
			buyers[i] = ref.Guest(string(rune('a' + i)))
			choices[i] = s.choose(buyers[i], want{"tea", 1})
			choices[i].Email = "bo@shop.example"
		}
		placed, changed := s.race(buyers, choices)
		require.Len(s, placed, 1)
		require.Equal(s, 5, changed)
		s.sound()
	})
}

// Many limited promotions at once, used by many buyers at once: no deadlock,
// no limit exceeded.
func TestManyLimitsAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		for i, id := range []campaign.ID{"a", "b", "c", "d", "e"} {
			p := off(id, 10)
			p.Groups = []promo.GroupID{}
			p.Limits = promo.Limits{Uses: int64(3 + i), Budget: usd(10_000), PerMember: 1}
			s.offer(p)
		}
		buyers := members(10)
		choices := make([]checkout.Choice, len(buyers))
		for i, b := range buyers {
			choices[i] = s.choose(b, want{"tea", 1}, want{"cup", 1})
		}
		placed, changed := s.race(buyers, choices)
		require.Len(s, placed, 3)
		require.Equal(s, 7, changed)
		for _, id := range []campaign.ID{"a", "b", "c", "d", "e"} {
			require.Equal(s, campaign.Used{Uses: 3, Spent: 30}, s.used(id))
		}
		s.sound()
	})
}
