package bunstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
)

// PostgreSQL keeps no NUL and no broken UTF-8: what a service lets through is
// the caller's fault, not the database's.
func TestTextThatPostgresRefuses(t *testing.T) {
	t.Parallel()
	stores := backendtest.Postgres().Open(t)
	for _, id := range []string{"\xff", "a\x00b"} {
		_, err := stores.Orders.Get(t.Context(), ref.GroupID(id))
		require.ErrorIs(t, err, fault.Invalid)
		require.Equal(t, "storage.text", fault.CodeOf(err))
	}
}
