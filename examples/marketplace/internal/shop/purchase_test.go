package shop_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/order"
)

func TestAGuestBuysAndCancels(t *testing.T) {
	t.Parallel()
	for _, channel := range []string{"en", "zh"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *house) {
				t.Helper()
				v := h.visitor(channel)
				v.fill(2)
				pay := v.place(v.review("fakepay"))
				require.True(t, strings.HasPrefix(pay.path, "/pay?number="), pay.path)
				done := v.post("/"+pay.path, "outcome", "approve")
				require.Equal(t, 200, done.status)
				require.Contains(t, done.body, `p-paid`)
				require.Contains(t, done.body, "PO-7")
				parts := strings.Count(done.body, "/parts/")
				require.Equal(t, 2, parts)

				one := v.post("/" + done.find(t, `action="(/[^"]+/parts/[^"]+/cancel)"`))
				require.Equal(t, 200, one.status)
				require.Contains(t, one.body, "s-canceled")
				all := v.post("/" + done.find(t, `action="(/[a-z]+/orders/[^"/]+/cancel)"`))
				require.Equal(t, 200, all.status)
				require.Contains(t, all.body, "p-refunded")
				require.Equal(t, 200, v.get("/orders").status)
				h.sound()
			})
		})
	}
}

func TestADeclinedPaymentIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	v := h.visitor("en")
	v.fill(1)
	pay := v.place(v.review("fakepay"))
	no := v.post("/"+pay.path, "outcome", "decline")
	require.Contains(t, no.body, "p-unpaid")
	again := v.post("/" + no.find(t, `action="(/en/orders/[^"]+/pay)"`))
	require.True(t, strings.HasPrefix(again.path, "/pay?number="), again.path)
	require.NotEqual(t, pay.path, again.path)
	require.Contains(t, again.body, "One attempt was declined")
	silent := v.post("/"+again.path, "outcome", "silence")
	require.Contains(t, silent.body, "p-unpaid")
	back := v.post("/" + silent.find(t, `action="(/en/orders/[^"]+/pay)"`))
	require.Equal(t, again.path, back.path)
	require.Contains(t, v.post("/"+back.path, "outcome", "approve").body, "p-paid")
	require.Equal(t, 409, v.post("/"+back.path, "outcome", "decline").status)
	h.sound()
}

func TestPaidLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	v := h.visitor("zh")
	v.fill(1)
	cash := v.place(v.review("cod"))
	require.Contains(t, cash.body, "s-confirmed")
	require.Contains(t, cash.body, "p-unpaid")
	v.fill(1)
	transfer := v.place(v.review("transfer"))
	require.Contains(t, transfer.body, "s-pending")
	require.Contains(t, transfer.body, "1234")
	h.sound()
}

func TestAMemberKeepsTheGuestsCart(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	v := h.visitor("en")
	v.fill(1)
	a := v.post("/sign-up", "name", "Lin", "email", "lin@example.com", "password", "a long walk home", "next", "/en/cart")
	require.Equal(t, "/en/cart", a.path)
	require.Contains(t, a.body, h.products("en")[0].Name)
	require.Contains(t, a.body, "Lin")

	require.Equal(t, 422, v.post("/account/addresses", "address.name", "x").status)
	a = v.post("/account/addresses", destination("/en")...)
	require.Equal(t, "/en/account", a.path)
	entry := a.find(t, `href="/en/account/addresses/([^"]+)">Change`)
	a = v.post("/checkout/address", "saved", entry)
	require.Equal(t, "/en/checkout/delivery", a.path)

	require.Equal(t, "/en/", v.post("/sign-out").path)
	require.Equal(t, "/en/sign-in?next=/en/account", v.get("/account").path)
	require.Equal(t, 401, v.post("/sign-in", "email", "lin@example.com", "password", "wrong").status)
	a = v.post("/sign-in", "email", "LIN@example.com", "password", "a long walk home", "next", "https://elsewhere.example/")
	require.Equal(t, "/en/account", a.path)
	require.Equal(t, 422, h.visitor("en").post("/sign-up", "email", "lin@example.com", "password", "another long walk").status)
}

func TestStaffSeeOrdersByRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	v := h.visitor("en")
	v.fill(2)
	v.place(v.review("cod"))
	list, err := h.market.Orders.List(t.Context(), ref.Staff("test"), order.Query{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)

	require.Equal(t, "/staff/sign-in", v.get("//staff/orders").path)
	noor := seed.Staff()
	require.Equal(t, 401, v.post("//staff/sign-in", "email", noor.Email, "password", "no").status)
	a := v.post("//staff/sign-in", "email", noor.Email, "password", noor.Password)
	require.Equal(t, "/staff/orders", a.path)
	require.Contains(t, a.body, list.Items[0].Number)
	require.NotContains(t, v.get("//staff/orders?channel=zh").body, list.Items[0].Number)
	require.Contains(t, v.get("//staff/orders?state=confirmed&payment=unpaid&lang=zh").body, list.Items[0].Number)
	require.Contains(t, v.get("//staff/orders?number="+strings.ToLower(list.Items[0].Number)).body, list.Items[0].Number)

	require.Equal(t, "/staff/sign-in", v.post("//staff/sign-out").path)
	require.Equal(t, "/staff/sign-in", v.get("//staff/orders").path)
}
