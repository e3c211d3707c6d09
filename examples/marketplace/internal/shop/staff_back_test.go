package shop_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// cases are the open ones about the payment of a group.
func (h *house) cases(g order.Group) []payment.CaseReason {
	h.t.Helper()
	list, err := h.market.Payments.Cases(h.t.Context(), ref.Staff("test"), payment.CaseQuery{Intent: g.Intent}, page.Request{})
	require.NoError(h.t, err)
	var out []payment.CaseReason
	for _, c := range list.Items {
		if c.State != payment.CaseClosed {
			out = append(out, c.Reason)
		}
	}
	return out
}

// onHand is how many pieces there are of what an order's first line is about.
func (h *house) onHand(o *order.Order) ref.Quantity {
	h.t.Helper()
	levels, err := h.market.Stock.Levels(h.t.Context(), ref.Staff("test"), []ref.SKUID{o.Lines[0].SKU})
	require.NoError(h.t, err)
	require.Len(h.t, levels, 1)
	return levels[0].OnHand
}

// crossSite posts a form as another site would have a browser do.
func (v *visitor) crossSite(at, body string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.url+at[1:], strings.NewReader(body))
	require.NoError(v.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	return v.do(req)
}

func TestStaffTakeBackWhatWasRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		h.hire("wes", access.Warehouse)
		wes := h.employee("wes", "boxes upon boxes")
		g, buyer, path := h.bought("cod")
		at := "//staff/orders/" + g.Number
		target := func(place int) []string {
			o := h.again(g).Orders[place]
			return []string{"order", string(o.ID), "version", strconv.FormatInt(o.Version, 10)}
		}
		sold := h.onHand(&g.Orders[0])
		require.NotContains(t, wes.get(at).body, "/take-back", "nothing was sent")
		require.Equal(t, 409, wes.post(at+"/take-back", target(0)...).status)
		seen := target(0)
		for place := range g.Orders {
			require.Contains(t, wes.post(at+"/ship", target(place)...).body, "Noted as sent.")
		}
		p := noor.get(at)
		require.Contains(t, noor.post(at+"/receipts", "attempt", p.find(t, `name="attempt" value="([^"]+)"`),
			"reference", "slip 1", "outcome", "refused").body, "Noted as refused.")
		require.Equal(t, []payment.CaseReason{payment.CaseUncollected}, h.cases(g))
		require.Equal(t, 409, noor.post(at+"/cancel", target(0)...).status, "it is on the road")

		h.hire("fay", access.Finance)
		require.Equal(t, 403, h.employee("fay", "boxes upon boxes").post(at+"/take-back", target(0)...).status)
		require.Equal(t, "/staff/sign-in", h.visitor("en").post(at+"/take-back", target(0)...).path)
		form := target(0)
		require.Equal(t, 403, wes.crossSite(at+"/take-back", "order="+form[1]+"&version="+form[3]).status, "another site's form")
		stale := wes.post(at+"/take-back", seen...)
		require.Equal(t, 409, stale.status)
		require.Contains(t, stale.body, "The order changed meanwhile")
		require.Equal(t, 404, wes.post(at+"/take-back", "order", "none", "version", "1").status)
		require.Equal(t, sold, h.onHand(&g.Orders[0]))

		for place := range g.Orders {
			require.Equal(t, len(g.Orders)-place, strings.Count(wes.get(at).body, `action="`+at[1:]+`/take-back"`))
			require.Contains(t, wes.post(at+"/take-back", target(place)...).body, "the goods are back in stock")
		}
		ended := h.again(g)
		require.Equal(t, 200, wes.post(at+"/take-back", form...).status, "the same form again")
		require.Equal(t, ended, h.again(g))
		for _, o := range h.again(g).Orders {
			require.Equal(t, order.StateCanceled, o.State)
		}
		require.Equal(t, payment.IntentCanceled, h.intent(g).State)
		require.Equal(t, sold+g.Orders[0].Lines[0].Quantity, h.onHand(&g.Orders[0]))
		require.Empty(t, h.cases(g))
		require.Contains(t, buyer.get(path).body, "s-canceled")
		h.sound()
	})
}

func TestStaffPayBackByHand(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		h.hire("sam", access.Support)
		sam := h.employee("sam", "boxes upon boxes")
		g, _, _ := h.paid(noor)
		at := "//staff/orders/" + g.Number
		o := g.Orders[0]
		require.Equal(t, 200, sam.post(at+"/cancel", "order", string(o.ID), "version", strconv.FormatInt(o.Version, 10)).status)
		require.Equal(t, []payment.CaseReason{payment.CaseManualRefund}, h.cases(g))
		require.Contains(t, sam.get(at).body, "Somebody has to pay this back by hand.")
		require.NotContains(t, sam.get(at).body, "/paid-back")

		id := noor.get(at).find(t, `name="refund" value="([^"]+)"`)
		form := []string{"refund", id, id + ".reference", "41/9"}
		require.Equal(t, 403, sam.post(at+"/paid-back", form...).status)
		require.Equal(t, "/staff/sign-in", h.visitor("en").post(at+"/paid-back", form...).path)
		require.Equal(t, 403, noor.crossSite(at+"/paid-back", "refund="+id+"&"+id+".reference=41/9").status, "another site's form")
		require.Equal(t, 404, noor.post(at+"/paid-back", "refund", "none").status)
		other, _, _ := h.paid(noor)
		require.Equal(t, 404, noor.post("//staff/orders/"+other.Number+"/paid-back", form...).status, "another order's refund")
		for _, wrong := range []string{"", "a\nb", strings.Repeat("x", 101)} {
			a := noor.post(at+"/paid-back", "refund", id, id+".reference", wrong)
			require.Equal(t, 422, a.status, wrong)
			require.Contains(t, a.body, `id="e-`+id+`-reference"`, wrong)
		}
		require.True(t, h.intent(g).Refunded.IsZero(), "nobody has said anything")

		done := noor.post(at+"/paid-back", form...)
		require.Equal(t, at[1:], done.path)
		require.Contains(t, done.body, "Noted as paid back.")
		require.Contains(t, done.body, "41/9")
		require.NotContains(t, done.body, "by hand")
		require.NotContains(t, done.body, `name="refund"`)
		require.Equal(t, o.Total, h.intent(g).Refunded)
		require.Equal(t, order.PaymentRefunded, h.again(g).Orders[0].Payment)
		require.Empty(t, h.cases(g))

		after := h.intent(g)
		require.Equal(t, 200, noor.post(at+"/paid-back", form...).status, "the same form again")
		again := noor.post(at+"/paid-back", "refund", id, id+".reference", "41/10")
		require.Equal(t, 409, again.status, "another word")
		require.Contains(t, again.body, "Nobody waits for this money")
		require.Equal(t, after, h.intent(g))
		require.Empty(t, h.cases(g))
		h.sound()
	})
}

func TestStaffPayBackWhatCameTooLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	noor := h.employee(seed.Staff().Email, seed.Staff().Password)
	g, buyer, path := h.bought("transfer")
	at := "//staff/orders/" + g.Number
	require.Equal(t, 200, buyer.post(path+"/cancel").status)
	p := noor.get(at)
	late := noor.post(at+"/receipts", "attempt", p.find(t, `name="attempt" value="([^"]+)"`), "outcome", "received",
		"amount", p.find(t, `name="amount"[^>]* value="([^"]+)"`), "reference", "41/7")
	require.Contains(t, late.body, "the money goes back")
	require.Equal(t, []payment.CaseReason{payment.CaseManualRefund}, h.cases(g))
	id := late.find(t, `name="refund" value="([^"]+)"`)
	require.Contains(t, noor.post(at+"/paid-back", "refund", id, id+".reference", "41/9").body, "Noted as paid back.")
	require.Empty(t, h.cases(g))
	h.sound()
}
