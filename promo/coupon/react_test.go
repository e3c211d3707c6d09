package coupon_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo/coupon"
)

func (b bundle) coupons(t *testing.T, q coupon.Query) []coupon.Coupon {
	t.Helper()
	list, err := b.List(t.Context(), staff(), q, page.Request{})
	require.NoError(t, err)
	return list.Items
}

func TestNewMembersAreGivenCoupons(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByRegistration)
	welcome := b.opened(t, in)
	in.Total = 1
	b.opened(t, in)
	in.Total, in.Opens = 0, opening().Add(time.Hour)
	b.opened(t, in)
	_, err := b.Create(t.Context(), staff(), coupon.CreateInput{Terms: terms(coupon.ByRegistration)})
	require.NoError(t, err)

	joined := b.happened(member.Topic, member.Registered{}.EventName(), `{"member":"bo"}`)
	for range 2 { // an event may come twice
		require.NoError(t, b.react(t.Context(), joined))
		require.Len(t, b.coupons(t, coupon.Query{Member: "bo"}), 2)
	}
	b.clock.Advance(time.Second)
	later := b.opened(t, terms(coupon.ByRegistration))
	require.NoError(t, b.react(t.Context(), joined))
	require.Len(t, b.coupons(t, coupon.Query{Member: "bo"}), 2, "the offer came later than the member")

	require.NoError(t, b.react(t.Context(), b.happened(member.Topic, member.Registered{}.EventName(), `{"member":"cy"}`)))
	got := b.coupons(t, coupon.Query{Member: "cy"})
	require.Len(t, got, 2, "what is exhausted is not given, and the rest is")
	for _, c := range got {
		require.Contains(t, []coupon.TemplateID{welcome.ID, later.ID}, c.Template)
		require.Equal(t, coupon.ByRegistration, c.Way)
	}
	require.NoError(t, b.react(t.Context(), b.happened(member.Topic, member.Forgotten{}.EventName(), `{"member":"cy"}`)))
	require.Error(t, b.react(t.Context(), b.happened(member.Topic, member.Registered{}.EventName(), `{`)))
	b.sound(t)
}

func TestOrdersEarnCoupons(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByReward)
	in.PerMember = 3
	tpl := b.opened(t, in)
	spent := b.opened(t, terms(coupon.ByClaim))
	c, err := b.Claim(t.Context(), ref.Member("bo"), coupon.ClaimInput{Template: spent.ID})
	require.NoError(t, err)
	require.NoError(t, b.hold(t.Context(), "g", "bo", c.ID))
	b.rewards["g"] = []coupon.Reward{
		{Promotion: "p", Template: tpl.ID, Count: 2},
		{Promotion: "q", Template: tpl.ID, Count: 1},
		{Promotion: "r", Template: tpl.ID, Count: 1}, // more than one may have
		{Promotion: "s", Template: "none", Count: 1},
		{Promotion: "t", Template: spent.ID, Count: 0},
	}
	happens := func(name string, st coupon.Standing) {
		t.Helper()
		st.Promoted = true
		b.orders["g"] = st
		require.NoError(t, b.react(t.Context(), b.happened(order.Topic, name, `{"group":"g","order":"o"}`)))
	}
	earned := func(state coupon.State) int {
		return len(b.coupons(t, coupon.Query{Origin: "g", State: state}))
	}
	happens(order.Paid{}.EventName(), coupon.Standing{Member: "bo"})
	require.Zero(t, earned(""), "another order of the group is not paid yet")
	b.orders["g"] = coupon.Standing{Member: "bo", Paid: true}
	require.NoError(t, b.react(t.Context(), b.happened(order.Topic, order.Paid{}.EventName(), `{"group":"g"}`)))
	require.Zero(t, earned(""), "without promotions there are no rewards")
	happens(order.Paid{}.EventName(), coupon.Standing{Paid: true})
	require.Zero(t, earned(""), "a guest has no wallet")
	for range 2 {
		happens(order.Paid{}.EventName(), coupon.Standing{Member: "bo", Paid: true})
		require.Equal(t, 3, earned(coupon.Claimed))
	}
	got, err := b.Get(t.Context(), staff(), c.ID)
	require.NoError(t, err)
	require.Equal(t, coupon.Used, got.State)

	happens(order.Refunded{}.EventName(), coupon.Standing{Member: "bo", Paid: true})
	require.Equal(t, 3, earned(coupon.Claimed), "a part of it stays")
	used := b.coupons(t, coupon.Query{Origin: "g"})[0]
	require.NoError(t, b.hold(t.Context(), "next", "bo", used.ID))
	for range 2 {
		happens(order.Refunded{}.EventName(), coupon.Standing{Member: "bo", Paid: true, Over: true})
		require.Equal(t, 2, earned(coupon.Revoked))
		require.Equal(t, 1, earned(coupon.Held), "what is spent is spent")
	}
	happens(order.Canceled{}.EventName(), coupon.Standing{Member: "bo", Over: true})
	require.Zero(t, earned(coupon.Claimed))
	err = b.react(t.Context(), b.happened(order.Topic, order.Paid{}.EventName(), `{"group":"unknown"}`))
	require.ErrorIs(t, err, fault.NotFound)
	b.sound(t)
}

// Four coupons for 100.00: whatever goes back, so much of them does, rounded
// down, once, and never what was used.
func TestRewardsGoBackAsThePaymentDoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tpl := b.opened(t, terms(coupon.ByReward))
	for group, steps := range map[ref.GroupID][]struct{ back, claimed, revoked int64 }{
		"bit by bit":   {{0, 4, 0}, {2499, 4, 0}, {2500, 3, 1}, {2500, 3, 1}, {6000, 2, 2}, {9999, 1, 3}},
		"late":         {{5000, 2, 0}, {7500, 1, 1}, {9000, 1, 1}},
		"the bank's":   {{5000, 2, 0}, {2500, 3, 0}, {0, 4, 0}, {5000, 2, 2}, {0, 2, 2}},
		"all but none": {{9999, 1, 0}},
	} {
		b.rewards[group] = []coupon.Reward{{Promotion: "p", Template: tpl.ID, Count: 4}}
		for i, step := range steps {
			b.orders[group] = coupon.Standing{
				Member: "bo", Promoted: true, Paid: true, Goods: coupon.Goods{Payable: money.New(10000, "USD"), Back: money.New(step.back, "USD")},
			}
			for range 2 { // an event may come twice
				require.NoError(t, b.react(t.Context(), b.happened(order.Topic, order.Refunded{}.EventName(), `{"group":"`+string(group)+`"}`)))
				require.Len(t, b.coupons(t, coupon.Query{Origin: string(group), State: coupon.Claimed}), int(step.claimed), "%s, %d", group, i)
				require.Len(t, b.coupons(t, coupon.Query{Origin: string(group), State: coupon.Revoked}), int(step.revoked), "%s, %d", group, i)
			}
		}
		b.sound(t)
	}
}

// Three of four are used or held when half goes back: the fourth alone is there
// to be taken, and the template that is closed by then gives nothing anew.
func TestUsedRewardsAreNotTakenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tpl := b.opened(t, terms(coupon.ByReward))
	b.rewards["g"] = []coupon.Reward{{Promotion: "p", Template: tpl.ID, Count: 4}}
	st := coupon.Standing{Member: "bo", Promoted: true, Paid: true, Goods: coupon.Goods{Payable: money.New(10000, "USD"), Back: money.New(0, "USD")}}
	happens := func(back int64) {
		st.Back = money.New(back, "USD")
		b.orders["g"] = st
		require.NoError(t, b.react(t.Context(), b.happened(order.Topic, order.Refunded{}.EventName(), `{"group":"g"}`)))
	}
	in := func(state coupon.State) int { return len(b.coupons(t, coupon.Query{Origin: "g", State: state})) }
	happens(0)
	mine := b.coupons(t, coupon.Query{Origin: "g"})
	require.Len(t, mine, 4)
	require.NoError(t, b.hold(t.Context(), "next", "bo", mine[0].ID, mine[1].ID, mine[2].ID))
	_, err := b.settle(t.Context(), "next", coupon.Paid)
	require.NoError(t, err)
	_, err = b.Pause(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	happens(5000)
	require.Equal(t, []int{3, 0, 1}, []int{in(coupon.Used), in(coupon.Claimed), in(coupon.Revoked)})
	happens(9000)
	require.Equal(t, []int{3, 0, 1}, []int{in(coupon.Used), in(coupon.Claimed), in(coupon.Revoked)})
	b.sound(t)
}
