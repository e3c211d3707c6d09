package shop_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A member of the American storefront shops in the Chinese one, which does not
// deliver to the address in the book.
func TestNoAddressIsProposedThatIsNotDeliveredTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		v := h.visitor("en")
		v.post("/sign-up", "email", "lin@example.com", "name", "Lin", "password", "a long walk home")
		require.Equal(t, "/en/account", v.post("/account/addresses", append(destination("/en"), "address.default", "yes")...).path)
		require.Contains(t, v.get("/account").body, "United States")
		v.base = "/zh"
		require.Contains(t, v.get("/account").body, "美国")
		v.fill(1)
		page := v.get("/checkout/address")
		american := page.find(t, `name="saved" value="([^"]+)">`)
		require.Contains(t, page.body, `name="saved" value="" checked`, "the form is open")

		refused := v.post("/checkout/address", "saved", american)
		require.Equal(t, "/zh/checkout/delivery", refused.path)
		require.Contains(t, refused.body, "无法送达")
		require.Contains(t, refused.body, `<button class="button big" disabled>`)
		require.Contains(t, refused.body, "<dd>—</dd>")
		require.NotContains(t, refused.body, "包邮</dd>")
		require.NotContains(t, refused.body, "<dt>合计</dt>", "nothing is final")
		require.Contains(t, v.get("/checkout/address").body, `name="saved" value="" checked`)

		require.Equal(t, "/zh/account", v.post("/account/addresses", destination("/zh")...).path)
		other := h.visitor("zh")
		other.post("/sign-in", "email", "lin@example.com", "password", "a long walk home")
		page = other.get("/checkout/address")
		chosen := page.find(t, `name="saved" value="([^"]+)" checked`)
		require.NotEqual(t, american, chosen)
		require.Equal(t, "/zh/checkout/delivery", other.post("/checkout/address", "saved", chosen).path)
		require.Contains(t, other.get("/checkout/delivery").body, `<button class="button big">`)
	})
}

func TestARegionIsChosenAndNotProposed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	v := h.visitor("en")
	v.fill(1)
	require.Contains(t, v.get("/checkout/address").body, `<option value="" selected>Please choose</option>`)
	form := destination("/en")
	for i := range form {
		if i%2 == 0 && form[i] == "address.region" {
			form[i+1] = ""
		}
	}
	a := v.post("/checkout/address", append(form, "email", "bo@example.com")...)
	require.Equal(t, 422, a.status)
	require.Contains(t, a.body, `id="e-address-region">Please fill this in.`)
}

func TestAPartIsCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	g, v, path := h.bought("cod")
	a := v.post(path + "/parts/" + string(g.Orders[0].ID) + "/cancel")
	require.Contains(t, a.body, "The parcel is cancelled.")
	require.Contains(t, a.body, "Cancelled in part")
	require.Regexp(t, `Shipping: [^·]+ · Tax: \$[0-9.]+ · <strong>`, a.body)
	a = v.post(path + "/cancel")
	require.Contains(t, a.body, "The order is cancelled.")
	require.NotContains(t, a.body, "Cancelled in part")
}
