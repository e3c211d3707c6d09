package shop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/order"
)

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
