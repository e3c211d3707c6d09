package shop_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// employee signs somebody in at the staff's door.
func (h *house) employee(login, password string) *visitor {
	h.t.Helper()
	v := h.visitor("en")
	require.Equal(h.t, "/staff/orders", v.post("//staff/sign-in", "email", login, "password", password).path)
	return v
}

// bought is an order group that a guest has placed.
func (h *house) bought(method string) (group order.Group, buyer *visitor, path string) {
	h.t.Helper()
	h.clock.Advance(time.Second)
	buyer = h.visitor("en")
	buyer.fill(2)
	require.Equal(h.t, 200, buyer.place(buyer.review(method)).status)
	newest := h.orders()[0].Group
	g, err := h.market.Orders.Get(h.t.Context(), ref.Staff("test"), newest)
	require.NoError(h.t, err)
	return g, buyer, "/orders/" + string(newest)
}

func (h *house) intent(g order.Group) payment.Intent {
	h.t.Helper()
	in, err := h.market.Payments.Get(h.t.Context(), ref.Staff("test"), g.Intent)
	require.NoError(h.t, err)
	return in
}

func TestStaffBeginWhereTheyMay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	require.Equal(t, "/staff/sign-in", h.visitor("en").get("//staff/").path)
	for _, role := range access.Roles() {
		h.hire(string(role), role)
		v := h.visitor("en")
		first := v.post("//staff/sign-in", "email", string(role), "password", "boxes upon boxes")
		require.Equal(t, 200, first.status, role)
		require.Equal(t, first.path, v.get("//staff/").path, role)
		orders := v.get("//staff/orders").status
		require.Equal(t, orders == 200, strings.Contains(first.body, `<li><a href="/staff/orders"`), role)
		want := map[access.Role]string{access.Merchants: "promotions", access.Marketing: "promotions", access.Viewer: "search/en"}[role]
		if want == "" {
			want = "orders"
		}
		require.Equal(t, "/staff/"+want, first.path, role)
	}
}

func TestStaffConfirmABankTransfer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		g, buyer, href := h.bought("transfer")
		at := "//staff/orders/" + g.Number
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		list := noor.get("//staff/orders")
		require.Contains(t, list.body, "Bank transfer")
		require.Equal(t, 2, strings.Count(list.body, `href="/staff/orders/`+g.Number+`#receipt"`))

		p := noor.get(at)
		attempt := p.find(t, `name="attempt" value="([^"]+)"`)
		amount := p.find(t, `name="amount"[^>]* value="([^"]+)"`)
		require.Contains(t, p.body, h.intent(g).Attempts[0].Number)
		confirm := func(v *visitor, pairs ...string) answer {
			return v.post(at+"/receipts", append([]string{"attempt", attempt, "outcome", "received"}, pairs...)...)
		}
		for _, wrong := range []struct{ amount, reference, field string }{
			{amount, "", "reference"},
			{amount, strings.Repeat("x", 101), "reference"},
			{amount, "a\nb", "reference"},
			{"", "41/7", "amount"},
			{"-1", "41/7", "amount"},
			{"0", "41/7", "amount"},
			{"1.234", "41/7", "amount"},
			{"9999999999999999999", "41/7", "amount"},
		} {
			a := confirm(noor, "amount", wrong.amount, "reference", wrong.reference)
			require.Equal(t, 422, a.status, "%+v", wrong)
			require.Contains(t, a.body, `id="e-`+wrong.field+`"`, "%+v", wrong)
		}
		require.Equal(t, 422, noor.post(at+"/receipts", "attempt", attempt, "amount", amount, "reference", "41/7").status, "no outcome")
		require.Equal(t, 422, noor.send(at+"/receipts", "attempt="+attempt+"&reference=%ff").status)
		require.Equal(t, 404, noor.post(at+"/receipts", "attempt", "none", "outcome", "received").status)
		require.Equal(t, 404, noor.post("//staff/orders/none/receipts", "attempt", attempt).status)
		require.Equal(t, 404, noor.get("//staff/orders/none").status)
		require.Equal(t, 413, noor.send(at+"/receipts", "reference="+strings.Repeat("x", 10<<20)).status)

		a := confirm(noor, "amount", "0.01", "reference", "41/6")
		require.Equal(t, 200, a.status)
		require.Contains(t, a.body, "nothing moved")
		require.Contains(t, buyer.get(href).body, "p-unpaid")

		a = confirm(noor, "amount", amount, "reference", "41/7")
		require.Equal(t, "/staff/orders/"+g.Number, a.path)
		require.Contains(t, a.body, "The order is paid")
		require.Contains(t, a.body, "41/7")
		require.NotContains(t, a.body, `name="attempt"`)
		require.Equal(t, 200, confirm(noor, "amount", amount, "reference", "41/7").status, "the same form again")
		require.Equal(t, 409, confirm(noor, "amount", amount, "reference", "41/8").status, "another word")
		require.Contains(t, buyer.get(href).body, "p-paid")
		in := h.intent(g)
		require.Equal(t, payment.IntentCaptured, in.State)
		require.Len(t, in.Attempts, 1)
		h.sound()
	})
}

func TestStaffSayWhatBecameOfCashOnDelivery(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		paid, buyer, href := h.bought("cod")
		refused, _, _ := h.bought("cod")
		for g, outcome := range map[string]string{paid.Number: "received", refused.Number: "refused"} {
			p := noor.get("//staff/orders/" + g)
			a := noor.post("//staff/orders/"+g+"/receipts", "attempt", p.find(t, `name="attempt" value="([^"]+)"`),
				"amount", p.find(t, `name="amount"[^>]* value="([^"]+)"`), "reference", "slip "+g, "outcome", outcome)
			require.Equal(t, 200, a.status, a.body)
		}
		require.Contains(t, buyer.get(href).body, "p-paid")
		require.Equal(t, payment.AttemptDeclined, h.intent(refused).Attempts[0].State)
		page := noor.get("//staff/orders/" + refused.Number)
		require.Contains(t, page.body, "declined")
		require.Contains(t, page.body, refused.Orders[0].Lines[0].Title, "what to take back into stock")
		at := "//staff/orders/" + refused.Number + "/cancel"
		id := page.find(t, `name="order" value="([^"]+)"`)
		require.Equal(t, 404, noor.post(at, "order", "nothing", "version", "1").status)
		require.Equal(t, 409, noor.post(at, "order", id, "version", "1").status, "it was another then")
		h.hire("sol", access.Finance)
		sol := h.employee("sol", "boxes upon boxes")
		require.Equal(t, 403, sol.post(at, "order", id).status, "finance cancels nothing")
		for range refused.Orders {
			now := noor.get("//staff/orders/" + refused.Number)
			page = noor.post(at, "order", now.find(t, `name="order" value="([^"]+)"`), "version", now.find(t, `name="version" value="([^"]+)"`))
			require.Equal(t, 200, page.status)
		}
		require.NotContains(t, page.body, `name="order"`)
		require.Contains(t, page.body, "s-canceled")
		h.sound()
	})
}

func TestMoneyIsConfirmedByWhoMay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	g, _, _ := h.bought("transfer")
	at := "//staff/orders/" + g.Number
	in := h.intent(g)
	form := []string{"attempt", string(in.Attempts[0].ID), "outcome", "received", "reference", "41/7", "amount", "1"}

	stranger := h.visitor("en")
	require.Equal(t, "/staff/sign-in", stranger.get(at).path)
	require.Equal(t, "/staff/sign-in", stranger.post(at+"/receipts", form...).path)

	h.hire("sam", access.Support)
	sam := h.employee("sam", "boxes upon boxes")
	p := sam.get(at)
	require.Contains(t, p.body, "Money is waiting to be confirmed")
	require.NotContains(t, p.body, `name="attempt"`)
	require.Equal(t, 403, sam.post(at+"/receipts", form...).status)

	h.hire("fay", access.Finance)
	fay := h.employee("fay", "boxes upon boxes")
	body := url.Values{}
	for i := 0; i < len(form); i += 2 {
		body.Set(form[i], form[i+1])
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+at[1:]+"/receipts", strings.NewReader(body.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	require.Equal(t, 403, fay.do(req).status, "another site's form")
	require.Equal(t, in, h.intent(g), "nobody has said anything")

	card, _, _ := h.bought("fakepay")
	attempt := string(h.intent(card).Attempts[0].ID)
	require.Equal(t, 404, fay.post("//staff/orders/"+card.Number+"/receipts", "attempt", attempt, "outcome", "received").status,
		"a provider's payment is the provider's to confirm")
	list, err := h.market.Orders.List(t.Context(), ref.Staff("test"), order.Query{Payment: order.PaymentPaid}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
}
