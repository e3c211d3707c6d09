package outbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/storage"
)

// onEach runs a test against fresh stores of every backend.
func onEach(t *testing.T, run func(t *testing.T, s storage.Stores)) {
	t.Helper()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		run(t, on.Open(t))
	})
}

// newNode returns an outbox as another process of the cluster would have it.
func newNode(t *testing.T, s storage.Stores, change ...func(*outbox.Config)) *outbox.Outbox {
	t.Helper()
	cfg := outbox.Config{
		Units: s.Units, Events: s.Events, Cursors: s.Cursors, Letters: s.Letters, Leases: s.Leases,
		Retention: 100 * 365 * 24 * time.Hour, // records are of a certain day, whatever the day is
	}
	for _, fn := range change {
		fn(&cfg)
	}
	o, err := outbox.New(cfg)
	require.NoError(t, err)
	return o
}
