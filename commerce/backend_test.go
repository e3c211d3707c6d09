package commerce_test

import (
	"testing"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// open returns the configuration of an empty shop, with a bank that approves of
// everything.
func open(t *testing.T, on backendtest.Backend) commerce.Config {
	t.Helper()
	return commerce.Config{Stores: on.Open(t), Gateways: []payment.Gateway{fakepay.New().Gateway()}}
}

// onEach runs a test on every backend.
func onEach(t *testing.T, test func(t *testing.T, cfg commerce.Config)) {
	t.Helper()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		test(t, open(t, on))
	})
}
