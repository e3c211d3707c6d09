package checkout_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func TestAMemberAdoptsWhatTheGuestOrdered(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		guest, other := ref.Guest("token"), ref.Guest("another token")
		buy := func(who ref.Scope, key string) ref.GroupID {
			return s.place(who, s.fill(who, map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), key).Group.ID
		}
		paid := buy(guest, "k1")
		s.bank.Plan(fakepay.Ask)
		open := buy(guest, "k2")
		foreign := buy(other, "k3")

		n, err := s.checkout.Adopt(s.Context(), buyer(), guest)
		require.NoError(s, err)
		require.Equal(s, 2, n)
		again, err := s.checkout.Adopt(s.Context(), buyer(), guest)
		require.NoError(s, err)
		require.Zero(s, again)

		for _, id := range []ref.GroupID{paid, open} {
			g, err := s.orders.Get(s.Context(), buyer(), id)
			require.NoError(s, err)
			in, err := s.payments.Get(s.Context(), buyer(), g.Intent)
			require.NoError(s, err)
			require.Empty(s, in.Guest)
			_, err = s.orders.Personal(s.Context(), buyer(), id)
			require.NoError(s, err)
			_, err = s.orders.Get(s.Context(), guest, id)
			require.ErrorIs(s, err, fault.NotFound, "the token is worth nothing any more")
			_, err = s.payments.Get(s.Context(), guest, g.Intent)
			require.ErrorIs(s, err, fault.NotFound)
		}
		_, err = s.orders.Get(s.Context(), buyer(), foreign)
		require.ErrorIs(s, err, fault.NotFound)
		mine, err := s.orders.List(s.Context(), buyer(), order.Query{}, page.Request{})
		require.NoError(s, err)
		require.Len(s, mine.Items, 4)

		// They are the member's for good: to be canceled, paid back, paid.
		out := s.cancel(buyer(), checkout.CancelInput{Group: paid})
		require.Equal(s, []string{"canceled/refunded", "canceled/refunded"}, states(out.Group))
		last, _ := s.intent(s.group(open)).Last()
		require.NoError(s, s.bank.Approve(s.Context(), last.Number))
		_, err = s.payments.Query(s.Context(), buyer(), s.group(open).Intent)
		require.NoError(s, err)
		require.Equal(s, []string{"confirmed/paid", "confirmed/paid"}, states(s.group(open)))
		s.sound()
	})
}

// A form that a guest was shown may be sent by the member who signed in meanwhile.
func TestAMemberSendsWhatTheGuestBegan(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		guest, eve := ref.Guest("token"), ref.Member("eve")
		tea := map[ref.SKUID]ref.Quantity{"tea": 1}
		call := func(key string) checkout.PlaceInput {
			choice := s.fill(guest, tea)
			return checkout.PlaceInput{Choice: choice, Quote: s.quote(guest, choice).ID, Key: key}
		}
		ordered := call("k1")
		placed, err := s.checkout.Place(s.Context(), guest, ordered)
		require.NoError(s, err)
		begun := call("k2")
		foreign := begun
		foreign.Cart = "nobodys"
		for _, in := range []checkout.PlaceInput{ordered, begun, foreign} {
			_, err = s.checkout.Place(s.Context(), buyer(), in)
			require.ErrorIs(s, err, fault.NotFound, "not yet")
		}

		_, err = s.carts.SignIn(s.Context(), buyer(), guest)
		require.NoError(s, err)
		_, err = s.checkout.Adopt(s.Context(), buyer(), guest)
		require.NoError(s, err)
		for _, key := range []string{"k1", "k3"} {
			ordered.Key = key
			again, err := s.checkout.Place(s.Context(), buyer(), ordered)
			require.NoError(s, err)
			require.True(s, again.Replayed)
			require.Equal(s, placed.Group.ID, again.Group.ID)
		}
		unquoted := ordered
		unquoted.Quote = ""
		_, err = s.checkout.Place(s.Context(), buyer(), unquoted)
		require.ErrorIs(s, err, fault.Invalid)
		_, err = s.checkout.Place(s.Context(), eve, unquoted)
		require.ErrorIs(s, err, fault.NotFound, "it is not hers")
		_, err = s.checkout.Place(s.Context(), buyer(), begun)
		require.ErrorIs(s, err, fault.FailedPrecondition)
		require.Equal(s, "cart.closed", fault.CodeOf(err))
		for _, in := range []checkout.PlaceInput{ordered, begun} {
			_, err = s.checkout.Place(s.Context(), eve, in)
			require.ErrorIs(s, err, fault.NotFound)
			require.Equal(s, "cart.not_found", fault.CodeOf(err))
			_, err = s.checkout.Place(s.Context(), ref.Merchant("tea-house"), in)
			require.ErrorIs(s, err, fault.NotFound)
		}
		mine, err := s.orders.List(s.Context(), buyer(), order.Query{}, page.Request{})
		require.NoError(s, err)
		require.Len(s, mine.Items, 1)
		s.sound()
	})
}

func TestOnlyAMemberAdoptsAndOnlyFromAGuest(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	for _, pair := range [][2]ref.Scope{{ref.Guest("a"), ref.Guest("b")}, {buyer(), ref.Member("di")}, {ref.Staff("ann"), ref.Guest("b")}, {}} {
		_, err := s.checkout.Adopt(t.Context(), pair[0], pair[1])
		require.ErrorIs(t, err, fault.PermissionDenied)
		require.ErrorIs(t, s.payments.Adopt(t.Context(), pair[0], pair[1], []ref.GroupID{"g"}), fault.PermissionDenied)
	}
}

// However much a guest has ordered, there is but one call more per payment; and
// a failure in the middle leaves everything with the guest.
func TestAdoptionIsOneUnitOfFewCalls(t *testing.T) {
	t.Parallel()
	calls, broken := 0, false
	s := newShop(t, storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		calls++
		if broken && c.Name() == "Orders.Adopt" {
			return fault.New(fault.Unavailable, "test.down", "the store is down")
		}
		return next(ctx)
	}))
	counts := map[int]int{}
	for _, n := range []int{1, 4} {
		guest := ref.Guest("token " + strconv.Itoa(n))
		var last ref.GroupID
		for i := range n {
			last = s.place(guest, s.fill(guest, map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), strconv.Itoa(i)).Group.ID
		}
		broken = true
		_, err := s.checkout.Adopt(t.Context(), buyer(), guest)
		require.ErrorIs(t, err, fault.Unavailable)
		require.NotEmpty(t, s.intent(s.group(last)).Guest)
		broken, calls = false, 0
		got, err := s.checkout.Adopt(t.Context(), buyer(), guest)
		require.NoError(t, err)
		require.Equal(t, n, got)
		counts[calls-n]++
	}
	require.Len(t, counts, 1, "%v", counts)
	s.sound()
}
