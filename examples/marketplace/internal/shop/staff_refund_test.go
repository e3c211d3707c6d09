package shop_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/promo"
)

// paid is an order group whose money an employee has confirmed.
func (h *house) paid(clerk *visitor) (group order.Group, buyer *visitor, path string) {
	h.t.Helper()
	g, buyer, path := h.bought("transfer")
	at := "//staff/orders/" + g.Number
	p := clerk.get(at)
	a := clerk.post(at+"/receipts", "attempt", p.find(h.t, `name="attempt" value="([^"]+)"`), "outcome", "received",
		"amount", p.find(h.t, `name="amount"[^>]* value="([^"]+)"`), "reference", "41/7")
	require.Contains(h.t, a.body, "The order is paid")
	return h.again(g), buyer, path
}

func (h *house) again(g order.Group) order.Group {
	h.t.Helper()
	g, err := h.market.Orders.Get(h.t.Context(), ref.Staff("test"), g.ID)
	require.NoError(h.t, err)
	return g
}

func TestStaffSendAParcel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		g, buyer, path := h.paid(noor)
		at := "//staff/orders/" + g.Number
		o := g.Orders[0]
		own := string(o.ID) + "."
		form := []string{"order", string(o.ID), "version", strconv.FormatInt(o.Version, 10), own + "carrier", "UPS", own + "tracking", "1Z 999"}

		h.hire("fay", access.Finance)
		require.Equal(t, 403, h.employee("fay", "boxes upon boxes").post(at+"/ship", form...).status, "finance sends nothing")
		require.Equal(t, "/staff/sign-in", h.visitor("en").post(at+"/ship", form...).path)
		h.hire("wes", access.Warehouse)
		wes := h.employee("wes", "boxes upon boxes")
		page := wes.get(at)
		require.Contains(t, page.body, "It is on its way")
		require.NotContains(t, page.body, "PA0", "the warehouse reads no payments")
		require.NotContains(t, page.body, "/refunds/")
		require.Equal(t, 200, wes.get("//staff/orders").status)

		require.Equal(t, 404, wes.post(at+"/ship", "order", "none", "version", "1").status)
		require.Equal(t, 422, wes.post(at+"/ship", "order", string(o.ID)).status, "no version")
		long := wes.post(at+"/ship", append(form[:6:6], own+"tracking", strings.Repeat("x", 1000))...)
		require.Equal(t, 422, long.status)
		require.Contains(t, long.body, `id="e-`+string(o.ID)+`-tracking"`)
		early := wes.post(at+"/complete", form[:4]...)
		require.Equal(t, 409, early.status)
		require.Contains(t, early.body, "The order has moved on")

		sent := wes.post(at+"/ship", form...)
		require.Contains(t, sent.body, "Noted as sent.")
		require.Contains(t, sent.body, "1Z 999")
		twice := wes.post(at+"/ship", form...)
		require.Equal(t, 409, twice.status)
		require.Contains(t, twice.body, "The order changed meanwhile")
		require.Contains(t, buyer.get(path).body, "s-shipped")

		version := wes.get(at).find(t, `action="/staff/orders/`+g.Number+`/complete"[^>]*><input[^>]*><input type="hidden" name="version" value="(\d+)"`)
		arrived := wes.post(at+"/complete", "order", string(o.ID), "version", version)
		require.Contains(t, arrived.body, "Noted as delivered.")
		require.Equal(t, order.StateCompleted, h.again(g).Orders[0].State)
		h.sound()
	})
}

func TestNothingUnpaidCountsAsDelivered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	noor := h.employee(seed.Staff().Email, seed.Staff().Password)
	g, _, _ := h.bought("cod")
	at := "//staff/orders/" + g.Number
	o := string(g.Orders[0].ID)
	require.Equal(t, 200, noor.post(at+"/ship", "order", o, "version", strconv.FormatInt(g.Orders[0].Version, 10)).status)
	require.NotContains(t, noor.get(at).body, "Mark as delivered")
	a := noor.post(at+"/complete", "order", o, "version", strconv.FormatInt(h.again(g).Orders[0].Version, 10))
	require.Equal(t, 409, a.status)
	require.Contains(t, a.body, "Nobody has paid for it yet")
	noor.get(at + "?lang=zh")
	a = noor.post(at+"/complete", "order", o, "version", strconv.FormatInt(h.again(g).Orders[0].Version, 10))
	require.Contains(t, a.body, "尚未收款")
	require.Equal(t, 404, noor.get(at+"/refunds/none").status)
	unpaid := noor.post(at+"/refunds/"+o, "delivery", "yes", "reason", "returned", "key", "k")
	require.Equal(t, 409, unpaid.status)
	require.Contains(t, unpaid.body, "无法退款")
	tried := h.intent(g).Attempts[0]
	paid := noor.post(at+"/receipts", "attempt", string(tried.ID), "outcome", "received", "amount", tried.Amount.Decimal(), "reference", "slip 1")
	require.Contains(t, paid.body, "标记为已送达")
}

func TestStaffRefundPieces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		g, buyer, path := h.paid(noor)
		o := g.Orders[0]
		at := "//staff/orders/" + g.Number + "/refunds/" + string(o.ID)
		pieces := "line." + string(o.Lines[0].ID) + ".quantity"

		h.hire("wes", access.Warehouse)
		require.Equal(t, 403, h.employee("wes", "boxes upon boxes").get(at).status)
		require.Contains(t, noor.get("//staff/orders/"+g.Number).body, `href="`+at[1:]+`"`)
		page := noor.get(at)
		key := page.find(t, `name="key" value="([^"]+)"`)
		send := func(pairs ...string) answer {
			return noor.post(at, append([]string{"key", key, "reason", "changed_mind"}, pairs...)...)
		}

		for _, n := range []string{"2", "-1", "x", "9223372036854775808"} {
			wrong := send(pieces, n)
			require.Equal(t, 422, wrong.status, n)
			require.Contains(t, wrong.body, "between 0 and 1", n)
		}
		require.Contains(t, send(pieces, "0").body, "Choose at least one piece")
		require.Equal(t, 422, noor.post(at, "key", key, "reason", "whim", pieces, "1").status)
		require.Equal(t, 422, noor.post(at, "reason", "changed_mind", pieces, "1").status, "no key")

		seen := send(pieces, "1")
		require.Equal(t, 200, seen.status)
		mark := seen.find(t, `name="seen" value="([^"]+)"`)
		require.Contains(t, seen.body, "Pay $")
		for _, other := range []answer{
			send(pieces, "1", "do", "refund", "seen", "another"),
			noor.post(at, "key", key, "reason", "unavailable", pieces, "1", "do", "refund", "seen", mark),
			send(pieces, "1", "do", "refund", "seen", mark, "delivery", "yes"),
		} {
			require.Equal(t, 409, other.status)
			require.Contains(t, other.body, "Another refund was shown than this would be by now")
			require.Contains(t, other.body, `name="seen"`, "it is shown now")
		}
		require.Equal(t, h.again(g), g, "nothing was done so far")

		cross, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+at[1:], strings.NewReader("key="+key+"&reason=changed_mind&do=refund&seen="+url.QueryEscape(mark)+"&"+pieces+"=1"))
		require.NoError(t, err)
		cross.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		cross.Header.Set("Sec-Fetch-Site", "cross-site")
		require.Equal(t, 403, noor.do(cross).status, "another site's form")

		done := send(pieces, "1", "do", "refund", "seen", mark)
		require.Equal(t, "/staff/orders/"+g.Number, done.path)
		require.Contains(t, done.body, "goes back to the buyer")
		require.Contains(t, done.body, "Refund of ")
		after := h.again(g)
		require.EqualValues(t, 1, after.Orders[0].Lines[0].Returned)
		for _, again := range []answer{send(pieces, "1", "do", "refund", "seen", mark), send(pieces, "1")} {
			require.Contains(t, again.body, "nothing was done twice")
		}
		require.Equal(t, after, h.again(g))
		reused := send("delivery", "yes", "do", "refund", "seen", mark)
		require.Equal(t, 409, reused.status)
		require.Contains(t, reused.body, "has already made another refund")
		require.Equal(t, 409, noor.post(at, "key", key, "reason", "unavailable", pieces, "1", "do", "refund", "seen", mark).status, "the key stands for another reason")
		spent := noor.post(at, "key", "another", "reason", "changed_mind", pieces, "1")
		require.Equal(t, 409, spent.status)
		require.Contains(t, spent.body, "Not as many pieces are left")
		require.Contains(t, buyer.get(path).body, `class="refund"`)
		h.sound()
	})
}

// Two employees look at one return, and one of them at an order that is sent
// meanwhile: each pays back what was shown, or is shown it anew.
func TestStaffPayBackNothingThatTheyDidNotSee(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		g, _, _ := h.paid(noor)
		o := g.Orders[0]
		at := "//staff/orders/" + g.Number + "/refunds/" + string(o.ID)
		form := func(reason string) []string {
			f := []string{"key", noor.get(at).find(t, `name="key" value="([^"]+)"`), "reason", reason, "line." + string(o.Lines[0].ID) + ".quantity", "1"}
			return append(f, "do", "refund", "seen", noor.post(at, f...).find(t, `name="seen" value="([^"]+)"`))
		}
		first := form("changed_mind")
		_, err := h.market.Orders.Ship(t.Context(), ref.Staff("test"), order.ShipInput{Target: order.Target{Group: g.ID, Order: o.ID}})
		require.NoError(t, err)
		sent := noor.post(at, first...)
		require.Equal(t, 422, sent.status)
		require.Contains(t, sent.body, "This does not fit the order as it stands now")
		require.NotContains(t, sent.body, `name="seen"`)

		mine, hers := form("returned"), form("returned")
		require.Contains(t, noor.post(at, mine...).body, "goes back to the buyer")
		late := noor.post(at, hers...)
		require.Equal(t, 409, late.status)
		refunds, err := h.market.Payments.RefundsOf(t.Context(), ref.Staff("test"), g.Intent)
		require.NoError(t, err)
		require.Len(t, refunds, 1)
		h.sound()
	})
}

// Of two merchants' parts that earned an offer together the second gives back
// what was kept back of the first: the page shows both before it pays them.
func TestStaffSeeAllThatGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		h.alone()
		p := off("ten", "Ten off", 1000)
		all := h.products("en")[:2]
		p.When = promo.Condition{Amount: &promo.AmountCondition{
			Min: money.New(all[0].Variants[0].Price.Minor()+all[1].Variants[0].Price.Minor(), "USD"),
		}}
		p.OnPartialRefund = promo.RefundClawBack
		h.live(p)
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		g, _, _ := h.paid(noor)
		sum := money.Zero("USD")
		for _, i := range []int{1, 0} {
			o := g.Orders[i]
			at := "//staff/orders/" + g.Number + "/refunds/" + string(o.ID)
			form := []string{"key", noor.get(at).find(t, `name="key" value="([^"]+)"`), "reason", "changed_mind", "line." + string(o.Lines[0].ID) + ".quantity", "1"}
			seen := noor.post(at, form...)
			amount := seen.find(t, `Pay (\$[0-9.,]+) back`)
			done := noor.post(at, append(form, "do", "refund", "seen", seen.find(t, `name="seen" value="([^"]+)"`))...)
			require.Contains(t, done.body, amount+" goes back to the buyer")
			refunds, err := h.market.Payments.RefundsOf(t.Context(), ref.Staff("test"), g.Intent)
			require.NoError(t, err)
			now := money.Zero("USD")
			for _, r := range refunds {
				now, err = now.Add(r.Amount)
				require.NoError(t, err)
			}
			sent, err := now.Sub(sum)
			require.NoError(t, err)
			require.Equal(t, sent.Format(ref.English), amount)
			sum = now
		}
		require.Contains(t, noor.get("//staff/orders/"+g.Number).body, "Refund of ")
		h.sound()
	})
}

func TestNothingIsSentThatWasPaidBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		g, _, _ := h.paid(noor)
		o, at := g.Orders[0], "//staff/orders/"+g.Number
		form := []string{"key", "k", "reason", "unavailable", "line." + string(o.Lines[0].ID) + ".quantity", "1"}
		seen := noor.post(at+"/refunds/"+string(o.ID), form...)
		done := noor.post(at+"/refunds/"+string(o.ID), append(form, "do", "refund", "seen", seen.find(t, `name="seen" value="([^"]+)"`))...)
		require.NotContains(t, done.body, string(o.ID)+".carrier", "no form to send it")
		require.Contains(t, done.body, "Cancelling ends this order")
		sent := noor.post(at+"/ship", "order", string(o.ID), "version", strconv.FormatInt(h.again(g).Orders[0].Version, 10))
		require.Equal(t, 409, sent.status)
		require.Contains(t, sent.body, "Everything of it was paid back")
		require.Equal(t, order.StateConfirmed, h.again(g).Orders[0].State)
		ended := noor.post(at+"/cancel", "order", string(o.ID), "version", strconv.FormatInt(h.again(g).Orders[0].Version, 10))
		require.NotContains(t, ended.body, "Cancelling ends this order")
		require.Equal(t, order.StateCanceled, h.again(g).Orders[0].State)
		h.sound()
	})
}

// What was not sent is in the house: nobody can have damaged or lost it on the
// way, and it is on sale again.
func TestWhyItIsPaidBackFitsWhetherItWasSent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		g, _, _ := h.paid(noor)
		o := g.Orders[0]
		at := "//staff/orders/" + g.Number + "/refunds/" + string(o.ID)
		pieces := "line." + string(o.Lines[0].ID) + ".quantity"
		before, after := []string{"changed_mind", "unavailable"}, []string{"returned", "damaged", "not_delivered"}
		offers := func(fit, unfit []string) {
			page := noor.get(at)
			for _, reason := range fit {
				require.Contains(t, page.body, `<option value="`+reason+`"`)
			}
			for _, reason := range unfit {
				require.NotContains(t, page.body, `<option value="`+reason+`"`)
				a := noor.post(at, "key", "another", "reason", reason, pieces, "1")
				require.Equal(t, 422, a.status, reason)
				require.Contains(t, a.body, `id="e-reason"`, reason)
				require.NotContains(t, a.body, `name="seen"`, reason)
			}
		}
		seen := func(form ...string) answer { return noor.post(at, form...) }
		pay := func(form ...string) answer {
			return noor.post(at, append(form, "do", "refund", "seen", seen(form...).find(t, `name="seen" value="([^"]+)"`))...)
		}
		const stocked = "these pieces go back into stock"

		offers(before, after)
		require.Contains(t, seen("key", "a", "reason", "unavailable", pieces, "1").body, stocked)
		delivery := []string{"key", "b", "reason", "unavailable", "delivery", "yes"}
		require.NotContains(t, seen(delivery...).body, stocked, "no pieces")
		require.Contains(t, pay(delivery...).body, "goes back to the buyer")

		_, err := h.market.Orders.Ship(t.Context(), ref.Staff("test"), order.ShipInput{Target: order.Target{Group: g.ID, Order: o.ID}})
		require.NoError(t, err)
		offers(after, before)
		require.Contains(t, seen(delivery...).body, "nothing was done twice", "it did fit")
		sold := h.onHand(&o)
		require.NotContains(t, seen("key", "a", "reason", "damaged", pieces, "1").body, stocked)
		require.Contains(t, pay("key", "a", "reason", "damaged", pieces, "1").body, "goes back to the buyer")
		require.Equal(t, sold, h.onHand(&o))
		h.sound()

		o = g.Orders[1]
		at, pieces, sold = "//staff/orders/"+g.Number+"/refunds/"+string(o.ID), "line."+string(o.Lines[0].ID)+".quantity", h.onHand(&o)
		require.Contains(t, pay("key", "c", "reason", "changed_mind", pieces, "1").body, "goes back to the buyer")
		require.Equal(t, sold+1, h.onHand(&o))
		h.sound()
	})
}
