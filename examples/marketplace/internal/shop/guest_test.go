package shop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/order"
)

// A guest signs in in another tab, and then sends the form that is still open in
// the first one.
func TestAGuestsFormIsSentByAMember(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		account := []string{"email", "lin@example.com", "name", "Lin", "password", "a long walk home"}
		g, v, path := h.bought("cod")
		review := v.fillAndReview()
		v.post("/sign-up", account...)
		for range 2 {
			closed := v.place(review)
			require.Equal(t, 409, closed.status)
			require.Contains(t, closed.body, "went into the cart of your account")
			require.Contains(t, closed.body, v.products("en")[0].Name, "and there it is")
		}
		require.Len(t, h.orders(), len(g.Orders))

		guest := h.visitor("en")
		review = guest.fillAndReview()
		placed := guest.place(review)
		require.Equal(t, 200, placed.status)
		guest.post("/sign-in", account[0], account[1], account[4], account[5])
		again := guest.place(review)
		require.Equal(t, 200, again.status)
		require.Equal(t, placed.path, again.path, "what was ordered with it")
		require.NotEqual(t, "/en"+path, again.path)
		require.Len(t, h.orders(), len(g.Orders)+1)
		h.sound()
	})
}

// fillAndReview goes to the last page of the checkout with one product.
func (v *visitor) fillAndReview() answer {
	v.t.Helper()
	v.fill(1)
	return v.review("cod")
}

func TestAGuestsOrdersBecomeTheMembers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		g, v, path := h.bought("cod")
		require.Contains(t, v.post("/sign-up", "email", "lin@example.com", "name", "Lin", "password", "a long walk home").path, "/en/account")
		require.Contains(t, v.get("/orders").body, g.Number)
		require.Contains(t, v.get(path).body, "s-confirmed")

		elsewhere := h.visitor("en")
		require.Equal(t, "/en/account", elsewhere.post("/sign-in", "email", "lin@example.com", "password", "a long walk home").path)
		require.Contains(t, elsewhere.get("/orders").body, g.Number, "in whichever browser")
		require.Equal(t, 200, elsewhere.get(path).status)
		stranger := h.visitor("en")
		stranger.post("/sign-up", "email", "max@example.com", "name", "Max", "password", "a long walk home")
		require.Equal(t, 404, stranger.get(path).status)
		require.Equal(t, 404, stranger.post(path+"/cancel").status)

		require.Equal(t, 200, elsewhere.post(path+"/cancel").status)
		require.Equal(t, order.StateCanceled, h.orders()[0].State)

		v.post("/sign-out")
		require.Equal(t, 404, v.get(path).status, "whoever comes next sees nothing of it")
		require.NotContains(t, v.get("/orders").body, g.Number)
		h.sound()
	})
}
