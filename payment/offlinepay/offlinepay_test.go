package offlinepay_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/payment/paymenttest"
)

func secrets() [][]byte { return [][]byte{[]byte("a secret of the staff's pages")} }

func eur(minor int64) money.Money { return money.New(minor, "EUR") }

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, kind := range []offlinepay.Kind{offlinepay.Transfer, offlinepay.CashOnDelivery} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			paymenttest.Run(t, paymenttest.Harness{
				Open: func(t paymenttest.T) paymenttest.Rig { return rig(t, kind) },
				Lacks: []paymenttest.Lack{
					paymenttest.Instant, paymenttest.Decline, paymenttest.Action, paymenttest.Query, paymenttest.Memory,
					paymenttest.Expiry, paymenttest.Capture, paymenttest.Refund, paymenttest.PartialRefund,
					paymenttest.Trouble, paymenttest.Books,
				},
			})
		})
	}
}

func rig(t paymenttest.T, kind offlinepay.Kind) paymenttest.Rig {
	c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	gw, err := offlinepay.New(offlinepay.Config{
		Kind: kind, Secrets: secrets(), Clock: c, Currencies: []money.Currency{"EUR"}, Min: 100,
		Show: map[string]string{"iban": "DE02120300000000202051"},
	})
	require.NoError(t, err)
	other, err := offlinepay.New(offlinepay.Config{Kind: kind, Secrets: [][]byte{[]byte("another merchant's secret")}, Clock: c})
	require.NoError(t, err)
	receipt := func(number string) offlinepay.Receipt {
		return offlinepay.Receipt{Number: number, Amount: eur(1999), Reference: "stmt 7", Staff: "ann"}
	}
	return paymenttest.Rig{
		Gateway: gw, Amount: eur(1999), Clock: c,
		Notice:  func(number string) (payment.RawRequest, error) { return gw.Received(receipt(number)), nil },
		Foreign: func(number string) (payment.RawRequest, error) { return other.Received(receipt(number)), nil },
	}
}

func TestTransferShowsWhereTo(t *testing.T) {
	t.Parallel()
	gw, err := offlinepay.New(offlinepay.Config{
		Kind: offlinepay.Transfer, Secrets: secrets(), Show: map[string]string{"iban": "DE02"}, Max: 5000,
	})
	require.NoError(t, err)
	require.Equal(t, "transfer", gw.Caps().Code)
	require.Equal(t, payment.TermsTransfer, gw.Caps().Terms)
	out, err := gw.Pay(t.Context(), payment.PayRequest{Number: "PA1", Amount: eur(1999)})
	require.NoError(t, err)
	require.Equal(t, payment.AttemptPending, out.State)
	require.Equal(t, payment.Action{
		Kind: payment.ActionShow, Params: map[string]string{"iban": "DE02", "reference": "PA1"},
	}, out.Action)
	_, err = gw.Pay(t.Context(), payment.PayRequest{Number: "PA1", Amount: eur(5001)})
	require.Equal(t, payment.Unsupported, payment.ClassOf(err))
}

func TestWhatStaffSays(t *testing.T) {
	t.Parallel()
	gw, err := offlinepay.New(offlinepay.Config{Kind: offlinepay.CashOnDelivery, Secrets: secrets()})
	require.NoError(t, err)
	require.Equal(t, "cod", gw.Caps().Code)
	require.Equal(t, payment.TermsOnDelivery, gw.Caps().Terms)
	r := offlinepay.Receipt{Number: "PA1", Amount: eur(5), Reference: "slip 1", Staff: "ann"}
	parse := func(raw payment.RawRequest) payment.Message {
		n, err := gw.ParseNotify(t.Context(), raw)
		require.NoError(t, err)
		require.Len(t, n.Messages, 1)
		return n.Messages[0]
	}
	received, refused, back := parse(gw.Received(r)), parse(gw.Refused(r)), parse(gw.PaidBack(r))
	require.Equal(t, payment.AttemptCaptured, received.Payment.State)
	require.Equal(t, "slip 1", received.Payment.ProviderRef)
	require.Equal(t, payment.AttemptDeclined, refused.Payment.State)
	require.Equal(t, payment.MessageRefund, back.Kind)
	require.Equal(t, payment.RefundSucceeded, back.Refund.State)
	require.NotEqual(t, received.Key, refused.Key)

	r.Reference = ""
	_, err = gw.ParseNotify(t.Context(), gw.Received(r))
	require.Equal(t, payment.Invalid, payment.ClassOf(err), "a receipt names where it can be looked up")

	other, err := offlinepay.New(offlinepay.Config{Kind: offlinepay.Transfer, Secrets: secrets()})
	require.NoError(t, err)
	r.Reference = "x"
	_, err = gw.ParseNotify(t.Context(), other.Received(r))
	require.Equal(t, payment.Auth, payment.ClassOf(err), "one secret, two gateways: a receipt is for one of them")
}

func TestConfig(t *testing.T) {
	t.Parallel()
	_, err := offlinepay.New(offlinepay.Config{})
	require.ErrorIs(t, err, fault.Invalid)
	require.ErrorContains(t, err, "Kind")
	require.ErrorContains(t, err, "Secrets")
	_, err = offlinepay.New(offlinepay.Config{Kind: offlinepay.Transfer, Secrets: [][]byte{[]byte("short")}})
	require.ErrorIs(t, err, fault.Invalid)
}
