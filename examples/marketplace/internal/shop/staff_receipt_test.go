package shop_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
)

// paidBack has an employee pay back by hand what a page says has to be.
func (a answer) paidBack(t *testing.T, clerk *visitor, at, reference string) {
	t.Helper()
	id := a.find(t, `name="refund" value="([^"]+)"`)
	require.Contains(t, clerk.post(at+"/paid-back", "refund", id, id+".reference", reference).body, "Noted as paid back.")
}

// Two parcels are on the road for one sum on delivery, and the first comes
// back: another sum is waited for, but the courier may hand the first one in.
func TestStaffBookTheSumThatWasToBeCollectedBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		g, _, _ := h.bought("cod")
		at := "//staff/orders/" + g.Number
		target := func(place int) []string {
			o := h.again(g).Orders[place]
			return []string{"order", string(o.ID), "version", strconv.FormatInt(o.Version, 10)}
		}
		for place := range g.Orders {
			require.Equal(t, 200, noor.post(at+"/ship", target(place)...).status)
		}
		require.NotContains(t, noor.get(at).body, "Other attempts to pay")
		require.Contains(t, noor.post(at+"/take-back", target(0)...).body, "the goods are back in stock")
		tries := h.intent(g).Attempts
		require.Len(t, tries, 2)
		first, second := tries[0], tries[1]
		require.Equal(t, payment.AttemptClosed, first.State)
		say := func(a payment.Attempt, pairs ...string) answer {
			return noor.post(at+"/receipts", append([]string{"attempt", string(a.ID), "outcome", "received", "amount", a.Amount.Decimal()}, pairs...)...)
		}

		page := noor.get(at)
		waits, earlier, folded := strings.Cut(page.body, `<details class="receipt">`)
		require.True(t, folded)
		require.Contains(t, waits, `name="attempt" value="`+string(second.ID)+`"`)
		require.Contains(t, waits, `value="refused"`)
		require.NotContains(t, waits, "money that comes for it goes back")
		require.Contains(t, earlier, `name="attempt" value="`+string(first.ID)+`"`)
		require.Contains(t, earlier, first.Number)
		require.Contains(t, earlier, first.Amount.Format(ref.English))
		require.Contains(t, earlier, "money that comes for it goes back")
		require.NotContains(t, earlier, `value="refused"`, "it was given up already")
		wrong := say(first, "reference", "")
		require.Equal(t, 422, wrong.status)
		require.Contains(t, wrong.body, `<details class="receipt" open>`)
		require.Contains(t, wrong.body, `id="e-`+string(first.ID)+`-reference"`)
		require.NotContains(t, wrong.body, `id="e-reference"`)

		late := say(first, "reference", "slip 1")
		require.Contains(t, late.body, "so the money goes back")
		require.Contains(t, late.body, "Came when nobody waited for it any more")
		require.Equal(t, []payment.CaseReason{payment.CaseManualRefund}, h.cases(g))
		require.Equal(t, 200, say(first, "reference", "slip 1").status, "the same form again")
		require.Equal(t, 409, say(first, "reference", "slip 2").status, "another word")
		require.Equal(t, order.PaymentUnpaid, h.again(g).Orders[1].Payment)
		h.sound()
		late.paidBack(t, noor, at, "41/9")
		require.Contains(t, say(second, "reference", "slip 3").body, "The order is paid")
		require.Equal(t, order.PaymentPaid, h.again(g).Orders[1].Payment)
		require.Empty(t, h.cases(g))
		h.sound()
	})
}

// A buyer begins a second transfer, and the money of the first arrives, before
// or after a worker has closed the second; and then that of the second too.
func TestStaffBookTheTransferThatWasBegunFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		t.Helper()
		noor := h.employee(seed.Staff().Email, seed.Staff().Password)
		for _, swept := range []bool{false, true} {
			g, buyer, path := h.bought("transfer")
			at := "//staff/orders/" + g.Number
			require.Equal(t, 200, buyer.post(path+"/pay").status)
			tries := h.intent(g).Attempts
			require.Len(t, tries, 2)
			say := func(a payment.Attempt, reference string) answer {
				return noor.post(at+"/receipts", "attempt", string(a.ID), "outcome", "received", "amount", a.Amount.Decimal(), "reference", reference)
			}
			page := noor.get(at)
			require.Less(t, strings.Index(page.body, string(tries[1].ID)), strings.Index(page.body, string(tries[0].ID)), "the newest first")
			require.NotContains(t, page.body, "money that comes for it goes back", "either pays the order")

			paid := say(tries[0], "41/7")
			require.Contains(t, paid.body, "The order is paid")
			require.NotContains(t, paid.body, "Came when nobody waited", "it pays the order")
			require.NotContains(t, paid.body, `id="receipt"`, "nobody waits for anything")
			require.Contains(t, buyer.get(path).body, "p-paid")
			require.NotContains(t, noor.get("//staff/orders").body, `href="/staff/orders/`+g.Number+`#receipt"`)
			require.Empty(t, h.cases(g))
			if swept {
				_, err := h.market.Payments.Sweep(t.Context(), 0)
				require.NoError(t, err)
				require.Equal(t, payment.AttemptClosed, h.intent(g).Attempts[1].State)
			}
			h.sound()
			require.Contains(t, noor.get(at).body, `<details class="receipt">`)

			twice := say(tries[1], "41/8")
			require.Contains(t, twice.body, "so the money goes back")
			require.Equal(t, []payment.CaseReason{payment.CaseManualRefund}, h.cases(g))
			require.Equal(t, order.PaymentPaid, h.again(g).Orders[0].Payment)
			twice.paidBack(t, noor, at, "41/9")
			require.Empty(t, h.cases(g))
			require.Equal(t, order.PaymentPaid, h.again(g).Orders[0].Payment)
			h.sound()
		}
	})
}

// Of two employees who say something else of the same money at once the second
// is told that his word was not taken.
func TestOneWordIsTakenOfTwoAtOnce(t *testing.T) {
	t.Parallel()
	meanwhile := func() {}
	h := newHouse(t, storage.Intercept(openMemory(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		if c.Name() == "PaymentNotices.Insert" {
			once := meanwhile
			meanwhile = func() {}
			once()
		}
		return next(ctx)
	}))
	noor, bo := h.employee(seed.Staff().Email, seed.Staff().Password), h.employee(seed.Staff().Email, seed.Staff().Password)
	g, _, _ := h.bought("transfer")
	at := "//staff/orders/" + g.Number
	tried := h.intent(g).Attempts[0]
	receipt := func(clerk *visitor, reference string) answer {
		return clerk.post(at+"/receipts", "attempt", string(tried.ID), "outcome", "received", "amount", tried.Amount.Decimal(), "reference", reference)
	}
	var first answer
	meanwhile = func() { first = receipt(noor, "41/7") }
	second := receipt(bo, "41/8")
	require.Contains(t, first.body, "The order is paid")
	require.Equal(t, 409, second.status)
	require.Contains(t, second.body, "Nobody waits for this money")
	require.Equal(t, []payment.CaseReason{payment.CaseTwoPayments}, h.cases(g), "it may be another payment")

	o := h.again(g).Orders[0]
	id := noor.post(at+"/cancel", "order", string(o.ID), "version", strconv.FormatInt(o.Version, 10)).find(t, `name="refund" value="([^"]+)"`)
	back := func(clerk *visitor, reference string) answer {
		return clerk.post(at+"/paid-back", "refund", id, id+".reference", reference)
	}
	meanwhile = func() { first = back(noor, "41/9") }
	second = back(bo, "41/10")
	require.Contains(t, first.body, "Noted as paid back.")
	require.Equal(t, 409, second.status)
	require.Contains(t, second.body, "Nobody waits for this money")
	require.Contains(t, second.body, "41/9")
	require.Equal(t, 200, back(noor, "41/9").status, "the same word again")
	h.sound()
}
