package payment_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/payment"
)

func TestHMAC(t *testing.T) {
	t.Parallel()
	h := payment.HMAC{Name: "Shop", Secrets: [][]byte{[]byte("new"), []byte("old")}, Tolerance: time.Minute}
	body := []byte(`{"a":1}`)
	now := start()
	raw := payment.RawRequest{Header: h.Sign(now, body), Body: body}
	require.NoError(t, h.Verify(now.Add(time.Minute), raw))
	old := payment.HMAC{Name: "Shop", Secrets: h.Secrets[1:], Tolerance: time.Minute}
	require.NoError(t, h.Verify(now, payment.RawRequest{Header: old.Sign(now, body), Body: body}))
	for name, bad := range map[string]payment.RawRequest{
		"no headers":     {Body: body},
		"no signature":   {Header: http.Header{"Shop-Time": raw.Header["Shop-Time"]}, Body: body},
		"another body":   {Header: raw.Header, Body: []byte(`{"a":2}`)},
		"another secret": {Header: payment.HMAC{Name: "Shop", Secrets: [][]byte{[]byte("x")}}.Sign(now, body), Body: body},
		"another time": {Header: http.Header{
			"Shop-Time": {"1773489601"}, "Shop-Signature": raw.Header["Shop-Signature"],
		}, Body: body},
	} {
		require.ErrorIs(t, h.Verify(now, bad), payment.Auth, name)
	}
	require.ErrorIs(t, h.Verify(now.Add(61*time.Second), raw), payment.Auth, "too old")
	require.ErrorIs(t, h.Verify(now.Add(-61*time.Second), raw), payment.Auth, "from the future")
}
